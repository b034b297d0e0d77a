"""The utilisation at which EMR on EC2 and EMR Serverless cost the same, computed for a cluster rather than taken as a constant.

Utilisation is what EMR Serverless would bill over what it would bill for the whole of the nodes: vCPU and memory, each at
its price. Below the break-even EMR Serverless is cheaper, above it EMR on EC2 is.
"""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.cost.book import Instance, PriceBook
from analyzer.cost.nodes import ON_DEMAND, Purchase, node_price

TOO_CLOSE = 0.05
"""Within five points of the break-even prices and run times are not known well enough to say."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster of like workers; without a primary type there is no primary node to pay."""

    worker: str
    workers: float = 1.0
    primary: str | None = None
    purchase: Purchase = ON_DEMAND
    volumes: str = "none"


def serverless_h_usd(book: PriceBook, node: Instance, architecture: str = "x86", discount: float = 0.0) -> float:
    """USD an hour of a node's shape, fully used, on EMR Serverless; `discount` is a private or Flex one, 0 to 1."""
    return book.serverless[architecture].usd(node.vcpu * 3600, node.gib * 3600) * (1 - discount)


def break_even(
    book: PriceBook, cluster: Cluster, architecture: str = "x86", relative_run_time: float = 1.0, discount: float = 0.0
) -> float:
    """The break-even utilisation of a cluster; over 1 where EMR Serverless is cheaper even than full nodes.

    `relative_run_time` is the run time on EMR Serverless over that on EC2. The primary node is bought On-Demand.
    """
    worker = node_price(book, cluster.worker, cluster.purchase, cluster.volumes).h_usd
    primary = node_price(book, cluster.primary, ON_DEMAND, cluster.volumes).h_usd if cluster.primary else 0.0
    whole = serverless_h_usd(book, book.instance(cluster.worker), architecture, discount) * relative_run_time
    return (cluster.workers * worker + primary) / (cluster.workers * whole)


def eks_break_even(book: PriceBook, worker: str, purchase: Purchase = ON_DEMAND, architecture: str = "x86") -> float:
    """The same between EMR on EKS and EMR Serverless: nodes are paid whole, the EMR fee on what pods ask for."""
    node = book.instance(worker)
    fee = book.eks_uplift.usd(node.vcpu * 3600, node.gib * 3600)
    return node.ec2_h_usd * (1 - purchase.discount) / (serverless_h_usd(book, node, architecture) - fee)


def shortest_run_s(book: PriceBook, cluster: Cluster, utilisation: float, start_up_s: float, architecture: str = "x86") -> float | None:
    """How long a run on a cluster of its own must be for EC2 to be cheaper, the boot of the nodes being billed; None where it never is."""
    worker = node_price(book, cluster.worker, cluster.purchase, cluster.volumes).h_usd
    gained = utilisation * serverless_h_usd(book, book.instance(cluster.worker), architecture) - worker
    return worker * start_up_s / gained if gained > 0 else None


def verdict(utilisation: float, at_break_even: float) -> str:
    """`emr-serverless`, `emr-ec2`, or `too close to call`."""
    if abs(utilisation - at_break_even) <= TOO_CLOSE:
        return "too close to call"
    return "emr-serverless" if utilisation < at_break_even else "emr-ec2"
