"""Adds the listener when the start of the application is over, so that it never hears of it; Spark's queue can drop that event."""

from __future__ import annotations

from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("late").getOrCreate()
context = spark.sparkContext._jsc.sc()
context.addSparkListener(spark._jvm.io.sparkledger.SparkledgerListener(context.getConf()))
print(spark.range(0, 10, 1, 5).selectExpr("id % 3 AS key").where("key > 0").groupBy("key").count().count())
spark.stop()
