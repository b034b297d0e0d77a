"""The estimate against `billedResourceUtilization`: how far it is off, and why."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.cost.bill import ExecutorSpan, Run, Terms
from analyzer.cost.book import load_price_book
from analyzer.cost.emr_serverless import BilledHours
from analyzer.cost.price import GIB
from analyzer.cost.reconcile import Billed, BilledError, parse_billed, reconcile

BOOK = load_price_book()
HOUR_MS = 3_600_000
# Ten executors of 3 cores and 13 GiB (workers of 4 and 13) for an hour, one for ten seconds, a driver of 4 and 16.
RUN = Run(
    [ExecutorSpan(0, HOUR_MS, 3, 13 * GIB)] * 10 + [ExecutorSpan(0, 10_000, 3, 13 * GIB)],
    ExecutorSpan(0, HOUR_MS, 4, 16 * GIB),
    observed="emr-serverless",
)
VCPU_H, GB_H = 40 + 4 / 60 + 4, 130 + 13 / 60 + 16


def reconciled(vcpu_h: float, gb_h: float, attempt: int | None = None) -> Any:
    return reconcile(RUN, Billed(BilledHours(vcpu_h, gb_h), attempt), BOOK, Terms())


def test_steps_lead_from_lifetimes_to_the_bill() -> None:
    result = reconciled(VCPU_H * 1.1, GB_H * 1.1)

    assert sum(step.usd for step in result.steps) == pytest.approx(result.billed_usd)
    assert sum(step.usd for step in result.steps[:-1]) == pytest.approx(result.estimated_usd)
    assert result.estimated.vcpu_h == pytest.approx(VCPU_H)
    assert result.estimated.memory_gb_h == pytest.approx(GB_H)
    assert result.steps[1].usd == pytest.approx(BOOK.serverless["x86"].vcpu_h_usd * (10 + 10 / 3600))
    assert result.error == pytest.approx(1 / 1.1 - 1)


def test_storage_is_a_step_of_its_own() -> None:
    # 100 GB over the free 20 of twelve workers: eleven hours and a minute.
    plain, result = reconciled(VCPU_H, GB_H), reconcile(RUN, Billed(BilledHours(VCPU_H, GB_H)), BOOK, Terms(worker_disk_gib=120))
    steps = {step.reason: step.usd for step in result.steps}

    assert steps.pop("storage over what a worker has for nothing") == pytest.approx(100 * (11 + 1 / 60) * 0.000111)
    assert [usd for _, usd in list(steps.items())[:-1]] == pytest.approx([step.usd for step in plain.steps[:-1]])
    assert sum(step.usd for step in result.steps) == pytest.approx(result.billed_usd)


def test_the_same_hours_agree() -> None:
    assert reconciled(VCPU_H, GB_H).explanation == "estimate and bill agree within 2 %"


def test_half_a_minute_a_worker_is_its_start() -> None:
    workers_vcpu, workers_gb = 11 * 4 + 4, 11 * 13 + 16
    result = reconciled(VCPU_H + workers_vcpu * 100 / 3600, GB_H + workers_gb * 100 / 3600)

    assert result.explanation.startswith("100 s a worker: workers are billed from ready")


@pytest.mark.parametrize(
    ("vcpu_h", "gb_h", "attempt", "word"),
    [
        (VCPU_H * 2, GB_H * 2, 2, "tried 2 times"),
        (VCPU_H / 2, GB_H / 2, 1, "less was billed"),
        (VCPU_H * 2, GB_H * 2, 1, "more than a start-up"),
        (VCPU_H, GB_H * 1.5, 1, "workers are larger"),
        (0.0, 0.0, None, "nothing was billed"),
    ],
)
def test_other_differences_are_named(vcpu_h: float, gb_h: float, attempt: int | None, word: str) -> None:
    assert word in reconciled(vcpu_h, gb_h, attempt).explanation


def test_answers_of_get_job_run_are_read_at_any_depth() -> None:
    hours = {"vCPUHour": 1.5, "memoryGBHour": 6.0, "storageGBHour": 30.0}
    job_run = {"billedResourceUtilization": hours, "attempt": 1, "totalExecutionDurationSeconds": 90}

    expected = BilledHours(1.5, 6.0, 30.0)
    assert parse_billed({"jobRun": job_run}) == Billed(expected, 1)
    assert parse_billed(job_run) == Billed(expected, 1)
    assert parse_billed(hours) == Billed(expected)


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        None,
        {"jobRun": {}},
        {"vCPUHour": "1", "memoryGBHour": 1},
        {"vCPUHour": -1, "memoryGBHour": 1},
        {"vCPUHour": float("nan"), "memoryGBHour": 1},
    ],
)
def test_other_documents_are_refused(document: Any) -> None:
    with pytest.raises(BilledError, match="expected"):
        parse_billed(document)
