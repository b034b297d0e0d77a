"""Whether every class, method and field that the listener's jar names exists in a Spark's jars."""
