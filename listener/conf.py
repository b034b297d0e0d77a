"""The Spark properties that switch the listener on, merged with those that a job has already."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from listener.errors import JarMissingError

LISTENER_CLASS = "io.sparkledger.SparkledgerListener"
PLUGIN_CLASS = "io.sparkledger.SparkledgerPlugin"
JAR_NAME = "sparkledger-listener.jar"

LISTENERS_KEY = "spark.extraListeners"
PLUGINS_KEY = "spark.plugins"
JARS_KEY = "spark.jars"
SETTINGS_PREFIX = "spark.sparkledger."
SETTINGS = (
    "url",
    "enabled",
    "token",
    "token.file",
    "tls.ca",
    "team",
    "pipeline",
    "buffer.bytes",
    "batch.interval",
    "flush.timeout",
    "connect.timeout",
    "read.timeout",
    "compression",
    "sql.text",
    "spool.dir",
    "spool.bytes",
)
"""What may follow the prefix; docs/guides/listener.md says what each means."""
PLUGIN_SETTINGS = tuple(f"plugin.{name}" for name in ("enabled", "interval", "storage", "tasks", "memory", "place", "place.endpoint"))
"""What may follow it for the plugin; docs/guides/plugin.md says what each means."""


def jar_path() -> Path:
    """Where the jar is that came with this package, or was built in it.

    Raises:
        JarMissingError: there is none.
    """
    path = Path(__file__).resolve().parent / "jars" / JAR_NAME
    if not path.is_file():
        raise JarMissingError(f"`{path}` does not exist", "run `python -m listener.build`, which needs a JDK and Spark's jars")
    return path


def flags(
    url: str,
    existing: Mapping[str, str] | None = None,
    *,
    jar: str | None = None,
    team: str | None = None,
    pipeline: str | None = None,
    token: str | None = None,
    plugin: bool = False,
) -> dict[str, str]:
    """The properties to set on a job so that it is listened to.

    What the job has is kept: lists grow by our entry unless it is there, other keys are left as they are. Calling again with the
    result changes nothing.

    Args:
        url: the collector's address, such as `http://collector:8428`.
        existing: the job's properties so far.
        jar: where the job finds the jar, such as `s3://bucket/sparkledger-listener.jar` or `local:///opt/…`; the packaged one by default.
        team: the job's owner.
        pipeline: the recurring workload that the job is a run of.
        token: what the collector asks for; better set where job properties are not shown.
        plugin: whether executors tell of their storage I/O and memory, which no event does.
    """
    present = dict(existing or {})
    location = jar if jar is not None else str(jar_path())
    wanted = {"url": url, "team": team, "pipeline": pipeline, "token": token}
    merged = {
        LISTENERS_KEY: with_entry(present.get(LISTENERS_KEY, ""), LISTENER_CLASS),
        JARS_KEY: with_jar(present.get(JARS_KEY, ""), location),
    }
    if plugin:
        merged[PLUGINS_KEY] = with_entry(present.get(PLUGINS_KEY, ""), PLUGIN_CLASS)
    for name, value in wanted.items():
        if value is not None:
            merged[SETTINGS_PREFIX + name] = present.get(SETTINGS_PREFIX + name, value)
    return merged


def with_entry(entries: str, entry: str) -> str:
    """A comma-separated list with an entry added at its end, unless it is there."""
    known = _split(entries)
    return ",".join(known if entry in known else [*known, entry])


def with_jar(entries: str, jar: str) -> str:
    """A comma-separated list of jars with ours added, unless one of its file name is there."""
    known = _split(entries)
    names = {entry.rpartition("/")[2] for entry in known}
    return ",".join(known if jar.rpartition("/")[2] in names else [*known, jar])


def _split(entries: str) -> list[str]:
    return [entry.strip() for entry in entries.split(",") if entry.strip()]
