"""What splits the large partitions of a shuffle, on the Spark in use."""

from __future__ import annotations

from analyzer.rules.base import Application, Change, Row

SWITCHES = ("spark.sql.adaptive.enabled", "spark.sql.adaptive.skewJoin.enabled")


def split_partitions(application: Application, row: Row) -> Change:
    """Adaptive skew join handling where this Spark has it, it is off, and the stage is of a query; else a change of the code."""
    of_query = row["sql_execution_id"] >= 0
    # Skew join handling is on by default once adaptive execution is.
    off = [key for key, on in zip(SWITCHES, (application.adaptive, application.enabled(SWITCHES[1], default=True)), strict=True) if not on]
    if application.can_adapt and off and of_query:
        return Change(
            "let adaptive execution split large partitions of joins",
            dict.fromkeys(off, "true"),
            risk="plans change at run time; the other side of a split partition is read several times",
        )
    beside = ": adaptive execution is on and did not split this stage" if application.adaptive and of_query else ""
    return Change(f"salt the hot keys, aggregate in two steps, or treat hot keys apart{beside}", effort="medium")
