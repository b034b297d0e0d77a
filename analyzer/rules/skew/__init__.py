"""Faults of how work is spread over tasks."""
