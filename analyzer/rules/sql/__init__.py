"""Faults of query plans."""
