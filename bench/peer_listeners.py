"""Listeners of other projects, measured beside ours where Maven Central has a jar of theirs for the Spark at hand."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from sparkledger.demo.maven_central import JarsUnavailable, fetch_jar

CACHE = Path.home() / ".cache" / "sparkledger" / "peers"


@dataclass(frozen=True, slots=True)
class PeerListener:
    """A class that a job would name in `spark.extraListeners`; its jar and the digest by the version of Scala that Spark is built with."""

    name: str
    class_name: str
    jars: dict[str, tuple[str, str]]


PEERS = (
    PeerListener(
        "sparkMeasure 0.24, flight recorder of tasks",
        "ch.cern.sparkmeasure.FlightRecorderTaskMetrics",
        {
            "2.12": (
                "ch/cern/sparkmeasure/spark-measure_2.12/0.24/spark-measure_2.12-0.24.jar",
                "b5cb053ce5190baae36c18aeac4e4bea09429815c411406ac7e1aec7fb47c4b3",
            )
        },
    ),
    PeerListener(
        "OpenLineage 1.53.0",
        "io.openlineage.spark.agent.OpenLineageSparkListener",
        {
            "2.12": (
                "io/openlineage/openlineage-spark_2.12/1.53.0/openlineage-spark_2.12-1.53.0.jar",
                "9fe28ee2e5b2cb535cd51b6572394bddeb684bf0c58650a698cf7724ce62d94d",
            ),
            "2.13": (
                "io/openlineage/openlineage-spark_2.13/1.53.0/openlineage-spark_2.13-1.53.0.jar",
                "5d84b0ae7e72909b5aae7ed87df878bf06b28d9ac3005765c3529d0a66dbae6f",
            ),
        },
    ),
)


def available(scala_version: str) -> list[tuple[PeerListener, Path]]:
    """The peers that have a jar for that version of Scala, and the jar; says on standard error which cannot be had."""
    found = []
    for peer in PEERS:
        if scala_version not in peer.jars:
            print(f"{peer.name} is left out: no jar of it for Scala {scala_version} is known to be had", file=sys.stderr)
            continue
        try:
            found.append((peer, fetch_jar(*peer.jars[scala_version], CACHE)))
        except JarsUnavailable as reason:
            print(f"{peer.name} is left out: {reason}", file=sys.stderr)
    return found
