"""A notebook's cells: a session that runs already is attached, runs a query, and is looked up: `notebook.py URL`.

Prints what `attach` says, the query's result and, once they are on the API, name and tasks of the run.
"""

from __future__ import annotations

import json
import sys
import time
from urllib.request import urlopen

from pyspark.sql import SparkSession

from listener.attach import attach, detach

spark = SparkSession.builder.master("local[2]").appName("notebook").config("spark.ui.enabled", "false").getOrCreate()
spark.range(1_000).count()

print(attach(spark, team="growth"))
print(spark.range(0, 100_000, 1, 8).selectExpr("id % 10 AS key").groupBy("key").count().count())

with urlopen(f"{sys.argv[1]}/api/v1/applications?team=growth") as answer:
    (run,) = json.load(answer)["applications"]
deadline = time.monotonic() + 120
stages: list[dict[str, object]] = []
while not any(stage["tasks"] == 8 for stage in stages) and time.monotonic() < deadline:
    time.sleep(0.5)
    with urlopen(f"{sys.argv[1]}/api/v1/applications/{spark.sparkContext.applicationId}/stages") as answer:
        stages = json.load(answer)["stages"]
print(run["name"], run["app_id"] == spark.sparkContext.applicationId, max(stage["tasks"] for stage in stages))
print(detach(spark))
spark.stop()
