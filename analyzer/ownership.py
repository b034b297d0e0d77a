"""Who owns an application: its team, and the pipeline that it is a run of.

Resolved when profiles are built, since mappings change. Every rule is tried in order; the name of the one that decided is
kept beside its answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

UNOWNED = "unowned"
# In this order; the first with a value names the team.
TEAM_KEYS = (
    "spark.sparkledger.team",
    "spark.yarn.queue",
    "spark.kubernetes.driver.label.team",
    "spark.kubernetes.driver.label.queue",
    "spark.kubernetes.namespace",
)
# What nobody chose says nothing of an owner.
SHARED_VALUES = {"spark.yarn.queue": {"default", "root.default", "root"}, "spark.kubernetes.namespace": {"default"}}
SHARED_USERS = {"", "root", "hadoop", "spark", "yarn", "livy", "zeppelin", "hdfs", "emr-notebook", "ubuntu", "ec2-user"}
_DATE = r"(?:19|20)\d{2}[-_./]?(?:0[1-9]|1[0-2])[-_./]?(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:[T_\-. ]?\d{2}[-_:.]?\d{2}(?:[-_:.]?\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_VARIABLE_PARTS = (
    re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE),
    re.compile(rf"(?<!\d){_DATE}{_TIME}(?!\d)"),
    re.compile(r"(?<![0-9a-zA-Z])(?=[0-9a-f]*\d)[0-9a-f]{12,}(?![0-9a-zA-Z])", re.IGNORECASE),
    re.compile(r"(?<!\d)\d{5,}(?!\d)"),
    re.compile(r"(?i)(?<![a-z])(?:run|attempt|try|retry)[-_ #]?\d+(?![a-z0-9])"),
)
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]|\{\s*\}")
_EDGES = " \t-_.:/#"


@dataclass(frozen=True, slots=True)
class TeamRule:
    """A mapping of the user: applications whose `field` (`user`, `name`, or a Spark property) matches `pattern` belong to `team`."""

    field: str
    pattern: str
    team: str


@dataclass(frozen=True, slots=True)
class Owner:
    """A team and a pipeline, each with what named it."""

    team: str
    team_source: str
    pipeline: str
    pipeline_source: str


def owner_of(conf: Mapping[str, str], name: str, user: str, mapping: Sequence[TeamRule] = ()) -> Owner:
    """The owner of an application.

    Team: `spark.sparkledger.team`; then the first matching rule of `mapping`; then YARN queue, Kubernetes label, namespace; then the
    user unless it is a shared account; else `unowned`. Pipeline: `spark.sparkledger.pipeline`, else the name without what varies.
    """
    team, team_source = _team(conf, name, user, mapping)
    pipeline, pipeline_source = conf.get("spark.sparkledger.pipeline", "").strip(), "spark.sparkledger.pipeline"
    if not pipeline:
        pipeline, pipeline_source = pipeline_name(name), "name"
    return Owner(team, team_source, pipeline, pipeline_source)


def pipeline_name(name: str) -> str:
    """An application name without dates, times, uuids, hashes, run numbers and long numbers: equal for each run of one workload."""
    stable = name
    for part in _VARIABLE_PARTS:
        stable = part.sub("", stable)
    stable = _EMPTY_BRACKETS.sub("", stable)
    stable = re.sub(r"[-_ ]{2,}", lambda gap: gap[0][0], stable).strip(_EDGES)
    return stable or name.strip() or "unnamed"


def _team(conf: Mapping[str, str], name: str, user: str, mapping: Sequence[TeamRule]) -> tuple[str, str]:
    stated = conf.get(TEAM_KEYS[0], "").strip()
    if stated:
        return stated, TEAM_KEYS[0]
    for rule in mapping:
        value = {"user": user, "name": name}.get(rule.field, conf.get(rule.field, ""))
        if value and re.search(rule.pattern, value):
            return rule.team, f"mapping of {rule.field}"
    for key in TEAM_KEYS[1:]:
        value = conf.get(key, "").strip()
        if value and value not in SHARED_VALUES.get(key, ()):
            return value, key
    return (user, "user") if user not in SHARED_USERS else (UNOWNED, "")
