"""Faults of how far work is spread."""
