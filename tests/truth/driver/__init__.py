"""What runs within a Spark driver; it imports nothing beyond the standard library and PySpark."""
