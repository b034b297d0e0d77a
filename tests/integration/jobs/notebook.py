"""A notebook's cells: a session that runs already is attached, runs a query, and is looked up: `notebook.py URL`.

Prints what `attach` says, the query's result and, once they are on the API, name and tasks of the run.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any
from urllib.request import urlopen

from pyspark.sql import SparkSession

from listener.attach import attach, detach


def asked(path: str) -> Any:
    """An answer of the API."""
    with urlopen(f"{sys.argv[1]}/api/v1{path}") as answer:
        return json.load(answer)


spark = SparkSession.builder.master("local[2]").appName("notebook").config("spark.ui.enabled", "false").getOrCreate()
spark.range(1_000).count()

print(attach(spark, team="growth"))
print(spark.range(0, 100_000, 1, 8).selectExpr("id % 10 AS key").groupBy("key").count().count())

deadline = time.monotonic() + 900
runs: list[dict[str, Any]] = []
stages: list[dict[str, Any]] = []
while not any(stage["tasks_succeeded"] == 8 for stage in stages) and time.monotonic() < deadline:
    time.sleep(0.5)
    runs = asked("/applications?team=growth")["applications"]
    stages = asked(f"/applications/{runs[0]['app_id']}/stages")["stages"] if runs else []
print(runs[0]["name"], runs[0]["app_id"] == spark.sparkContext.applicationId, max(stage["tasks_succeeded"] for stage in stages))
print(detach(spark))
spark.stop()
