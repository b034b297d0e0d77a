"""Starts and stops listening to a Spark session that runs already, from Python, through the gateway that the session has.

What it cannot do: a session of Spark Connect has no gateway; executors read `spark.plugins` when they start, so they tell nothing of their
storage I/O; what ran before is not made up for.
"""

from __future__ import annotations

import os
from typing import Any

from listener.conf import SETTINGS_PREFIX, jar_path
from listener.errors import AttachError
from listener.local_server import local_url

ATTACH_CLASS = "io.sparkledger.Attach"

_RESTART = "set the flags before the session starts; `sparkledger conf` prints them"
_WHERE = "pass url=…, set SPARKLEDGER_URL, or start a server here with `sparkledger up`"


def attach(
    spark: Any,
    url: str | None = None,
    *,
    jar: str | None = None,
    team: str | None = None,
    pipeline: str | None = None,
    token: str | None = None,
) -> str:
    """Listens to a session from now on; executors, environment and start are made up for, finished jobs are not.

    Args:
        spark: a `SparkSession` or a `SparkContext` of classic PySpark.
        url: the collector's address, as the driver reaches it; else `SPARKLEDGER_URL`, else the server that runs on this machine's default
            data directory.
        jar: a path on the driver's machine; the packaged jar by default.
        team: the job's owner.
        pipeline: the recurring workload.
        token: what the collector asks for; else `SPARKLEDGER_TOKEN`.

    Returns:
        `attached`, `already attached`, `attached again` after a `detach`, or `attached without …` naming what could not be made up for.
        The second and third end with `, to ADDRESS` where events go to another collector than `url`: the first one stays.

    Raises:
        AttachError: no collector is named, Spark Connect, a stopped context, a cluster that forbids the gateway, or a driver that refuses
            the jar.
    """
    context = _context_of(spark)
    where = url or os.environ.get("SPARKLEDGER_URL") or local_url(os.environ)
    if where is None:
        raise AttachError("no collector is named, and none runs on this machine", _WHERE)
    jvm = context._jvm
    wanted = {"url": where, "team": team, "pipeline": pipeline, "token": token or os.environ.get("SPARKLEDGER_TOKEN")}
    try:
        entry = _attach_class(context, jar)
        settings = jvm.java.util.HashMap()
        for name, value in wanted.items():
            if value is not None:
                settings.put(SETTINGS_PREFIX + name, value)
        return str(_call(context, entry, "attach", context._jsc.sc(), settings))
    except AttachError:
        raise
    except Exception as error:
        raise _refused(error, "the driver refused the listener") from error


def detach(spark: Any) -> str:
    """Stops listening to a session and delivers what was heard, within `flush.timeout`. The end of the application is still told.

    Returns:
        `detached`, or `not attached` where `attach` did not attach the listener: that of `spark.extraListeners` stays.

    Raises:
        AttachError: as for `attach`.
    """
    context = _context_of(spark)
    try:
        entry = _loaded(context._jvm, _attached_loader(context._jvm))
        return "not attached" if entry is None else str(_call(context, entry, "detach", context._jsc.sc()))
    except Exception as error:
        raise _refused(error, "the driver refused to detach") from error


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


def _attach_class(context: Any, jar: str | None) -> Any:
    """The class that attaches: the driver's if its class path has the jar, else from the jar, which is put there."""
    jvm = context._jvm
    loader = _attached_loader(jvm)
    known = _loaded(jvm, loader)
    if known is not None:
        return known
    path = str(jar_path()) if jar is None else jar
    if not jvm.java.io.File(path).isFile():
        raise AttachError(f"the driver's machine has no file `{path}`", "pass jar=…, a path where the driver runs")
    address = jvm.java.io.File(path).toURI().toURL()
    try:
        loader.addURL(address)
    except Exception as error:
        _raise_if_forbidden(error)
        # Spark's own loader takes jars; a platform may have put another one in its place, under which a loader of ours goes.
        addresses = context._gateway.new_array(jvm.java.net.URL, 1)
        addresses[0] = address
        loader = jvm.java.net.URLClassLoader(addresses, loader)
        jvm.java.lang.System.getProperties().put(ATTACH_CLASS, loader)
    entry = _loaded(jvm, loader)
    if entry is None:
        raise AttachError(f"`{path}` holds no listener", "pass jar=…, the sparkledger-listener.jar of this release")
    return entry


def _attached_loader(jvm: Any) -> Any:
    """The loader that has, or is to get, the jar: one that an earlier `attach` made, else the driver's."""
    made = jvm.java.lang.System.getProperties().get(ATTACH_CLASS)
    return jvm.java.lang.Thread.currentThread().getContextClassLoader() if made is None else made


def _loaded(jvm: Any, loader: Any) -> Any:
    try:
        return jvm.java.lang.Class.forName(ATTACH_CLASS, True, loader)
    except Exception as error:
        _raise_if_forbidden(error)
        return None


def _call(context: Any, entry: Any, name: str, *arguments: Any) -> Any:
    """Calls a static method by reflection: py4j itself sees only classes of the driver's own loader."""
    (method,) = [method for method in entry.getMethods() if method.getName() == name]
    given = context._gateway.new_array(context._jvm.java.lang.Object, len(arguments))
    for place, argument in enumerate(arguments):
        given[place] = argument
    return method.invoke(None, given)


def _raise_if_forbidden(error: Exception) -> None:
    if "Py4JSecurityException" in str(error):
        raise _refused(error, "") from error


def _refused(error: Exception, what: str) -> AttachError:
    if "Py4JSecurityException" in str(error):
        hint = "set the flags in the cluster's Spark configuration, or use a cluster with dedicated access"
        return AttachError("this cluster forbids Python to reach the driver's JVM", hint)
    return AttachError(f"{what}: {_first_line(error)}", _RESTART)


def _first_line(error: Exception) -> str:
    """The cause in a line: py4j appends the whole stack trace of the JVM, and reflection wraps it."""
    cause = getattr(error, "java_exception", None)
    while cause is not None and cause.getCause() is not None:
        cause = cause.getCause()
    return str(cause.toString() if cause is not None else error).strip().splitlines()[0]
