"""The bill of EMR on EKS: the fee on what pods ask for, and the nodes under them or Fargate."""

from __future__ import annotations

import math
from collections.abc import Sequence

from analyzer.cost.bill import Bill, Run, Terms, bill_of
from analyzer.cost.book import PriceBook, UnitPrices
from analyzer.cost.price import Target, unit_prices
from analyzer.cost.worker_sizes import worker_size

HOUR_MS = 3_600_000


def pods_on_nodes(run: Run, book: PriceBook, terms: Terms, instance_type: str | None) -> Bill:
    """Pods on EC2 nodes that others fill: the fee by the second, and the part of the nodes that the pods ask for."""
    target = Target("emr-eks", instance_type, terms.architecture, terms.purchase.discount)
    whole, fee = unit_prices(book, target), book.eks_uplift
    nodes = UnitPrices(whole.vcpu_h_usd - fee.vcpu_h_usd, whole.gib_h_usd - fee.gib_h_usd)
    pods = [(span.cores, span.gib, math.ceil(span.lifetime_ms / 1000)) for span in run.containers]
    items = {
        "ec2": sum(nodes.usd(cores * seconds, gib * seconds) for cores, gib, seconds in pods),
        "emr_fee": _usd(fee, pods),
    }
    return bill_of(
        "EKS on EC2 nodes",
        "emr-eks",
        items,
        run,
        low=1.0 if instance_type else book.low_factor,
        high=book.high_factor,
        more_usd=run.wall_ms / HOUR_MS * book.eks_control_plane_h_usd,
        notes=("the control plane, shared by the cluster, is in the high end only",),
    )


def pods_on_fargate(run: Run, book: PriceBook) -> Bill:
    """Pods on Fargate: rounded up to its sizes with the memory that Kubernetes needs, a minute a pod at least."""
    pods = []
    for span in run.containers:
        vcpu, gib = worker_size(span.cores, span.gib + book.fargate_added_gib)
        pods.append((vcpu, gib, max(math.ceil(span.lifetime_ms / 1000), book.fargate_minimum_s)))
    items = {
        "vcpu": sum(book.fargate.usd(vcpu * seconds, 0) for vcpu, _, seconds in pods),
        "memory": sum(book.fargate.usd(0, gib * seconds) for _, gib, seconds in pods),
        "emr_fee": _usd(book.eks_uplift, pods),
    }
    more = run.wall_ms / HOUR_MS * book.eks_control_plane_h_usd
    return bill_of("EKS on Fargate", "emr-eks", items, run, high=book.high_factor, more_usd=more)


def _usd(prices: UnitPrices, pods: Sequence[tuple[float, float, float]]) -> float:
    return sum(prices.usd(cores * seconds, gib * seconds) for cores, gib, seconds in pods)
