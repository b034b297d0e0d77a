"""Runs jobs before and after a point where it waits to be told, and ends with a status of its own: `… STATUS FOLDER`.

The folder gets `reached` at that point; the application goes on once `go` is there. `stop_s` holds how long Spark took to stop.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from pyspark.sql import SparkSession

PATIENCE_S = 600.0

status, folder = int(sys.argv[1]), Path(sys.argv[2])
spark = SparkSession.builder.appName("meets a dying collector").getOrCreate()
print("before:", spark.range(0, 1_000, 1, 8).selectExpr("sum(id * 7)").collect()[0][0])
(folder / "reached").touch()
deadline = time.monotonic() + PATIENCE_S
while not (folder / "go").exists() and time.monotonic() < deadline:
    time.sleep(0.02)
print("after:", spark.range(0, 6_000, 1, 6).selectExpr("id % 3 AS kind").groupBy("kind").count().orderBy("kind").collect())
started = time.monotonic()
spark.stop()
(folder / "stop_s").write_text(str(time.monotonic() - started))
sys.exit(status)
