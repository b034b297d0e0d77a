"""Faults of how finely work is cut."""
