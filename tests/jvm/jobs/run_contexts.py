"""Runs one small job in each of several Spark contexts, one after another in one JVM.

`run_contexts.py CONTEXTS.json RESULTS.json`: the first lists objects with `name`, `conf`, `tasks` and optionally `master`,
`large_stages`, a number of stages whose events take 100 kB each, and `touch`, a file to make once all is done. Standard output gets one
line a context. The results say how long each took to stop.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession


def run(context: dict) -> dict:
    conf = SparkConf().setAppName(context["name"]).setMaster(context.get("master", "local[2]"))
    for key, value in context["conf"].items():
        conf.set(key, value)
    spark = SparkSession(SparkContext(conf=conf))
    tasks = context["tasks"]
    groups = spark.range(0, tasks * 10, 1, tasks).selectExpr("id % 7 AS key").groupBy("key").count().collect()
    for _ in range(context.get("large_stages", 0)):
        named = [spark.sparkContext.parallelize([1], 1).setName("n" * 2_000) for _ in range(50)]  # longer names are cut
        spark.sparkContext.union(named).coalesce(2).count()
    print(context["name"], sum(row["count"] for row in groups), flush=True)
    if "touch" in context:
        Path(context["touch"]).touch()
    started = time.monotonic()
    application = spark.sparkContext.applicationId
    spark.stop()
    return {"stop_s": time.monotonic() - started, "app_id": application}


contexts = json.loads(Path(sys.argv[1]).read_text())
results = {context["name"]: run(context) for context in contexts}
Path(sys.argv[2]).write_text(json.dumps(results))
