"""Where the core time of an application went."""
