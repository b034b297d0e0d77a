"""The weekly digest of a team: built once from stored numbers, kept, and rendered as text, Markdown or an HTML mail."""
