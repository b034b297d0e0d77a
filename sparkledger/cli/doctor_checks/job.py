"""The properties of a job, before it is started: is the listener named, its jar there, and every setting one that it knows?"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from listener.conf import JAR_NAME, JARS_KEY, LISTENER_CLASS, LISTENERS_KEY, PLUGIN_CLASS, PLUGINS_KEY, SETTINGS, SETTINGS_PREFIX
from sparkledger.cli.doctor_checks.check import Check

_ON = "`sparkledger conf` prints the properties, merged with those that the job has"


def job(conf: Mapping[str, str]) -> Iterator[Check]:
    """The checks of a job's properties."""
    yield named(conf, LISTENERS_KEY, LISTENER_CLASS)
    if conf.get(PLUGINS_KEY):
        yield named(conf, PLUGINS_KEY, PLUGIN_CLASS)
    yield jar(conf)
    yield settings(conf)


def named(conf: Mapping[str, str], key: str, name: str) -> Check:
    """Whether a list names our class, and exactly: Spark does not start with one that is not there."""
    entries = [entry.strip() for entry in conf.get(key, "").split(",") if entry.strip()]
    if name in entries:
        return Check(key, True, name)
    near = difflib.get_close_matches(name, entries, n=1, cutoff=0.7)
    if near:
        return Check(key, False, f"names `{near[0]}`, which is not there: Spark would not start", f"write {name}")
    return Check(key, False, f"does not name {name}", _ON, needed=key == LISTENERS_KEY)


def jar(conf: Mapping[str, str]) -> Check:
    """Whether the jar comes with the job. It may also be on the driver's class path already, which nobody sees from here."""
    entries = [entry.strip() for entry in conf.get(JARS_KEY, "").split(",") if entry.strip()]
    ours = next((entry for entry in entries if entry.rpartition("/")[2] == JAR_NAME), None)
    if ours:
        return Check(JARS_KEY, True, ours)
    hint = f"add {JAR_NAME} to --jars, unless the cluster has it among Spark's own jars: with neither, Spark does not start"
    return Check(JARS_KEY, False, f"names no {JAR_NAME}", hint, needed=False)


def settings(conf: Mapping[str, str]) -> Check:
    """Whether every setting is one: a name with a slip in it is ignored in silence by the listener."""
    known = [SETTINGS_PREFIX + name for name in SETTINGS]
    given = [key for key in conf if key.startswith(SETTINGS_PREFIX)]
    for key in given:
        if key not in known and not key.startswith(f"{SETTINGS_PREFIX}airflow."):
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.7)
            return Check(
                "settings", False, f"`{key}` is no setting", f"did you mean `{near[0]}`?" if near else "see the guide to the listener"
            )
    return Check("settings", True, f"{len(given)} known")
