"""When tasks ran, and how long a stage would have taken with other tasks."""
