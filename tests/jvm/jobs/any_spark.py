"""An application without Python code in tasks, so that it runs on every Spark whatever the Python: `any_spark.py DIRECTORY`."""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = SparkSession.builder.appName("any spark --token=hunter4").getOrCreate()
table = f"{sys.argv[1]}/table"
spark.range(0, 200_000, 1, 6).withColumn("kind", F.col("id") % 7).write.partitionBy("kind").parquet(table)
read = spark.read.parquet(table).where("kind > 2").cache()
print("cached", read.count(), read.groupBy("kind").count().count())
joined = read.join(spark.range(0, 5_000).withColumnRenamed("id", "kind"), "kind")
print("joined", joined.groupBy("kind").agg(F.countDistinct("id").alias("n")).orderBy("kind").collect()[0]["n"])
spark.sparkContext.setJobGroup("failure", "a job that fails with secret=hunter3")
try:
    spark.range(10).selectExpr("id", "raise_error(concat('no luck: token=hunter2 ', id))").collect()
except Exception:
    print("failed as expected")
spark.stop()
