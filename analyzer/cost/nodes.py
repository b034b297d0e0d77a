"""What a node costs an hour on EMR on EC2, and how many executors it holds."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from analyzer.cost.book import Instance, PriceBook, PriceBookError

VOLUMES = ("gp2", "gp3", "none")
_TYPE = re.compile(r"^([a-z]+)(\d+)([a-z-]*)\.([\w-]+)$")
_CAPPED_FAMILIES = ("c", "m", "r")
"""The cap was seen on these; x2 has none."""
_CONTAINER_STEP_GIB = 1 / 32
"""YARN on EMR rounds containers up to 32 MB."""
_DISK_FAMILIES = ("d", "h", "i", "im", "is")
_GRAVITON_VISIBLE = 61 / 64
"""Of the memory of Graviton nodes, what the operating system sees. Source: EMR release guide, YARN memory by node type, read 2026-11."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """How the EC2 part of nodes is bought; shares and discounts from 0 to 1.

    A Savings Plan or reservation covers `plan_share` of the nodes that are not Spot. Neither lowers the EMR fee.
    """

    spot_share: float = 0.0
    spot_discount: float = 0.0
    plan_share: float = 0.0
    plan_discount: float = 0.0

    def __post_init__(self) -> None:
        for name in ("spot_share", "plan_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise PriceBookError(f"`{name}` {getattr(self, name)} is out of range: expected 0 to 1")
        for name in ("spot_discount", "plan_discount"):
            if not 0 <= getattr(self, name) < 1:
                raise PriceBookError(f"`{name}` {getattr(self, name)} is out of range: expected 0 or more and less than 1")

    @property
    def discount(self) -> float:
        """On the EC2 price, over all nodes."""
        return self.spot_share * self.spot_discount + (1 - self.spot_share) * self.plan_share * self.plan_discount


ON_DEMAND = Purchase()


@dataclass(frozen=True, slots=True)
class NodePrice:
    """USD an hour of one node: EC2 after discounts, the EMR fee, and its volumes."""

    ec2_h_usd: float
    fee_h_usd: float
    ebs_h_usd: float

    @property
    def h_usd(self) -> float:
        return self.ec2_h_usd + self.fee_h_usd + self.ebs_h_usd


def node_price(book: PriceBook, instance_type: str, purchase: Purchase = ON_DEMAND, volumes: str = "gp2") -> NodePrice:
    """The price of a node of this type with EMR's default volumes; PriceBookError where the book does not know the type."""
    node = book.instance(instance_type)
    ebs_h_usd = volumes_h_usd(book, 0 if has_disks(instance_type) else node.vcpu, volumes)
    return NodePrice(node.ec2_h_usd * (1 - purchase.discount), node.fee_h_usd, ebs_h_usd)


def volumes_h_usd(book: PriceBook, vcpu: int, volumes: str) -> float:
    """USD an hour of the volumes that EMR attaches to a node of so many vCPU; 0 for one with disks of its own: a root volume only."""
    if volumes not in VOLUMES:
        raise PriceBookError(f"unknown volume type `{volumes}`: expected one of {', '.join(VOLUMES)}")
    if volumes == "none":
        return 0.0
    gib_h = book.volumes.gp2_gib_h_usd if volumes == "gp2" else book.volumes.gp3_gib_h_usd
    return (book.volumes.root_gib + vcpu * book.volumes.gib_a_vcpu) * gib_h


def has_disks(instance_type: str) -> bool:
    """Whether a type brings disks of its own (r8gd, m6id, i4i): EMR attaches data volumes to types that only have EBS.

    Source: EMR management guide, default EBS storage of instances, read 2026-11.
    """
    match = _TYPE.match(instance_type)
    return match is not None and (match[1] in _DISK_FAMILIES or "d" in match[3].partition("-")[0])


def emr_fee_h_usd(book: PriceBook, instance_type: str, ec2_h_usd: float) -> float:
    """The EMR fee of a type that has none in the book: a share of the EC2 price, capped for old generations."""
    fee = ec2_h_usd * book.ec2_fee_share
    match = _TYPE.match(instance_type)
    capped = match is not None and match[1] in _CAPPED_FAMILIES and int(match[2]) <= book.fee_cap_generation
    return min(fee, book.fee_cap_h_usd) if capped else fee


def architecture_of(instance_type: str) -> str:
    """`arm64` for Graviton types, whose attribute letters start with g (m6g, r7gd); else `x86`."""
    match = _TYPE.match(instance_type)
    return "arm64" if match is not None and match[3].startswith("g") and match[1] != "g" else "x86"


def yarn_gib(gib: float, architecture: str = "x86") -> float:
    """Memory that YARN hands out of a node. Source: EMR release guide, `yarn.nodemanager.resource.memory-mb`, read 2026-11."""
    visible = gib * _GRAVITON_VISIBLE if architecture == "arm64" else gib
    return visible - min(8.0, max(2.0, 0.25 * visible))


def executors_per_node(node: Instance, cores: float, memory_gib: float, architecture: str = "x86") -> int:
    """Executors that fit a node by memory and by cores; 0 where none does."""
    container = math.ceil(memory_gib / _CONTAINER_STEP_GIB) * _CONTAINER_STEP_GIB
    by_memory = math.floor(yarn_gib(node.gib, architecture) / container) if container > 0 else node.vcpu
    return max(0, min(by_memory, math.floor(node.vcpu / cores) if cores > 0 else by_memory))


def cheapest_instance(book: PriceBook, cores: float, memory_gib: float, architecture: str, executors: int) -> str | None:
    """The type of the book whose nodes hold so many executors for the least money, the smaller of two alike; None where none does."""
    best: tuple[float, float, str] | None = None
    for name, node in book.instances.items():
        if architecture_of(name) != architecture:
            continue
        held = executors_per_node(node, cores, memory_gib, architecture)
        if held:
            cost = math.ceil(executors / held) * (node.ec2_h_usd + node.fee_h_usd)
            best = min(best or (math.inf, 0.0, ""), (round(cost, 6), node.vcpu, name))
    return best[2] if best else None
