"""What endpoints work with: the store, and how the user wants it analysed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from analyzer.api.prices import ADJUSTED
from analyzer.cost.book import DEFAULT_BOOK, PriceBook, load_price_book, parse_price_book, read_document
from analyzer.ownership import TeamRule
from analyzer.pipeline import LOST_AFTER_MIN, thresholds_in_force
from analyzer.rules.pricing import SEVERITY_FLOORS_USD
from collector.storage import Store


class TeamMapping(Protocol):
    """One rule that gives applications to a team."""

    @property
    def field(self) -> str: ...
    @property
    def pattern(self) -> str: ...
    @property
    def team(self) -> str: ...


class AnalysisSettings(Protocol):
    """The part of the settings that an analysis needs."""

    @property
    def pricing(self) -> Mapping[str, Any]: ...
    @property
    def price_book_file(self) -> Path | None: ...
    @property
    def rules(self) -> Mapping[str, Mapping[str, float]]: ...
    @property
    def severity_floors_usd(self) -> Mapping[Any, float]: ...
    @property
    def lost_after_min(self) -> float: ...
    @property
    def teams(self) -> Sequence[TeamMapping]: ...


@dataclass(frozen=True, slots=True)
class AnalysisOptions:
    """Prices, thresholds by rule code, the money behind a severity, and rules for teams: the shipped ones where nothing else is said."""

    price_book: PriceBook = field(default_factory=load_price_book)
    thresholds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    severity_floors_usd: Mapping[str, float] = field(default_factory=lambda: SEVERITY_FLOORS_USD)
    lost_after_min: float = LOST_AFTER_MIN
    teams: Sequence[TeamRule] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """A store and how it is analysed. Answers are read from `store`; analyses go to `whole`."""

    store: Store
    options: AnalysisOptions = field(default_factory=AnalysisOptions)
    catch_up: Callable[[], None] | None = None
    """Wakes whoever analyses in the background; None where nobody does."""
    unscoped: Store | None = None

    @property
    def whole(self) -> Store:
        """The store with the runs of all teams, also where `store` shows those of one."""
        return self.unscoped or self.store


def analysis_options(settings: AnalysisSettings) -> AnalysisOptions:
    """The options that settings ask for.

    Raises:
        RuleError, KeyError: `rules` names a rule that there is not, or a threshold that its rule does not have.
        PriceBookError: `pricing` makes the price book unreadable.
    """
    thresholds_in_force(settings.rules)
    floors_usd = {**SEVERITY_FLOORS_USD, **settings.severity_floors_usd}
    document = read_document(settings.price_book_file or DEFAULT_BOOK)
    if settings.pricing:
        document = _merged(document, settings.pricing) | {"name": document["name"] + ADJUSTED}
    return AnalysisOptions(
        price_book=parse_price_book(document),
        thresholds=settings.rules,
        severity_floors_usd=floors_usd,
        lost_after_min=settings.lost_after_min,
        teams=tuple(TeamRule(rule.field, rule.pattern, rule.team) for rule in settings.teams),
    )


def _merged(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The document with changes on top; a plain number replaces the value of a figure and keeps its source."""
    merged = dict(document)
    for name, change in changes.items():
        before = merged.get(name)
        if isinstance(before, Mapping) and isinstance(change, Mapping):
            merged[name] = _merged(before, change)
        elif isinstance(before, Mapping) and "value" in before:
            merged[name] = {**before, "value": change}
        else:
            merged[name] = change
    return merged
