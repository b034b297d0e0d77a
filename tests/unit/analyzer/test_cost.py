"""Prices: AWS's worked examples as oracles, and what must hold for every application."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.cost.book import DEFAULT_BOOK, PriceBookError, load_price_book, parse_price_book
from analyzer.cost.executor_memory import executor_memory, parse_bytes
from analyzer.cost.price import GIB, TARGETS, ExecutorUse, Target, application_cost, billed, unit_prices
from analyzer.cost.worker_sizes import WORKER_SIZES, worker_size
from collector.eventlog.redaction import kept_properties

BOOK = load_price_book()
MIB = 1 << 20
THREE_HOURS_MS = 3 * 3600 * 1000
R5_4XLARGE = ExecutorUse(THREE_HOURS_MS, 16, 128 * GIB)

executors = st.builds(
    ExecutorUse,
    lifetime_ms=st.integers(0, 10**9),
    cores=st.integers(1, 64),
    memory_bytes=st.integers(MIB, 256 * GIB),
)
targets = st.builds(
    Target,
    kind=st.sampled_from(TARGETS),
    instance_type=st.one_of(st.none(), st.sampled_from(sorted(BOOK.instances))),
    architecture=st.sampled_from(["x86", "arm64"]),
    ec2_discount=st.floats(0, 0.9),
)


# Source: AWS, EMR best practices guide, benchmarking variables: 25 workers of r5.4xlarge for 3 hours, fully used.
def test_worked_example_on_ec2_counts_the_primary_node() -> None:
    cost = application_cost([R5_4XLARGE] * 26, BOOK, Target("emr-ec2", "r5.4xlarge"))

    assert cost.usd == pytest.approx(98.28, abs=0.005)


def test_worked_example_on_eks() -> None:
    cost = application_cost([R5_4XLARGE] * 25, BOOK, Target("emr-eks", "r5.4xlarge"))

    assert cost.usd == pytest.approx(98.43, abs=0.03)


def test_worked_example_on_serverless() -> None:
    prices = unit_prices(BOOK, Target("emr-serverless"))

    assert prices.usd(vcpu_s=25 * 16 * 10800, gib_s=25 * 128 * 10800) == pytest.approx(118.62, abs=0.005)


# Source: aws-samples/aws-emr-advisor, AwsCostsTest.
def test_uplift_on_eks_of_a_hundred_cores_for_two_hours() -> None:
    assert BOOK.eks_uplift.usd(vcpu_s=100 * 7200, gib_s=300 * 7200) == pytest.approx(2.6908, abs=0.0001)


def test_serverless_of_a_hundred_cores_for_an_hour() -> None:
    assert BOOK.serverless["x86"].usd(vcpu_s=100 * 3600, gib_s=750 * 3600) == pytest.approx(9.596275)


def test_unknown_instance_types_cost_within_three_per_cent_of_the_families_that_the_fit_is_of() -> None:
    fitted = unit_prices(BOOK, Target("emr-ec2"))

    for name in ("c5.xlarge", "m5.xlarge", "r5.xlarge"):
        node = BOOK.instance(name)
        assert fitted.usd(node.vcpu * 3600, node.gib * 3600) == pytest.approx(node.ec2_h_usd + node.fee_h_usd, rel=0.03)


def test_a_discount_leaves_the_emr_fee_as_it_is() -> None:
    spot = application_cost([R5_4XLARGE], BOOK, Target("emr-ec2", "r5.4xlarge", ec2_discount=0.5))

    assert spot.usd == pytest.approx(3 * (0.504 + 0.252))


def test_serverless_bills_a_minute_at_least_and_whole_workers() -> None:
    vcpu_s, gib_s = billed(ExecutorUse(10_500, 3, 9 * GIB), BOOK, Target("emr-serverless"))

    assert (vcpu_s, gib_s) == (4 * 60, 9 * 60)


@pytest.mark.parametrize(
    ("cores", "gib", "expected"),
    [(1, 1.5, (1, 2)), (1, 9, (2, 9)), (4, 15.4, (4, 16)), (4, 31, (8, 32)), (8, 17, (8, 20)), (16, 119, (16, 120)), (16, 128, (16, 128))],
)
def test_executors_are_rounded_up_to_worker_sizes(cores: int, gib: float, expected: tuple[int, int]) -> None:
    assert worker_size(cores, gib) == expected


@given(cores=st.integers(1, 16), gib=st.floats(0.1, 120))
def test_a_worker_is_never_smaller_than_its_executor(cores: int, gib: float) -> None:
    vcpu, memory = worker_size(cores, gib)

    assert vcpu >= cores
    assert memory >= gib
    assert vcpu in WORKER_SIZES


@given(uses=st.lists(executors, max_size=20), target=targets)
def test_costs_are_never_negative_and_parts_sum_to_the_whole(uses: list[ExecutorUse], target: Target) -> None:
    cost = application_cost(uses, BOOK, target)

    assert 0 <= cost.low_usd <= cost.usd <= cost.high_usd
    assert cost.vcpu_usd + cost.memory_usd == pytest.approx(cost.usd)
    assert sum(application_cost([use], BOOK, target).usd for use in uses) == pytest.approx(cost.usd)


@given(use=executors, target=targets, longer_ms=st.integers(0, 10**6))
def test_a_longer_life_never_costs_less(use: ExecutorUse, target: Target, longer_ms: int) -> None:
    longer = ExecutorUse(use.lifetime_ms + longer_ms, use.cores, use.memory_bytes)

    assert application_cost([longer], BOOK, target).usd >= application_cost([use], BOOK, target).usd


def figures(document: Any) -> list[dict[str, Any]]:
    if isinstance(document, dict):
        return [document] if "source" in document else [f for value in document.values() for f in figures(value)]
    return []


def test_every_figure_has_a_source_and_a_date() -> None:
    found = figures(json.loads(DEFAULT_BOOK.read_text()))

    assert len(found) > 25
    assert all(f["source"] and f["as_of"] for f in found)


def test_a_book_without_a_price_is_refused_by_its_name() -> None:
    document = copy.deepcopy(json.loads(DEFAULT_BOOK.read_text()))
    del document["emr_serverless"]["arm64"]["gib_h"]

    with pytest.raises(PriceBookError, match=r"emr_serverless\.arm64\.gib_h"):
        parse_price_book(document)


@pytest.mark.parametrize("price", [-1, math.nan, math.inf])
def test_a_book_with_a_price_that_is_none_is_refused(price: float) -> None:
    document = copy.deepcopy(json.loads(DEFAULT_BOOK.read_text()))
    document["emr_ec2"]["vcpu_h"]["value"] = price

    with pytest.raises(PriceBookError, match="not negative"):
        parse_price_book(document)


@pytest.mark.parametrize(("figure", "value"), [("batch", 0), ("batch", 0.5), ("prior_h", 0)])
def test_a_book_whose_reclaims_cannot_be_drawn_is_refused(figure: str, value: float) -> None:
    document = copy.deepcopy(json.loads(DEFAULT_BOOK.read_text()))
    document["spot"][figure]["value"] = value

    with pytest.raises(PriceBookError, match=rf"spot\.{figure}` = {value}.*expected"):
        parse_price_book(document)


def test_a_book_in_which_serverless_is_free_is_refused_since_nothing_can_be_a_share_of_it() -> None:
    document = copy.deepcopy(json.loads(DEFAULT_BOOK.read_text()))
    document["emr_serverless"]["arm64"]["vcpu_h"]["value"] = 0

    with pytest.raises(PriceBookError, match=r"emr_serverless\.arm64\.vcpu_h` = 0: expected a price above 0"):
        parse_price_book(document)


def test_an_unreadable_book_is_named(tmp_path: Path) -> None:
    with pytest.raises(PriceBookError, match=r"absent\.json"):
        load_price_book(tmp_path / "absent.json")


def test_an_unknown_instance_type_is_refused_with_the_known_ones() -> None:
    with pytest.raises(PriceBookError, match=r"m9\.huge.*m5\.xlarge"):
        unit_prices(BOOK, Target("emr-ec2", "m9.huge"))


@pytest.mark.parametrize("wrong", [{"kind": "glue"}, {"architecture": "sparc"}, {"ec2_discount": 1.0}])
def test_targets_that_do_not_exist_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(PriceBookError, match="expected"):
        Target(**wrong)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("4g", 4 * GIB), ("512", 512 * MIB), ("512m", 512 * MIB), ("1024k", MIB), ("2GB", 2 * GIB), ("x", None), (None, None)],
)
def test_sizes_are_read_as_spark_reads_them(text: str | None, expected: int | None) -> None:
    assert parse_bytes(text) == expected


@pytest.mark.parametrize(
    ("conf", "platform", "gib"),
    [
        ({}, "yarn", 1.375),
        ({"spark.executor.memory": "10g"}, "yarn", 11.0),
        ({"spark.executor.memory": "9486m"}, "emr(yarn)", 9486 * 1.1875 / 1024),
        ({"spark.executor.memory": "4g", "spark.executor.memoryOverhead": "4g"}, "k8s", 8.0),
        ({"spark.executor.memory": "10g", "spark.kubernetes.resource.type": "python"}, "k8s", 14.0),
        ({"spark.executor.memory": "10g"}, "standalone", 10.0),
        ({"spark.executor.memory": "10g"}, "standalone?", 10.0),
        ({"spark.executor.memory": "10g", "spark.memory.offHeap.enabled": "true", "spark.memory.offHeap.size": "2g"}, "yarn", 13.0),
        ({"spark.executor.memory": "10g", "spark.executor.pyspark.memory": "1g"}, "yarn", 12.0),
    ],
)
def test_memory_of_an_executor_includes_its_overhead(conf: dict[str, str], platform: str, gib: float) -> None:
    assert executor_memory(conf, platform).total_bytes / GIB == pytest.approx(gib, abs=0.001)


def test_a_resource_profile_goes_before_the_configuration() -> None:
    profile = {"executor_memory_bytes": 2 * GIB, "executor_memory_overhead_bytes": GIB}

    assert executor_memory({"spark.executor.memory": "10g"}, "yarn", profile).total_bytes == 3 * GIB


@pytest.mark.parametrize(
    ("conf", "platform", "overhead_mib"),
    [
        ({"spark.executor.memory": "8g", "spark.yarn.executor.memoryOverhead": "2048"}, "yarn", 2048),
        ({"spark.executor.memory": "4096M", "spark.yarn.executor.memoryOverheadFactor": "0.25"}, "yarn", 1024),
        ({"spark.executor.memory": "10g", "spark.kubernetes.resource.type": "python"}, "k8s", 4096),
    ],
)
def test_overhead_of_older_keys_reaches_the_analyzer(conf: dict[str, str], platform: str, overhead_mib: int) -> None:
    assert executor_memory(kept_properties(conf), platform).overhead_bytes == overhead_mib * MIB
