"""Faults of reading from storage."""
