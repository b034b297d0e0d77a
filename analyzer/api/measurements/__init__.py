"""What the plugin measured in executors and in the driver."""
