"""What the store knows of an application as a whole and of each of its stages, read once for facts, rules and money."""
