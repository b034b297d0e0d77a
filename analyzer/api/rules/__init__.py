"""Rules: what is looked for, and the page of each."""
