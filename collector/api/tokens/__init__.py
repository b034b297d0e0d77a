"""Tokens: created, listed and revoked by whoever holds an admin token."""
