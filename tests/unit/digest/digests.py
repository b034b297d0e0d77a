"""Digests to render: a full week with everything that a renderer must place, and a silent one."""

from __future__ import annotations

from dataclasses import replace

from analyzer.digest.model import DataQuality, Digest, Mover, TopFinding, Totals

FULL = Digest(
    team="growth & <loyalty>",
    week="2026-W47",
    final=True,
    headline="312 runs of 14 pipelines cost $1,180–1,420 (+12 % on the week before); $210–262 of it could be saved.",  # noqa: RUF001
    totals=Totals(312, 14, 1180.0, 1290.0, 1420.0, 41_000_000.0, 23_500_000.0, 210.0, 262.0),
    previous=Totals(298, 13, 1050.0, 1150.0, 1270.0, 38_000_000.0, 22_000_000.0, 190.0, 240.0),
    median_cost_usd=1101.5,
    findings=(
        TopFinding(
            rule_code="PRV001",
            severity="high",
            pipeline="orders_daily",
            title="62 % of the executors' core time had no task: 1,310 h of 2,100 h core time",
            app_id="application_1795400000000_0042",
            runs=7,
            saving_low_usd=88.0,
            saving_high_usd=121.5,
            saving_low_core_s=4_000_000.0,
            saving_high_core_s=5_500_000.0,
            change="let Spark release executors that have no tasks",
            conf={"spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.maxExecutors": "24"},
        ),
        TopFinding(
            rule_code="SKW001",
            severity="medium",
            pipeline="sessions_hourly_with_a_name_that_is_longer_than_any_column_should_have_to_hold",
            title="the longest task took 18 min against a median of 41 s; 34 % of the run's core time waited for *one* <key>",
            app_id="application_1795400000000_0099",
            runs=1,
            saving_low_usd=0.004,
            saving_high_usd=0.012,
            saving_low_core_s=200.0,
            saving_high_core_s=600.0,
            change="let adaptive execution split the skewed partitions",
        ),
    ),
    more_findings=3,
    movers=(
        Mover("orders_daily", 7, 410.0, 205.5),
        Mover("sessions_hourly_with_a_name_that_is_longer_than_any_column_should_have_to_hold", 168, 99.5, 140.25),
        Mover("ml_features", 2, 12.0, None),
    ),
    quality=DataQuality(without_end=1, lost_events=13_971),
    price_book="2026-11-us-east-1",
    prices_as_of="2026-11-22",
)

SILENT = replace(
    FULL,
    team="platform",
    headline="No application of team platform ran in week 2026-W47 (16 to 22 Nov 2026).",
    totals=Totals(0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    previous=None,
    median_cost_usd=None,
    findings=(),
    more_findings=0,
    movers=(),
    quality=DataQuality(0, 0),
    price_book="",
    prices_as_of="",
)
