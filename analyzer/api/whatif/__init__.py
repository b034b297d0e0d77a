"""What an application would have taken and cost on other executors."""
