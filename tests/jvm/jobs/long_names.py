"""An application, a stage and an RDD with secrets in their names; the RDD's is as long as a list of many paths."""

from __future__ import annotations

from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("names --password=hunter2").getOrCreate()
context = spark.sparkContext._jsc
numbers = spark._jvm.java.util.ArrayList()
numbers.add(1)
context.setCallSite("count of token=hunter3")
print(context.parallelize(numbers, 1).setName("s3://user:hunter4@lake/" + "p" * 300_000).count())
spark.stop()
