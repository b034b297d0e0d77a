"""Faults that keep the cluster waiting for the driver, or the driver short of memory."""
