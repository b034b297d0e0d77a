"""Spark properties written as different places want them: a shell, spark-defaults.conf, EMR, Python."""

from __future__ import annotations

import json
import pprint
import shlex
from collections.abc import Callable, Mapping

from listener.conf import JARS_KEY

Properties = Mapping[str, str]


def as_arguments(properties: Properties) -> str:
    """As arguments of spark-submit, one a line, each line but the last continued: to be pasted into a shell."""
    jars = [f"--jars {shlex.quote(properties[JARS_KEY])}"] if JARS_KEY in properties else []
    others = [f"--conf {shlex.quote(f'{key}={value}')}" for key, value in properties.items() if key != JARS_KEY]
    return " \\\n".join([*jars, *others])


def as_defaults(properties: Properties) -> str:
    """As lines of spark-defaults.conf, which Spark reads as a Java properties file."""
    return "\n".join(f"{key} {value.translate(_ESCAPES)}" for key, value in properties.items())


def as_json(properties: Properties) -> str:
    """As one JSON object."""
    return json.dumps(dict(properties))


def as_python(properties: Properties) -> str:
    """As a Python dictionary, for a `SparkSession.builder` or an operator's `conf`."""
    return pprint.pformat(dict(properties), sort_dicts=False, width=120)


def as_emr(properties: Properties) -> str:
    """As the classification that a cluster of EMR on EC2 takes."""
    return json.dumps([{"Classification": "spark-defaults", "Properties": dict(properties)}], indent=2)


def as_emr_job(properties: Properties) -> str:
    """As the `applicationConfiguration` of a job run on EMR Serverless or EMR on EKS, which spell it in lower case."""
    return json.dumps([{"classification": "spark-defaults", "properties": dict(properties)}], indent=2)


FORMATS: Mapping[str, Callable[[Properties], str]] = {
    "flags": as_arguments,
    "defaults": as_defaults,
    "json": as_json,
    "python": as_python,
    "emr": as_emr,
    "emr-serverless": as_emr_job,
    "emr-eks": as_emr_job,
}
"""By the name that `sparkledger conf --format` takes."""

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
