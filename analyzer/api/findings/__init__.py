"""Findings: of one application, and across applications."""
