"""Faults of how many executors, and how large, an application is given."""
