"""A job that asks for four executors and has work for one: two partitions at a time, and a driver that thinks in between."""

from __future__ import annotations

import time

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

ROUNDS = 4
DRIVER_PAUSE_S = 5


def main() -> None:
    spark = SparkSession.builder.appName("demo-over-provisioned").getOrCreate()
    for round_number in range(ROUNDS):
        hashes = spark.range(0, 2_000_000, 1, 1).select(F.max(F.sha2(F.col("id").cast("string"), 256)))
        print("round", round_number, hashes.collect()[0][0][:12])
        time.sleep(DRIVER_PAUSE_S)
    spark.stop()


main()
