"""One run on every deployment: AWS's worked example and published break-evens as oracles, and what must hold for every run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.cost.bill import Bill, ExecutorSpan, Run, Terms, WarmWorkers
from analyzer.cost.book import PriceBookError, load_price_book
from analyzer.cost.break_even import Cluster, break_even, eks_break_even, shortest_run_s, verdict
from analyzer.cost.deployments import compare
from analyzer.cost.emr_ec2 import node_hours, own_cluster, shared_cluster
from analyzer.cost.emr_eks import pods_on_fargate, pods_on_nodes
from analyzer.cost.emr_serverless import billed_hours, serverless
from analyzer.cost.nodes import (
    Purchase,
    architecture_of,
    cheapest_instance,
    emr_fee_h_usd,
    executors_per_node,
    has_disks,
    node_price,
    yarn_gib,
)
from analyzer.cost.price import GIB

BOOK = load_price_book()
HOUR_MS = 3_600_000
THREE_HOURS = 3 * HOUR_MS


def span(cores: float, gib: float, end_ms: int = THREE_HOURS, start_ms: int = 0) -> ExecutorSpan:
    return ExecutorSpan(start_ms, end_ms, cores, int(gib * GIB))


NO_DRIVER = span(0, 0)
EXAMPLE = Run([span(16, 120)] * 25, NO_DRIVER, driver_on_primary=True, observed="emr-ec2")
NODES = Terms(instance_type="r5.4xlarge", volumes="none")


# Source: AWS, EMR best practices guide, benchmarking variables: 25 workers of r5.4xlarge and a primary for 3 hours, fully used.
def test_worked_example_on_a_cluster_of_its_own() -> None:
    items = own_cluster(EXAMPLE, BOOK, NODES, "r5.4xlarge").items

    assert items["ec2"] == pytest.approx(75.60, abs=0.005)  # the example's price of plain EC2
    assert sum(usd for item, usd in items.items() if item != "start_up") == pytest.approx(98.28, abs=0.005)


def test_worked_example_on_eks_and_serverless() -> None:
    full = Run([span(16, 128)] * 25, NO_DRIVER, observed="emr-eks")

    assert pods_on_nodes(full, BOOK, NODES, "r5.4xlarge").usd == pytest.approx(98.43, abs=0.03)
    # 128 GiB is more than the largest worker, so it is priced as it is, as in the example.
    items = serverless(full, BOOK, Terms()).items
    assert items["vcpu"] + items["memory"] == pytest.approx(118.62, abs=0.005)


def test_worked_example_breaks_even_where_aws_prices_do() -> None:
    assert break_even(BOOK, Cluster("r5.4xlarge", 25, "r5.4xlarge")) == pytest.approx(98.28 / 118.62, abs=0.0005)


# List prices against EMR Serverless, no volumes, no primary node; computed independently from the same list prices.
@pytest.mark.parametrize(
    ("worker", "on_demand", "plan_28", "plan_32", "plan_48", "plan_60", "spot_55", "spot_65"),
    [
        ("c5.xlarge", 82.8, 64.2, 61.6, 51.0, 43.0, 46.4, 39.7),
        ("m5.xlarge", 79.2, 61.5, 58.9, 48.8, 41.2, 44.4, 38.0),
        ("r5.xlarge", 79.7, 61.8, 59.3, 49.1, 41.4, 44.6, 38.2),
        ("c5.18xlarge", 72.1, 53.5, 50.9, 40.3, 32.3, 35.6, 29.0),
        ("m5.16xlarge", 68.9, 51.2, 48.7, 38.5, 30.9, 34.1, 27.8),
        ("r5.12xlarge", 69.4, 51.6, 49.0, 38.8, 31.2, 34.4, 28.0),
        ("r5.24xlarge", 66.6, 48.7, 46.2, 36.0, 28.3, 31.5, 25.2),
    ],
)
def test_break_even_table(worker: str, on_demand: float, plan_28: float, plan_32: float, plan_48: float, plan_60: float, spot_55: float,
                          spot_65: float) -> None:  # fmt: skip
    plans = {0.0: on_demand, 0.28: plan_28, 0.32: plan_32, 0.48: plan_48, 0.60: plan_60}
    for discount, expected in plans.items():
        bought = Cluster(worker, purchase=Purchase(plan_share=1, plan_discount=discount))
        assert break_even(BOOK, bought) * 100 == pytest.approx(expected, abs=0.11)
    for discount, expected in {0.55: spot_55, 0.65: spot_65}.items():
        assert break_even(BOOK, Cluster(worker, purchase=Purchase(1, discount))) * 100 == pytest.approx(expected, abs=0.11)


@pytest.mark.parametrize(
    ("worker", "architecture", "expected"),
    [
        ("m5.8xlarge", "x86", 74.5),
        ("m5.12xlarge", "x86", 70.8),
        ("r5.8xlarge", "x86", 72.3),
        ("m6g.xlarge", "arm64", 79.4),
        ("m6g.xlarge", "x86", 63.5),
        ("r7g.8xlarge", "arm64", 84.6),
    ],
)
def test_break_even_of_capped_and_arm_nodes(worker: str, architecture: str, expected: float) -> None:
    assert break_even(BOOK, Cluster(worker), architecture) * 100 == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize(
    ("worker", "plans", "spot"),
    [
        ("m6g.xlarge", {0.28: 61.6, 0.32: 59.1, 0.48: 48.9, 0.60: 41.3}, {0.55: 44.5, 0.65: 38.1}),
        ("r7g.8xlarge", {0.28: 65.7, 0.32: 63.0, 0.48: 52.1, 0.60: 44.0}, {0.55: 47.4, 0.65: 40.6}),
    ],
)
def test_break_even_of_discounted_arm_nodes(worker: str, plans: dict[float, float], spot: dict[float, float]) -> None:
    bought = [(Purchase(plan_share=1, plan_discount=discount), at) for discount, at in plans.items()]
    bought += [(Purchase(1, discount), at) for discount, at in spot.items()]
    for purchase, at in bought:
        assert break_even(BOOK, Cluster(worker, purchase=purchase), "arm64") * 100 == pytest.approx(at, abs=0.11)


# Spot prices of us-east-1 as of 2026-09-06.
@pytest.mark.parametrize(
    ("worker", "spot_h_usd", "expected"),
    [
        ("m5.xlarge", 0.07044, 39.1),
        ("m5.2xlarge", 0.18826, 46.9),
        ("m5.4xlarge", 0.29678, 40.3),
        ("c5.xlarge", 0.07154, 44.4),
        ("r5.xlarge", 0.07836, 35.8),
    ],
)
def test_break_even_at_spot_prices_that_were(worker: str, spot_h_usd: float, expected: float) -> None:
    discount = 1 - spot_h_usd / BOOK.instance(worker).ec2_h_usd

    assert break_even(BOOK, Cluster(worker, purchase=Purchase(1, discount))) * 100 == pytest.approx(expected, abs=0.11)


@pytest.mark.parametrize(("spot_share", "expected"), [(1.0, 41.2), (0.8, 48.8), (0.6, 56.4)])
def test_break_even_of_a_mixed_fleet(spot_share: float, expected: float) -> None:
    mixed = Cluster("m5.xlarge", purchase=Purchase(spot_share, 0.6))

    assert break_even(BOOK, mixed) * 100 == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize(("workers", "low", "high"), [(5, 98, 104.2), (10, 90, 96), (25, 85, 90.3)])
def test_primary_node_and_volumes_raise_the_break_even_of_small_clusters(workers: int, low: float, high: float) -> None:
    for worker in ("c5.xlarge", "m5.xlarge", "r5.xlarge"):
        assert low <= break_even(BOOK, Cluster(worker, workers, worker, volumes="gp2")) * 100 <= high


@pytest.mark.parametrize(("workers", "expected"), [(5, 86.4), (10, 84.3), (25, 83.1)])
def test_a_small_primary_raises_it_less(workers: int, expected: float) -> None:
    assert break_even(BOOK, Cluster("m5.4xlarge", workers, "m5.xlarge", volumes="gp2")) * 100 == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize(("worker", "architecture", "expected"), [("c5.xlarge", "x86", 82.0), ("m5.xlarge", "x86", 78.5),
                                                                   ("r5.xlarge", "x86", 78.9), ("m6g.xlarge", "arm64", 83.6)])  # fmt: skip
def test_break_even_of_eks(worker: str, architecture: str, expected: float) -> None:
    assert eks_break_even(BOOK, worker, architecture=architecture) * 100 == pytest.approx(expected, abs=0.06)


def test_a_discount_on_serverless_moves_the_break_even() -> None:
    assert break_even(BOOK, Cluster("m5.xlarge"), discount=0.1) * 100 == pytest.approx(88.0, abs=0.05)
    assert break_even(BOOK, Cluster("m5.xlarge"), discount=0.21) > 1


def test_committed_and_idle_capacity_costs_only_its_fee() -> None:
    sunk = Cluster("m5.xlarge", purchase=Purchase(plan_share=1, plan_discount=0.999999))

    assert break_even(BOOK, sunk) * 100 == pytest.approx(15.8, abs=0.05)


def test_boot_time_makes_short_runs_dear_on_a_cluster_of_their_own() -> None:
    shortest = shortest_run_s(BOOK, Cluster("m5.xlarge"), utilisation=0.9, start_up_s=300)

    assert shortest is not None
    assert shortest / 60 == pytest.approx(37, abs=0.5)
    assert shortest_run_s(BOOK, Cluster("m5.xlarge"), utilisation=0.7, start_up_s=300) is None


def test_five_points_around_the_break_even_are_too_close_to_call() -> None:
    assert [verdict(used, 0.8) for used in (0.7, 0.76, 0.84, 0.9)] == [
        "emr-serverless",
        "too close to call",
        "too close to call",
        "emr-ec2",
    ]


def test_spot_takes_less_off_the_whole_than_off_ec2() -> None:
    spot = node_price(BOOK, "m5.xlarge", Purchase(1, 0.63), "none").h_usd

    assert 1 - spot / node_price(BOOK, "m5.xlarge", volumes="none").h_usd == pytest.approx(0.504, abs=0.002)


def test_volumes_of_a_node() -> None:
    assert node_price(BOOK, "m5.xlarge").ebs_h_usd == pytest.approx(74 * 0.10 / 720)
    assert node_price(BOOK, "m5.xlarge", volumes="gp3").ebs_h_usd == pytest.approx(74 * 0.08 / 720)


def test_nodes_with_disks_of_their_own_get_a_root_volume_only() -> None:
    assert node_price(BOOK, "r8gd.xlarge").ebs_h_usd == pytest.approx(10 * 0.10 / 720)
    with_disks = ("r8gd.xlarge", "m6id.2xlarge", "x2iedn.32xlarge", "i4i.xlarge", "im4gn.large", "d3.xlarge")
    assert all(has_disks(name) for name in with_disks)
    assert not any(has_disks(name) for name in ("m5.xlarge", "r7g.8xlarge", "m7i-flex.large", "c5n.xlarge", "m6in.large"))


@pytest.mark.parametrize(
    ("instance_type", "ec2_h", "fee_h"),
    [("m5.4xlarge", 0.768, 0.192), ("c5.18xlarge", 3.06, 0.27), ("r7g.8xlarge", 1.7136, 0.4284), ("x2iedn.32xlarge", 26.676, 6.669)],
)
def test_the_fee_is_a_quarter_and_capped_on_old_generations(instance_type: str, ec2_h: float, fee_h: float) -> None:
    assert emr_fee_h_usd(BOOK, instance_type, ec2_h) == pytest.approx(fee_h)


@pytest.mark.parametrize(("gib", "expected_mib"), [(16, 12288), (32, 24576), (64, 57344), (128, 122880), (256, 253952), (8, 6144)])
def test_memory_that_yarn_hands_out(gib: int, expected_mib: int) -> None:
    assert yarn_gib(gib) * 1024 == expected_mib


# Source: EMR release guide, YARN memory by node type: m6g.xlarge, m6g.4xlarge, r6g.xlarge, r6g.4xlarge.
@pytest.mark.parametrize(("gib", "expected_mib"), [(16, 11712), (64, 54272), (32, 23424), (128, 116736)])
def test_graviton_nodes_see_less_of_their_memory(gib: int, expected_mib: int) -> None:
    assert yarn_gib(gib, "arm64") * 1024 == expected_mib


def test_an_executor_that_fills_an_intel_node_does_not_fit_the_graviton_node_of_its_size() -> None:
    run = Run([span(4, 12, HOUR_MS)], span(1, 1, HOUR_MS))

    assert node_hours(run, BOOK, "m5.xlarge") == (pytest.approx(1.0), 1)
    with pytest.raises(PriceBookError, match=r"does not fit `m6g\.xlarge`"):
        node_hours(run, BOOK, "m6g.xlarge")
    assert cheapest_instance(BOOK, 4, 12, "arm64", executors=1) == "r8gd.xlarge"


def test_executors_on_a_node() -> None:
    node = BOOK.instance("m5.xlarge")

    assert executors_per_node(node, 4, 9486 * 1.1875 / 1024) == 1
    assert executors_per_node(node, 1, 3) == 4
    assert executors_per_node(node, 1, 12.01) == 0
    assert cheapest_instance(BOOK, 4, 11, "x86", executors=1) == "m5.xlarge"
    assert cheapest_instance(BOOK, 4, 11, "x86", executors=160) == "m5.16xlarge"
    assert cheapest_instance(BOOK, 200, 11, "x86", executors=1) is None
    assert [architecture_of(name) for name in ("m6g.xlarge", "r7gd.2xlarge", "m5.xlarge", "g4dn.xlarge")] == [
        "arm64",
        "arm64",
        "x86",
        "x86",
    ]


def test_nodes_follow_the_executors() -> None:
    # Two of 2 cores and 6 GiB fit an m5.xlarge: three of them need two nodes for the hour that they overlap, then one.
    run = Run([span(2, 6, HOUR_MS), span(2, 6, 2 * HOUR_MS), span(2, 6, HOUR_MS)], span(1, 1, 2 * HOUR_MS))

    assert node_hours(run, BOOK, "m5.xlarge") == (pytest.approx(3.0), 2)


def test_a_node_is_billed_a_minute_at_least_of_boot_and_run() -> None:
    # AWS bills an instance from launch to end, a minute at least: 210 s of boot and 1 s of work are 211 s, not 270.
    run = Run([span(4, 10, 1_000)], span(1, 1, 1_000))
    items = own_cluster(run, BOOK, Terms(), "m5.xlarge").items
    at_once = replace(BOOK, ec2_start_up_s=0.0)

    assert sum(items.values()) == pytest.approx(2 * 211 / 3600 * node_price(BOOK, "m5.xlarge").h_usd)
    assert node_hours(run, at_once, "m5.xlarge") == (pytest.approx(60 / 3600), 1)
    assert own_cluster(run, at_once, Terms(), "m5.xlarge").usd == pytest.approx(2 / 60 * node_price(BOOK, "m5.xlarge").h_usd)


def test_a_driver_in_cluster_mode_takes_a_container() -> None:
    run = Run([span(4, 10)], span(4, 10), driver_on_primary=False)

    assert node_hours(run, BOOK, "m5.xlarge")[0] == pytest.approx(6.0)


def test_an_executor_that_fits_no_node_is_refused_with_what_to_do() -> None:
    with pytest.raises(PriceBookError, match=r"does not fit `m5\.xlarge`\n\nhint: "):
        node_hours(Run([span(4, 60)], span(1, 1)), BOOK, "m5.xlarge")


def test_serverless_bills_storage_over_the_free_part_and_warm_workers() -> None:
    run = Run([span(4, 16, HOUR_MS)], span(4, 16, HOUR_MS), observed="emr-serverless")
    items = serverless(run, BOOK, Terms(worker_disk_gib=120, warm=WarmWorkers(2, 900))).items

    assert items["storage"] == pytest.approx(2 * 100 * 0.000111)
    assert items["warm_workers"] == pytest.approx(2 * 0.25 * BOOK.serverless["x86"].usd(4 * 3600, 16 * 3600))
    assert "storage" not in serverless(run, BOOK, Terms(worker_disk_gib=120, managed_shuffle=True)).items


def test_flex_discounts_executors_and_not_the_driver() -> None:
    run = Run([span(4, 16, HOUR_MS)] * 3, span(4, 16, HOUR_MS))
    plain, flex = serverless(run, BOOK, Terms()).items, serverless(run, BOOK, Terms(flex_discount=0.4)).items

    assert flex["driver"] == plain["driver"]
    assert flex["vcpu"] == pytest.approx(plain["vcpu"] * 0.6)


def test_short_executors_pay_a_minute_each_on_serverless_and_fargate() -> None:
    short, minute = Run([span(4, 16, 5_000)], span(1, 2, 5_000)), Run([span(4, 16, 60_000)], span(1, 2, 60_000))

    assert billed_hours(short.executors, BOOK, Terms()) == billed_hours(minute.executors, BOOK, Terms())
    assert pods_on_fargate(short, BOOK).usd == pytest.approx(pods_on_fargate(minute, BOOK).usd)


def test_fargate_pods_carry_kubernetes_memory() -> None:
    # 4 vCPU and 16 GiB become 4 and 17 with the 256 MB of Kubernetes' own.
    items = pods_on_fargate(Run([span(4, 16, HOUR_MS)], span(0, 0, 0)), BOOK).items

    assert items["vcpu"] == pytest.approx(4 * 0.04048 + 1 / 60 * 0.04048)
    assert items["memory"] == pytest.approx(17 * 0.004445 + 2 / 60 * 0.004445)


def test_a_run_seen_elsewhere_has_a_wider_range() -> None:
    here, there = (shared_cluster(replace(EXAMPLE, observed=seen), BOOK, NODES, "r5.4xlarge") for seen in ("emr-ec2", "emr-serverless"))

    assert here.usd == there.usd
    assert there.low_usd < here.low_usd <= here.usd <= here.high_usd < there.high_usd


@pytest.mark.parametrize(
    "asked",
    [
        NODES,
        replace(NODES, serverless_discount=0.25),
        replace(NODES, flex_discount=0.4),
        replace(NODES, worker_disk_gib=200, serverless_discount=0.3),
        replace(NODES, warm=WarmWorkers(25, 3600)),
    ],
)
def test_the_break_even_of_a_run_agrees_with_its_bills(asked: Terms) -> None:
    compared = compare(EXAMPLE, BOOK, asked)
    bills = {bill.name: bill for bill in compared.bills}
    found = compared.break_even

    assert found is not None
    on_serverless = next(bill for name, bill in bills.items() if name.startswith("Serverless") and "arm64" not in name)
    ratio = on_serverless.usd / bills["EC2, a cluster of its own"].usd
    assert found.utilisation / found.at == pytest.approx(ratio, rel=0.01)
    assert found.verdict == ("emr-serverless" if ratio < 1 else "emr-ec2")
    assert [name for name, _ in found.by_purchase] == ["On-Demand", "Savings Plan", "Spot"]


moments = st.integers(0, 10**8)
executors = st.builds(
    lambda start, length, cores, gib: ExecutorSpan(start, start + length, cores, int(gib * GIB)),
    moments,
    st.integers(0, 10**8),
    st.integers(1, 16),
    st.integers(1, 100),
)


@st.composite
def runs(draw: st.DrawFn) -> Run:
    held = draw(st.lists(executors, max_size=8))
    end = max((e.end_ms for e in held), default=0) + draw(st.integers(0, 10**7))
    driver = ExecutorSpan(0, end, draw(st.integers(1, 4)), draw(st.integers(1, 16)) * GIB)
    return Run(held, driver, draw(st.booleans()), draw(st.sampled_from(["", "emr-ec2", "emr-eks", "emr-serverless"])))


terms = st.builds(
    Terms,
    instance_type=st.sampled_from([None, "r5.4xlarge", "m5.16xlarge"]),
    purchase=st.builds(Purchase, st.floats(0, 1), st.floats(0, 0.9), st.floats(0, 1), st.floats(0, 0.9)),
    volumes=st.sampled_from(["gp2", "gp3", "none"]),
    architecture=st.sampled_from(["x86", "arm64"]),
    worker_disk_gib=st.integers(20, 200),
    flex_discount=st.floats(0, 0.9),
    warm=st.builds(WarmWorkers, st.integers(0, 5), st.integers(0, 900)),
)


def bills_of(run: Run, asked: Terms) -> dict[str, Bill]:
    try:
        return {bill.name: bill for bill in compare(run, BOOK, asked).bills}
    except PriceBookError:
        return {}


@given(run=runs(), asked=terms)
@settings(deadline=None, max_examples=25)
def test_bills_are_never_negative_and_items_sum_to_the_whole(run: Run, asked: Terms) -> None:
    for bill in bills_of(run, asked).values():
        assert all(usd > 0 for usd in bill.items.values())
        assert sum(bill.items.values()) == pytest.approx(bill.usd)
        assert 0 <= bill.low_usd <= bill.usd * (1 + 1e-9)
        assert bill.usd <= bill.high_usd * (1 + 1e-9)


@given(run=runs(), asked=terms, more_ms=st.integers(0, 10**7), more_gib=st.integers(0, 4), which=st.integers(0, 7))
@settings(deadline=None, max_examples=25)
def test_longer_or_larger_executors_never_cost_less(run: Run, asked: Terms, more_ms: int, more_gib: int, which: int) -> None:
    if not run.executors:
        return
    asked = replace(asked, instance_type=asked.instance_type or "m5.16xlarge", architecture="x86")
    place = which % len(run.executors)
    old = run.executors[place]
    grown = ExecutorSpan(old.start_ms, old.end_ms + more_ms, old.cores, old.memory_bytes + more_gib * GIB)
    more = replace(
        run,
        executors=[*run.executors[:place], grown, *run.executors[place + 1 :]],
        driver=replace(run.driver, end_ms=max(run.driver.end_ms, grown.end_ms)),
    )
    before, after = bills_of(run, asked), bills_of(more, asked)
    for name in before.keys() & after.keys():
        assert after[name].usd >= before[name].usd * (1 - 1e-9)
