"""Faults of memory use within executors."""
