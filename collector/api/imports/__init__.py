"""Imports: what the command line needs to import event logs while a server owns the store."""
