"""A join on a key that a third of the rows share, with the skew handling of adaptive execution switched off."""

from __future__ import annotations

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

ROWS = 24_000_000
PARTITIONS = 24
HOT_KEY_SHARE = 0.6


def main() -> None:
    spark = (
        SparkSession.builder.appName("demo-skewed-join")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.autoBroadcastJoinThreshold", "-1")
        .config("spark.sql.shuffle.partitions", PARTITIONS)
        .getOrCreate()
    )
    key = F.when(F.rand(seed=1) < HOT_KEY_SHARE, F.lit(1)).otherwise((F.rand(seed=2) * 100_000).cast("long"))
    clicks = spark.range(0, ROWS, 1, PARTITIONS).withColumn("customer", key).withColumn("price", F.rand(seed=3))
    customers = spark.range(0, 100_000).withColumnRenamed("id", "customer").withColumn("rate", F.rand(seed=4))
    joined = clicks.join(customers, "customer").select(
        (F.col("price") * F.col("rate")).alias("paid"), F.sha2(F.col("id").cast("string"), 512).alias("receipt")
    )
    print("revenue:", joined.agg(F.sum("paid"), F.max("receipt")).collect()[0][0])
    spark.stop()


main()
