"""Reads one bucket once and writes another over S3A: `reads_s3a.py FROM TO`. No Python code runs in tasks.

Once, since Hadoop 3.5's analytics streams share what they fetched of an object within a process, and count the requests of an object that
is opened again on the stream that opened it first, which is closed by then: they are in no statistics.
"""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

source, target = sys.argv[1:3]
spark = SparkSession.builder.appName("reads s3a").getOrCreate()
counted = spark.read.parquet(source).groupBy("kind").agg(F.sum("value").alias("total"), F.count("*").alias("n")).cache()
print("rows", counted.agg(F.sum("n")).collect()[0][0])
counted.write.mode("overwrite").parquet(target)
spark.stop()
