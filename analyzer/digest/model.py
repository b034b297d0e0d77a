"""What a digest says, free of any format. Renderers read it; the store keeps it as JSON, so that a digest never changes by itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from analyzer.digest.week import IsoWeek


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the applications that started in one week."""

    applications: int
    pipelines: int
    cost_low_usd: float
    cost_usd: float
    """The expected cost: what weeks are compared by."""
    cost_high_usd: float
    allocated_core_s: float
    busy_core_s: float
    saving_low_usd: float
    saving_high_usd: float

    @property
    def busy_share(self) -> float:
        """Share (0 to 1) of allocated core time with a task on it."""
        return min(1.0, self.busy_core_s / self.allocated_core_s) if self.allocated_core_s > 0 else 0.0


@dataclass(frozen=True, slots=True)
class TopFinding:
    """One fault of one pipeline, over all its runs of the week."""

    rule_code: str
    severity: str
    pipeline: str
    title: str
    """Of the run where it cost most."""
    app_id: str
    """That run."""
    runs: int
    saving_low_usd: float
    saving_high_usd: float
    saving_low_core_s: float
    saving_high_core_s: float
    change: str
    conf: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mover:
    """A pipeline whose cost moved most since the week before; `before_usd` is None where it did not run then."""

    pipeline: str
    runs: int
    cost_usd: float
    before_usd: float | None

    @property
    def change_usd(self) -> float:
        """Dollars more (or, negative, fewer) than the week before."""
        return self.cost_usd - (self.before_usd or 0.0)


@dataclass(frozen=True, slots=True)
class DataQuality:
    """How complete the numbers are."""

    without_end: int
    """Applications whose end was never seen."""
    lost_events: int
    """Events that senders had to drop and lines that could not be read."""

    @property
    def note(self) -> str:
        """One sentence; empty where nothing is missing."""
        parts = []
        if self.lost_events:
            parts.append(f"{self.lost_events:,} {'event was' if self.lost_events == 1 else 'events were'} lost")
        if self.without_end:
            parts.append(f"{self.without_end:,} {'run has' if self.without_end == 1 else 'runs have'} no end event")
        return f"Lower bound: {' and '.join(parts)}." if parts else ""


@dataclass(frozen=True, slots=True)
class Digest:
    """The digest of one team and ISO week. Money is in US dollars, by the price book named here."""

    team: str
    week: str
    final: bool
    """False while the week or a run of it goes on or analyses are still to come: such a digest is a preview and is not kept."""
    headline: str
    totals: Totals
    previous: Totals | None
    median_cost_usd: float | None
    """Median cost of the four weeks before; None where fewer than four have data."""
    findings: tuple[TopFinding, ...]
    more_findings: int
    """Findings beyond those listed."""
    movers: tuple[Mover, ...]
    quality: DataQuality
    price_book: str
    prices_as_of: str

    @property
    def silent(self) -> bool:
        """True where the team ran nothing: the headline is then all there is to say."""
        return self.totals.applications == 0

    @property
    def iso_week(self) -> IsoWeek:
        """`week`, parsed."""
        return IsoWeek.parse(self.week)

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts and lists, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Digest:
        """The inverse of `to_dict`."""
        nested = {
            "totals": Totals(**data["totals"]),
            "previous": Totals(**data["previous"]) if data["previous"] else None,
            "findings": tuple(TopFinding(**finding) for finding in data["findings"]),
            "movers": tuple(Mover(**mover) for mover in data["movers"]),
            "quality": DataQuality(**data["quality"]),
        }
        return cls(**{**data, **nested})
