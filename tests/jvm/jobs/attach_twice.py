"""Attaches the listener to a session that has run a job already, twice, and runs another job: `attach_twice.py URL JAR`."""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

from listener.attach import attach
from listener.errors import AttachError

spark = SparkSession.builder.appName("attached late").getOrCreate()
spark.range(0, 10, 1, 3).count()
print(attach(spark, sys.argv[1], jar=sys.argv[2], team="data", pipeline="late"))
print(attach(spark, sys.argv[1], jar=sys.argv[2]))
spark.range(0, 10, 1, 5).count()
spark.stop()
try:
    attach(spark, sys.argv[1], jar=sys.argv[2])
except AttachError as error:
    print(error.message)
