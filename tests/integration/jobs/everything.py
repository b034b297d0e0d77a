"""A Spark application that makes every kind of event that the store keeps; ends by writing what Spark's REST API says of it."""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from pathlib import Path

from pyspark import TaskContext
from pyspark.sql import SparkSession
from pyspark.sql import functions as F


def fail_first_attempt(number: int) -> int:
    context = TaskContext.get()
    if context is not None and context.attemptNumber() == 0 and number % 3 == 0:
        raise ValueError("first attempt fails: token=hunter2")
    return number


def fail_always(number: int) -> int:
    raise RuntimeError("always fails")


def run_everything(spark: SparkSession, workspace: str) -> None:
    sc = spark.sparkContext
    table = f"{workspace}/table"
    spark.range(0, 200_000, 1, 6).withColumn("kind", F.col("id") % 7).write.mode("overwrite").partitionBy("kind").parquet(table)
    read = spark.read.parquet(table).where("kind > 2")
    cached = read.cache()
    print("cached rows:", cached.count(), cached.groupBy("kind").count().count())
    joined = read.join(spark.range(0, 5_000).withColumnRenamed("id", "kind"), "kind")
    print("joined rows:", joined.groupBy("kind").agg(F.countDistinct("id")).orderBy("kind").collect()[0])
    sc.setJobGroup("retries", "a job whose tasks fail once")
    print("retried sum:", sc.parallelize(range(12), 6).map(fail_first_attempt).sum())
    sc.setJobGroup("failure", "a job that fails")
    try:
        sc.parallelize(range(4), 2).map(fail_always).collect()
    except Exception as error:
        print("failed as expected:", type(error).__name__)
    sc.setLocalProperty("spark.jobGroup.id", None)
    print("shuffled:", sc.parallelize(range(10_000), 4).map(lambda n: (n % 10, n)).groupByKey(3).mapValues(len).count())


def rest(spark: SparkSession) -> dict[str, object]:
    base = f"{spark.sparkContext.uiWebUrl}/api/v1/applications/{spark.sparkContext.applicationId}"

    def get(path: str) -> object:
        with urllib.request.urlopen(base + path, timeout=300) as response:
            return json.load(response)

    return {"jobs": get("/jobs"), "stages": get("/stages"), "executors": get("/allexecutors")}


def main(workspace: str) -> None:
    spark = SparkSession.builder.appName("everything").config("spark.ui.port", "0").getOrCreate()
    run_everything(spark, workspace)
    time.sleep(3)  # Spark's own status store settles behind its listener queue
    Path(workspace, "rest.json").write_text(json.dumps(rest(spark) | {"app_id": spark.sparkContext.applicationId}))
    spark.stop()


main(sys.argv[1])
