"""What an application does: the steps of its label, each a mapping whose first key names it.

`sql`: a query whose rows go nowhere. `stage`: the name of its stages. `conf`: SQL settings of that query. `fails: true`: it has to.
`cancel_after_s`: it is cancelled. `after_s`, `kill`, `freeze_s` or `lose_worker`: what befalls executors so long after the query begins.

`write`: a query whose rows become files in the store, named by `files` for their number.
`cache`: a name for the query `as`, kept in memory and filled.
`python`: a query over a function `work(ms)` of Python that sleeps; `form`: `plain` or `arrow`; `hold_mib`: what it holds in memory.
`pause_s`: the driver does something else. `beside`: steps that run at the same time. `times`: how often.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from tests.truth.driver.sql_text import spark_sql


class Application:
    """One application within its session."""

    def __init__(self, spark: Any, cluster: Any, tables: dict[str, str], spec: dict[str, Any]) -> None:
        self._spark, self._cluster, self._spec = spark, cluster, spec
        self._tables = tables

    def run(self) -> None:
        """All steps, in order; raises where one ends otherwise than its label says."""
        if self._cluster is not None and "spark.dynamicAllocation.enabled" not in self._spec["conf"]:
            self._wait_for_executors()
        if self._cluster is None:
            # What the first tasks of a context load would make them stand out among short ones.
            self._query({"stage": "first tasks", "sql": "SELECT $sleep(0) FROM range(0, 6, 1, 6)"})
        for name, spec in self._spec["tables"].items():
            self._view(name, spec)
        for step in self._spec["steps"]:
            for _ in range(step.get("times", 1)):
                self._step(step)

    def _wait_for_executors(self) -> None:
        context = self._spark.sparkContext._jsc.sc()
        deadline = time.monotonic() + 600
        while context.getExecutorMemoryStatus().size() <= self._cluster.size:
            if time.monotonic() > deadline:
                raise TimeoutError("executors did not come")
            time.sleep(0.5)

    def _view(self, name: str, spec: dict[str, Any]) -> None:
        folder = self._tables[spec["folder"]]
        place = f"s3a://{self._spec['name']}{folder}" if spec.get("in", "store") == "store" else f"file://{folder}"
        self._spark.read.parquet(place).createOrReplaceTempView(name)

    def _step(self, step: dict[str, Any]) -> None:
        if "pause_s" in step:
            time.sleep(step["pause_s"])
        elif "beside" in step:
            threads = [_Thread(self._step, inner) for inner in step["beside"]]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.finish()
        else:
            self._query(step)

    def _query(self, step: dict[str, Any]) -> None:
        self._spark.sparkContext.setLocalProperty("callSite.short", step.get("stage"))
        self._spark.sparkContext.setJobGroup(step.get("stage", "query"), step.get("stage", "query"))
        befalling = self._befall(step)
        try:
            self._act(step)
        except Exception:
            if not step.get("fails") and "cancel_after_s" not in step:
                raise
        else:
            if step.get("fails") or "cancel_after_s" in step:
                raise AssertionError(f"step {step} was to fail and did not")
        finally:
            if befalling is not None:
                befalling.finish()

    def _act(self, step: dict[str, Any]) -> None:
        for key, value in step.get("conf", {}).items():
            self._spark.conf.set(key, str(value))
        try:
            if "python" in step:
                self._register(step.get("form", "plain"), step.get("hold_mib", 0))
            frame = self._spark.sql(spark_sql(step.get("sql") or step.get("write") or step.get("as") or step["python"]))
            if "write" in step:
                target = Path(self._tables["scratch"]) / self._spec["name"]
                writer = frame.repartition(step["files"]) if "files" in step else frame
                writer.write.mode("overwrite").parquet(f"s3a://{self._spec['name']}{target}")
            elif "as" in step:
                frame.createOrReplaceTempView(step["cache"])
                self._spark.sql(f"CACHE TABLE {step['cache']}")
            else:
                frame.write.format("noop").mode("overwrite").save()
        finally:
            for key in step.get("conf", {}):
                self._spark.conf.unset(key)

    def _befall(self, step: dict[str, Any]) -> _Thread | None:
        if "cancel_after_s" in step:
            group = step.get("stage", "query")
            return _later(step["cancel_after_s"], lambda: self._spark.sparkContext.cancelJobGroup(group))
        if "kill" in step:
            return _later(step["after_s"], lambda: self._cluster.kill_executors(step["kill"]))
        if "freeze_s" in step:
            return _later(step["after_s"], lambda: self._cluster.freeze_executor(step["freeze_s"]))
        if step.get("lose_worker"):
            return _later(step["after_s"], self._cluster.lose_worker)
        return None

    def _register(self, form: str, hold_mib: int) -> None:
        def work(ms: int) -> int:
            held = bytearray(hold_mib << 20)
            for position in range(0, len(held), 4096):
                held[position] = 1
            time.sleep(ms / 1000)
            return len(held)

        if form == "arrow":
            from pyspark.sql.functions import pandas_udf

            def work_on_batch(column):  # type: ignore[no-untyped-def]
                return column.map(work)

            import pandas as pd

            work_on_batch.__annotations__ = {"column": pd.Series, "return": pd.Series}
            self._spark.udf.register("work", pandas_udf(work_on_batch, "bigint"))
        else:
            self._spark.udf.register("work", work, "bigint")


class _Thread(threading.Thread):
    """A thread whose failure is raised where it is waited for."""

    def __init__(self, act: Any, *arguments: Any) -> None:
        super().__init__(daemon=True)
        self._act, self._arguments, self._error = act, arguments, None

    def run(self) -> None:
        try:
            self._act(*self._arguments)
        except Exception as error:
            self._error = error

    def finish(self) -> None:
        self.join()
        if self._error is not None:
            raise self._error


def _later(seconds: float, act: Any) -> _Thread:
    def wait_and_act() -> None:
        time.sleep(seconds)
        act()

    thread = _Thread(wait_and_act)
    thread.start()
    return thread
