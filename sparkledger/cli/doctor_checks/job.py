"""The properties of a job, before it is started: is the listener named, its jar there, and every setting one that it knows?"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from listener.conf import (
    JAR_NAME,
    JARS_KEY,
    LISTENER_CLASS,
    LISTENERS_KEY,
    PLUGIN_CLASS,
    PLUGIN_SETTINGS,
    PLUGINS_KEY,
    SETTINGS,
    SETTINGS_PREFIX,
)
from sparkledger.cli.doctor_checks.check import Check

_ON = "`sparkledger conf` prints the properties, merged with those that the job has"


def job(conf: Mapping[str, str]) -> Iterator[Check]:
    """The checks of a job's properties. The plugin listens by itself, so a job that has it needs no listener."""
    plugged = PLUGIN_CLASS in _entries(conf, PLUGINS_KEY)
    if conf.get(LISTENERS_KEY) or not plugged:
        yield named(conf, LISTENERS_KEY, LISTENER_CLASS, needed=not plugged)
    if conf.get(PLUGINS_KEY):
        yield named(conf, PLUGINS_KEY, PLUGIN_CLASS, needed=False)
    yield jar(conf)
    yield settings(conf)


def named(conf: Mapping[str, str], key: str, name: str, *, needed: bool) -> Check:
    """Whether a list names our class, and exactly: Spark does not start with one that is not there."""
    entries = _entries(conf, key)
    if name in entries:
        return Check(key, True, name)
    near = difflib.get_close_matches(name, entries, n=1, cutoff=0.7)
    if near:
        return Check(key, False, f"names `{near[0]}`, which is not there: Spark would not start", f"write {name}")
    return Check(key, False, f"does not name {name}", _ON, needed=needed)


def jar(conf: Mapping[str, str]) -> Check:
    """Whether the jar comes with the job. It may also be on the driver's class path already, which nobody sees from here."""
    ours = next((entry for entry in _entries(conf, JARS_KEY) if entry.rpartition("/")[2] == JAR_NAME), None)
    if ours:
        return Check(JARS_KEY, True, ours)
    hint = f"add {JAR_NAME} to --jars, unless the cluster has it among Spark's own jars: with neither, Spark does not start"
    return Check(JARS_KEY, False, f"names no {JAR_NAME}", hint, needed=False)


def settings(conf: Mapping[str, str]) -> Check:
    """Whether every setting is one: a name with a slip in it is ignored in silence by the listener."""
    known = [SETTINGS_PREFIX + name for name in (*SETTINGS, *PLUGIN_SETTINGS)]
    given = [key for key in conf if key.startswith(SETTINGS_PREFIX)]
    for key in given:
        if key not in known and not key.startswith(f"{SETTINGS_PREFIX}airflow."):
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.7)
            return Check(
                "settings", False, f"`{key}` is no setting", f"did you mean `{near[0]}`?" if near else "see the guide to the listener"
            )
    return Check("settings", True, f"{len(given)} known")


def _entries(conf: Mapping[str, str], key: str) -> list[str]:
    return [entry.strip() for entry in conf.get(key, "").split(",") if entry.strip()]
