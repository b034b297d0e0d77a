"""Runs one small job after another until a file appears: `rounds.py DIRECTORY`.

After each round `DIRECTORY/round` says how many there were. `DIRECTORY/stop` ends the application, `DIRECTORY/exit` its JVM with
status 3.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from pyspark.sql import SparkSession

directory = Path(sys.argv[1])
spark = SparkSession.builder.appName("rounds").getOrCreate()
rounds = 0
while not (directory / "stop").exists():
    spark.range(0, 100, 1, 10).selectExpr("id % 7 AS key").groupBy("key").count().collect()
    rounds += 1
    (directory / "next").write_text(str(rounds))
    (directory / "next").rename(directory / "round")
    if (directory / "exit").exists():
        print("leaving", flush=True)
        spark.sparkContext._jvm.java.lang.System.exit(3)
    time.sleep(0.05)
spark.stop()
print("done", flush=True)
