"""One run priced on every deployment of EMR, and where its utilisation lies against the break-even of its cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from analyzer.cost.bill import Bill, Run, Terms
from analyzer.cost.book import PriceBook
from analyzer.cost.break_even import Cluster, break_even, serverless_h_usd, verdict
from analyzer.cost.emr_ec2 import node_hours, own_cluster, shared_cluster
from analyzer.cost.emr_eks import pods_on_fargate, pods_on_nodes
from analyzer.cost.emr_serverless import billed_hours, hours_usd, serverless
from analyzer.cost.nodes import ON_DEMAND, Purchase, architecture_of, cheapest_instance

RULE_OF_THUMB = 0.70
"""What talks name as the break-even. Shown beside the computed one, and used for nothing."""


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Where a cluster of its own stands: `utilisation` of its nodes, and the one at which EMR Serverless costs the same."""

    instance_type: str
    node_h: float
    nodes_peak: int
    utilisation: float
    at: float
    verdict: str
    by_purchase: Sequence[tuple[str, float]]
    """Break-even of the same cluster bought otherwise."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All bills, and the break-even where a node type holds the run's executors."""

    bills: Sequence[Bill]
    break_even: BreakEven | None
    instance_type: str | None


def compare(run: Run, book: PriceBook, terms: Terms) -> Comparison:
    """Price a run everywhere; PriceBookError where a named node type is unknown or too small."""
    node = terms.instance_type or _fitting(run, book, terms.architecture)
    bills = [shared_cluster(run, book, terms, node)]
    if node is not None and run.executors:
        bills.append(own_cluster(run, book, terms, node))
    bills += [pods_on_nodes(run, book, terms, node), pods_on_fargate(run, book)]
    other = "x86" if terms.architecture == "arm64" else "arm64"
    bills += [serverless(run, book, terms), serverless(run, book, replace(terms, architecture=other))]
    return Comparison(bills, None if node is None or not run.executors else _break_even(run, book, terms, node), node)


def _fitting(run: Run, book: PriceBook, architecture: str) -> str | None:
    """The cheapest type for the largest container of the run."""
    held = run.executors if run.driver_on_primary else run.containers
    if not held:
        return None
    changes = sorted([(s.start_ms, 1) for s in held] + [(s.end_ms, -1) for s in held])
    peak = max(accumulate(change for _, change in changes))
    return cheapest_instance(book, max(s.cores for s in held), max(s.gib for s in held), architecture, max(1, peak))


def _break_even(run: Run, book: PriceBook, terms: Terms, node: str) -> BreakEven | None:
    hours, peak = node_hours(run, book, node)
    if hours <= 0 or run.wall_ms <= 0:
        return None
    architecture = terms.architecture if terms.instance_type is None else architecture_of(node)
    whole = hours * serverless_h_usd(book, book.instance(node), architecture)
    used = hours_usd(billed_hours(run.containers, book, terms), book, architecture)
    # Private and Flex discounts make the same hours cheaper, warm workers make them dearer; utilisation is of the hours.
    discount = 1 - serverless(run, book, replace(terms, architecture=architecture)).usd / used
    boot_h = book.ec2_start_up_s / 3600
    # The boot of nodes and of the primary belongs to the cluster's cost: both are spread over the hours of its workers.
    workers = hours / (run.wall_ms / 3_600_000 + boot_h)

    def at(purchase: Purchase) -> float:
        cluster = Cluster(node, workers, terms.primary_type or node, purchase, terms.volumes)
        price = break_even(book, replace(cluster, primary=None), architecture, discount=discount)
        return price * (1 + peak * boot_h / hours) + (break_even(book, cluster, architecture, discount=discount) - price)

    here = at(terms.purchase)
    return BreakEven(
        instance_type=node,
        node_h=hours,
        nodes_peak=peak,
        utilisation=used / whole,
        at=here,
        verdict=verdict(used / whole, here),
        by_purchase=[
            ("On-Demand", at(ON_DEMAND)),
            ("Savings Plan", at(Purchase(plan_share=1.0, plan_discount=book.savings_plan_discount))),
            ("Spot", at(Purchase(spot_share=1.0, spot_discount=book.spot.discount))),
        ],
    )
