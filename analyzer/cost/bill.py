"""A run as the price lists see it, and the bill of one deployment: items that sum to the whole, and a range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analyzer.cost.nodes import ON_DEMAND, Purchase
from analyzer.cost.price import GIB, ExecutorUse

ELSEWHERE = 0.10
"""A run is taken to need up to a tenth more or less time on a deployment other than its own."""


@dataclass(frozen=True, slots=True)
class ExecutorSpan:
    """One executor from `start_ms` to `end_ms`, any common origin; memory with overhead and off-heap."""

    start_ms: int
    end_ms: int
    cores: float
    memory_bytes: int

    @property
    def lifetime_ms(self) -> int:
        return max(0, self.end_ms - self.start_ms)

    @property
    def gib(self) -> float:
        return self.memory_bytes / GIB

    @property
    def use(self) -> ExecutorUse:
        return ExecutorUse(self.lifetime_ms, self.cores, self.memory_bytes)


@dataclass(frozen=True, slots=True)
class Run:
    """What a run held: its executors, and its driver for the whole of `wall_ms`."""

    executors: Sequence[ExecutorSpan]
    driver: ExecutorSpan
    driver_on_primary: bool = True
    """Client mode on YARN: the driver runs on the primary node and takes no container."""
    observed: str = ""
    """The deployment that it really ran on; empty where it was none of the three."""

    @property
    def wall_ms(self) -> int:
        return self.driver.lifetime_ms

    @property
    def containers(self) -> Sequence[ExecutorSpan]:
        """Executors and driver."""
        return [*self.executors, self.driver]


@dataclass(frozen=True, slots=True)
class WarmWorkers:
    """Pre-initialised workers of an EMR Serverless application, and how long each waits for work because of this run."""

    workers: int = 0
    idle_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Terms:
    """How the run would be bought; every default is the plain list price."""

    instance_type: str | None = None
    """Of the nodes; the cheapest of the book that fits where None."""
    primary_type: str | None = None
    """As the nodes where None."""
    purchase: Purchase = ON_DEMAND
    volumes: str = "gp2"
    architecture: str = "x86"
    worker_disk_gib: float = 20.0
    """Of an EMR Serverless worker."""
    managed_shuffle: bool = False
    """EMR Serverless Storage: no disk of a worker's own is billed."""
    flex_discount: float = 0.0
    """Of Flex execution, on executors; its size is not published, so it has to be given."""
    serverless_discount: float = 0.0
    """A private discount on EMR Serverless."""
    warm: WarmWorkers = field(default_factory=WarmWorkers)


@dataclass(frozen=True, slots=True)
class Bill:
    """What one deployment would charge, in USD."""

    name: str
    deployment: str
    items: Mapping[str, float]
    low_usd: float
    high_usd: float
    notes: Sequence[str] = ()

    @property
    def usd(self) -> float:
        return sum(self.items.values())


def bill_of(
    name: str,
    deployment: str,
    items: Mapping[str, float],
    run: Run,
    low: float = 1.0,
    high: float = 1.0,
    more_usd: float = 0.0,
    notes: Sequence[str] = (),
) -> Bill:
    """A bill whose range widens where the run was seen elsewhere. `more_usd` is what the high end may add to the items."""
    kept = {item: usd for item, usd in items.items() if usd > 0}
    total = sum(kept.values())
    other = 0.0 if run.observed == deployment else ELSEWHERE
    return Bill(name, deployment, kept, total * low * (1 - other), (total * high + more_usd) * (1 + other), tuple(notes))
