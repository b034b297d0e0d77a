"""Settings that contradict each other or do nothing."""
