"""Digests: the week of a team, in four formats."""
