"""Runs applications one after another in one JVM: `run_labels.py PLAN.json`.

The plan names the `kept` folder, the tables' folders, and the applications. Each gets a context of its own, and its event log is moved to
`kept/NAME/` once it has ended, beside `run.json`. Standard output gets one JSON object a line: `started` and `ended` of each.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import threading
import time
import traceback
from datetime import datetime, timezone
from pathlib import Path

from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

from tests.truth.driver.cluster import Cluster
from tests.truth.driver.steps import Application

LIMIT_S = 900
"""After so long all jobs of an application are cancelled: it then counts as not run."""
BASE = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.eventLog.enabled": "true",
    "spark.eventLog.rolling.enabled": "false",
    "spark.eventLog.compress": "false",
    "spark.eventLog.logStageExecutorMetrics": "true",
    "spark.hadoop.fs.s3a.impl": "io.sparkledger.truth.LatentStore",
    "spark.scheduler.maxRegisteredResourcesWaitingTime": "600s",
    "spark.network.timeout": "600s",
    # A machine that is slow to answer is no fault of an application.
    "spark.rpc.askTimeout": "600s",
}


def say(event: str, **what: object) -> None:
    print(json.dumps({"event": event, **what}), flush=True)


def run(spec: dict, plan: dict) -> dict:
    """Runs one application; its `run.json`."""
    logs = Path(tempfile.mkdtemp(prefix="making-", dir=plan["kept"]))
    began = time.monotonic()
    error, application_id, version = "", "", ""
    cluster = None
    try:
        master = spec["master"]
        conf = SparkConf().setAppName(spec["name"])
        latency = {f"spark.hadoop.truth.latency.{call}": str(ms) for call, ms in spec["latency_ms"].items()}
        if master.startswith("cluster"):
            executors, cores = (int(word) for word in master[len("cluster[") : -1].split(","))
            cluster = Cluster(executors, cores, logs)
            master = cluster.master
            conf.set("spark.executor.memory", "900m").set("spark.executor.extraJavaOptions", plan["executor_java_options"])
        for key, value in {**BASE, "spark.eventLog.dir": str(logs / "log"), **latency, **spec["conf"]}.items():
            conf.set(key, value)
        (logs / "log").mkdir()
        context = SparkContext(conf=conf.setMaster(master))
        application_id, version = context.applicationId, context.version
        spark = SparkSession(context)
        watch = threading.Timer(LIMIT_S, context.cancelAllJobs)
        watch.daemon = True
        watch.start()
        try:
            Application(spark, cluster, plan["tables"], spec).run()
        finally:
            watch.cancel()
            spark.stop()
    except Exception:
        error = traceback.format_exc()[-4000:]
    finally:
        if cluster is not None:
            cluster.stop()
    took_s = time.monotonic() - began
    if not error and took_s >= LIMIT_S:
        error = f"took longer than {LIMIT_S} s"
    record = {
        "fingerprint": spec["fingerprint"],
        "spark": version,
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "app_id": application_id,
        "took_s": round(took_s, 1),
        "error": error,
    }
    keep(logs, Path(plan["kept"]) / spec["name"], record)
    return record


def keep(made: Path, target: Path, record: dict) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for log in (made / "log").glob("*") if (made / "log").is_dir() else ():
        if not log.name.startswith("."):
            shutil.move(log, target / "events")
    (target / "run.json").write_text(json.dumps(record, indent=1))
    shutil.rmtree(made, ignore_errors=True)


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text())
    SparkContext._ensure_initialized()
    for spec in plan["labels"]:
        say("started", name=spec["name"])
        record = run(spec, plan)
        say("ended", name=spec["name"], took_s=record["took_s"], error=record["error"])
    say("done")


if __name__ == "__main__":
    main()
