"""What splits the large partitions of a shuffle, on the Spark in use."""

from __future__ import annotations

from analyzer.rules.base import Application, Change

SWITCHES = ("spark.sql.adaptive.enabled", "spark.sql.adaptive.skewJoin.enabled")


def split_partitions(application: Application) -> Change:
    """Adaptive skew join handling where this Spark has it and it is off; else a change of the query."""
    # Skew join handling is on by default once adaptive execution is, and that is from 3.2 on.
    defaults = (application.spark_line >= (3, 2), True)
    off = [key for key, default in zip(SWITCHES, defaults, strict=True) if not application.enabled(key, default=default)]
    if application.spark_line >= (3, 0) and off:
        return Change(
            "let adaptive execution split large partitions of joins",
            dict.fromkeys(off, "true"),
            risk="plans change at run time; the other side of a split partition is read several times",
        )
    beside = ": adaptive execution is on and did not split this stage" if application.adaptive else ""
    return Change(f"salt the hot keys, aggregate in two steps, or treat hot keys apart{beside}", effort="medium")
