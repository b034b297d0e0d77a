"""A job of few, long, even tasks: nothing is skewed, but a reclaimed Spot instance would lose each of them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from pyspark.sql import SparkSession

TASKS = 4
TASK_S = 18


def work(partition: Iterable[int]) -> Iterator[int]:
    end = time.monotonic() + TASK_S
    rounds = 0
    while time.monotonic() < end:
        rounds += 1
    yield sum(partition)


def main() -> None:
    spark = SparkSession.builder.appName("demo-long-tasks").getOrCreate()
    print("sum:", spark.sparkContext.parallelize(range(1000), TASKS).mapPartitions(work).sum())
    spark.stop()


main()
