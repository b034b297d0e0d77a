"""Faults that make Spot capacity costly."""
