"""Work that was paid for and thrown away."""
