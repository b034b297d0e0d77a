"""What several applications read alike."""
