"""A job with nothing to complain of: even partitions, busy cores, columns and rows pruned before they are read."""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

ROWS = 40_000_000
PARTITIONS = 32


def main(workspace: str) -> None:
    spark = SparkSession.builder.appName("demo-healthy").getOrCreate()
    orders = f"{workspace}/healthy-orders"
    (
        spark.range(0, ROWS, 1, PARTITIONS)
        .withColumn("customer", F.col("id") % 5_000)
        .withColumn("amount", F.rand(seed=7) * 100)
        .write.mode("overwrite")
        .parquet(orders)
    )
    for threshold in (10, 20):
        totals = spark.read.parquet(orders).where(F.col("amount") > threshold).groupBy("customer").agg(F.sum("amount").alias("total"))
        print(f"customers with an order above {threshold}:", totals.count())
    spark.stop()


main(sys.argv[1])
