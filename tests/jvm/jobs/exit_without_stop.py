"""Ends while a job runs, without stopping Spark: the JVM's exit hooks do."""

from __future__ import annotations

import threading
import time

from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("left running").getOrCreate()
spark.range(0, 10, 1, 4).count()


def sleep_in_a_task() -> None:
    spark.sparkContext.parallelize([60], 1).map(time.sleep).collect()


threading.Thread(target=sleep_in_a_task, daemon=True).start()
while not spark.sparkContext.statusTracker().getActiveStageIds():
    time.sleep(0.05)
print("leaving", flush=True)
