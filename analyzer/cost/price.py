"""Prices of an application and of its parts: pure functions over executor lifetimes and a price book.

An executor costs its lifetime times (cores x price of a vCPU + memory x price of a GiB). The driver, the primary node
and the unused rest of nodes are not in the base cost; the high end of the range stands for them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from analyzer.cost.book import ARCHITECTURES, PriceBook, PriceBookError, UnitPrices
from analyzer.cost.worker_sizes import worker_size

GIB = 1 << 30
TARGETS = ("emr-ec2", "emr-eks", "emr-serverless")


@dataclass(frozen=True, slots=True)
class Target:
    """Where an application is taken to run."""

    kind: str = "emr-ec2"
    instance_type: str | None = None
    """Of the nodes; fitted unit prices where it is not known. Not used by EMR Serverless."""
    architecture: str = "x86"
    ec2_discount: float = 0.0
    """Spot, Savings Plan or reserved discount (0 to 1) on the EC2 part; the EMR fee is not discounted by AWS."""

    def __post_init__(self) -> None:
        if self.kind not in TARGETS:
            raise PriceBookError(f"unknown cost target `{self.kind}`: expected one of {', '.join(TARGETS)}")
        if self.architecture not in ARCHITECTURES:
            raise PriceBookError(f"unknown architecture `{self.architecture}`: expected one of {', '.join(ARCHITECTURES)}")
        if not 0 <= self.ec2_discount < 1:
            raise PriceBookError(f"EC2 discount {self.ec2_discount} is out of range: expected 0 or more and less than 1")


@dataclass(frozen=True, slots=True)
class ExecutorUse:
    """What one executor held, and for how long; memory with overhead and off-heap."""

    lifetime_ms: int
    cores: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Cost:
    """USD of an application: the base splits into `vcpu_usd` and `memory_usd`, the range says how wrong it may be."""

    vcpu_usd: float
    memory_usd: float
    low_usd: float
    high_usd: float

    @property
    def usd(self) -> float:
        return self.vcpu_usd + self.memory_usd


def unit_prices(book: PriceBook, target: Target) -> UnitPrices:
    """USD for an hour of a vCPU and of a GiB at `target`; with an instance type, a full node sums to the node's price."""
    if target.kind == "emr-serverless":
        return book.serverless[target.architecture]
    ec2_h, fee_h, scale = _node(book, target)
    kept = ec2_h * (1 - target.ec2_discount)
    if target.kind == "emr-ec2":
        factor = scale * (kept + fee_h) / (ec2_h + fee_h)
        return UnitPrices(book.emr_ec2.vcpu_h_usd * factor, book.emr_ec2.gib_h_usd * factor)
    factor = scale * kept / (ec2_h + fee_h)
    return UnitPrices(
        book.emr_ec2.vcpu_h_usd * factor + book.eks_uplift.vcpu_h_usd, book.emr_ec2.gib_h_usd * factor + book.eks_uplift.gib_h_usd
    )


def _node(book: PriceBook, target: Target) -> tuple[float, float, float]:
    """EC2 price and fee of a node an hour, and what the fitted unit prices must be multiplied by to sum to them."""
    if target.instance_type is None:
        return 1.0, book.ec2_fee_share, 1.0
    node = book.instance(target.instance_type)
    fitted = node.vcpu * book.emr_ec2.vcpu_h_usd + node.gib * book.emr_ec2.gib_h_usd
    return node.ec2_h_usd, node.fee_h_usd, (node.ec2_h_usd + node.fee_h_usd) / fitted


def billed(executor: ExecutorUse, book: PriceBook, target: Target) -> tuple[float, float]:
    """vCPU-seconds and GiB-seconds that are paid for one executor: on EMR Serverless whole workers, a minute at least."""
    cores, gib, lifetime_s = executor.cores, executor.memory_bytes / GIB, executor.lifetime_ms / 1000
    if target.kind == "emr-serverless":
        cores, gib = worker_size(cores, gib)
        lifetime_s = max(math.ceil(lifetime_s), book.serverless_minimum_s)
    return cores * lifetime_s, gib * lifetime_s


def application_cost(executors: Iterable[ExecutorUse], book: PriceBook, target: Target) -> Cost:
    """The cost of an application's executors at `target`."""
    prices = unit_prices(book, target)
    vcpu_s = gib_s = 0.0
    for executor in executors:
        vcpu, gib = billed(executor, book, target)
        vcpu_s += vcpu
        gib_s += gib
    vcpu_usd, memory_usd = prices.usd(vcpu_s, 0), prices.usd(0, gib_s)
    base = vcpu_usd + memory_usd
    return Cost(vcpu_usd, memory_usd, base * book.low_factor, base * book.high_factor)
