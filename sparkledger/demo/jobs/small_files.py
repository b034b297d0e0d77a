"""A job that reads a table of many small files."""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F


def main(table: str) -> None:
    spark = SparkSession.builder.appName("demo-small-files").getOrCreate()
    print("events per kind:", spark.read.parquet(table).groupBy("kind").agg(F.sum("value")).count())
    spark.stop()


main(sys.argv[1])
