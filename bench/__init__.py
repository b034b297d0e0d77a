"""Benchmarks: each prints a table and records its figures. Run with `python -m bench NAME`."""
