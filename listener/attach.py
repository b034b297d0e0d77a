"""Starts listening to a Spark session that runs already, from Python, through the gateway that the session has."""

from __future__ import annotations

from typing import Any

from listener.conf import SETTINGS_PREFIX, jar_path
from listener.errors import AttachError

_RESTART = "set the flags before the session starts; `sparkledger conf` prints them"


def attach(
    spark: Any,
    url: str,
    *,
    jar: str | None = None,
    team: str | None = None,
    pipeline: str | None = None,
    token: str | None = None,
) -> str:
    """Listens to a session from now on; executors, environment and start are made up for, finished jobs are not.

    Args:
        spark: a `SparkSession` or a `SparkContext` of classic PySpark.
        url: the collector's address, as the driver reaches it.
        jar: a path on the driver's machine; the packaged jar by default.
        team: the job's owner.
        pipeline: the recurring workload.
        token: what the collector asks for.

    Returns:
        `attached`, `already attached`, or `attached without …` naming what could not be made up for.

    Raises:
        AttachError: Spark Connect, a stopped context, or a driver that refuses the jar.
    """
    context = _context_of(spark)
    jvm = context._jvm
    _make_visible(jvm, str(jar_path()) if jar is None else jar)
    settings = jvm.java.util.HashMap()
    for name, value in {"url": url, "team": team, "pipeline": pipeline, "token": token}.items():
        if value is not None:
            settings.put(SETTINGS_PREFIX + name, value)
    try:
        return str(jvm.io.sparkledger.Attach.attach(context._jsc.sc(), settings))
    except Exception as error:
        raise AttachError(f"the driver refused the listener: {_first_line(error)}", _RESTART) from error


def _context_of(spark: Any) -> Any:
    """The classic context behind a session; a session of Spark Connect has none."""
    if type(spark).__module__.startswith("pyspark.sql.connect"):
        raise AttachError("this session is of Spark Connect, whose driver runs on the server", "set the flags on the Spark Connect server")
    context = getattr(spark, "sparkContext", spark)
    if not hasattr(context, "_jvm"):
        raise AttachError(f"`{type(spark).__name__}` is no SparkSession", "pass the SparkSession, usually named `spark`")
    if context._jvm is None or context._jsc is None:
        raise AttachError("the SparkContext is stopped", "attach while the session runs")
    return context


def _make_visible(jvm: Any, jar: str) -> None:
    """Puts the jar on the class path of the running driver, unless its classes are there."""
    loader = jvm.java.lang.Thread.currentThread().getContextClassLoader()
    try:
        loader.loadClass("io.sparkledger.Attach")
    except Exception:
        try:
            loader.addURL(jvm.java.io.File(jar).toURI().toURL())
            loader.loadClass("io.sparkledger.Attach")
        except Exception as error:
            raise AttachError(f"the driver cannot load `{jar}`: {_first_line(error)}", _RESTART) from error


def _first_line(error: Exception) -> str:
    """The cause in a line: py4j appends the whole stack trace of the JVM."""
    cause = getattr(error, "java_exception", None)
    return str(cause.toString() if cause is not None else error).strip().splitlines()[0]
