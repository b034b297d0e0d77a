"""From events to findings: profile an application, let every rule judge it, price what they find, and store it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from threading import Lock
from typing import Any

from analyzer.analysis import ApplicationAnalysis, finding_rows, profile_row
from analyzer.cost.book import PriceBook, load_price_book
from analyzer.cost.price import Target
from analyzer.ownership import TeamRule, owner_of
from analyzer.profiles.application import read_header
from analyzer.profiles.profile import Profile, build_stage_profiles, read_profile
from analyzer.rules.base import Finding, Thresholds
from analyzer.rules.pricing import SEVERITY_FLOORS_USD, price_findings
from analyzer.rules.registry import RegisteredRule, all_rules
from analyzer.rules.rows import rows_of
from collector.storage import Store, StoreLocked, StoreUnavailable
from collector.storage.clock import steady_now

_PARAMETER = re.compile(r"\{(\w+):")
Overrides = Mapping[str, Mapping[str, float]]
RULES_AT_ONCE = 2
"""While one rule's query is planned or its rows are judged, both of which take one core, another's may run."""
LOST_AFTER_MIN = 60.0
"""Longer than any pause of a listener that is able to send."""


def analyse(
    store: Store,
    app_id: str,
    attempt_id: str,
    *,
    price_book: PriceBook | None = None,
    target: Target | None = None,
    thresholds: Overrides | None = None,
    teams: Sequence[TeamRule] = (),
    severity_floors_usd: Mapping[str, float] = SEVERITY_FLOORS_USD,
    lost_after_min: float = LOST_AFTER_MIN,
) -> ApplicationAnalysis:
    """Analyse one application attempt and store its profiles and findings, in place of those of an earlier analysis.

    A rule that fails is recorded in the profile and does not stop the others.

    Args:
        price_book: prices; the shipped book where None.
        target: where the application is taken to run; by its platform where None.
        thresholds: overrides by rule code and threshold name.
        teams: the user's mapping of applications to teams.
        severity_floors_usd: what a finding must be able to save, a run, to be called `high`, `medium` or `low`.
        lost_after_min: minutes without a batch after which an application without an end is taken as lost.

    Raises:
        ApplicationNotFound: the store holds no event of this attempt.
        KeyError: an override names a rule or a threshold that does not exist.
        StoreError: the store failed.
    """
    # Taken first: what arrives while this runs makes the application stale again.
    analysed_at = steady_now()
    in_force = thresholds_in_force(thresholds)
    book = price_book or load_price_book()
    header = read_header(store, app_id, attempt_id)
    build_stage_profiles(store, header, analysed_at)
    profile = read_profile(store, header, book, target, analysed_at - timedelta(minutes=lost_after_min))
    owner = owner_of(profile.header.conf, profile.header.name, profile.header.user, teams)
    findings, errors = evaluate_rules(store, profile, in_force)
    rules = {found.code: found.rule for found in all_rules()}
    priced = price_findings(profile.application, profile.cost, book, owner.pipeline, rules, findings, severity_floors_usd)
    analysis = ApplicationAnalysis(profile, owner, priced, errors, book.name, analysed_at, in_force)
    store.insert("findings", finding_rows(analysis))
    store.insert("application_profiles", profile_row(analysis))
    return analysis


def thresholds_in_force(overrides: Overrides | None = None) -> dict[str, Thresholds]:
    """The thresholds of every rule by code; KeyError for an override of a rule or threshold that does not exist."""
    known = {found.code: found for found in all_rules()}
    unknown = set(overrides or {}) - set(known)
    if unknown:
        raise KeyError(f"unknown rule {sorted(unknown)[0]!r}: expected one of {sorted(known)}")
    return {code: found.thresholds((overrides or {}).get(code)) for code, found in known.items()}


def evaluate_rules(store: Store, profile: Profile, in_force: Mapping[str, Thresholds]) -> tuple[list[Finding], dict[str, str]]:
    """What every rule finds in an application whose stage profiles were built, and the error of each rule that failed, by its code."""
    rows = _Rows(store, profile)
    findings: list[Finding] = []
    errors: dict[str, str] = {}
    with ThreadPoolExecutor(RULES_AT_ONCE, thread_name_prefix="sparkledger-rules") as threads:
        judged = threads.map(lambda found: _judged(found, profile, rows, in_force[found.code]), all_rules())
        for found, told in zip(all_rules(), judged, strict=True):
            if isinstance(told, Exception):
                errors[found.code] = f"{type(told).__name__}: {told}"[:1000]
            else:
                findings += told
    return findings, errors


def _judged(found: RegisteredRule, profile: Profile, rows: _Rows, thresholds: Thresholds) -> list[Finding] | Exception:
    """What a rule finds, or what it failed with: a rule that fails half-way tells nothing rather than half."""
    try:
        return list(found.evaluate(profile.application, rows(found, thresholds), thresholds))
    except (StoreLocked, StoreUnavailable):
        raise
    except Exception as error:
        return error


class _Rows:
    """Fetches the rows of rules; a query that several rules share runs once for the same parameters."""

    def __init__(self, store: Store, profile: Profile) -> None:
        header, application = profile.header, profile.application
        self._store = store
        self._known = {
            "app_id": header.app_id,
            "attempt_id": header.attempt_id,
            "start_ms": header.start_ms,
            "end_ms": header.end_ms,
            "task_cpus": application.task_cpus,
            "allocated_core_ms": application.allocated_core_ms,
        }
        self._shared: dict[tuple[str, tuple[tuple[str, Any], ...]], Future[list[dict[str, Any]]]] = {}
        self._lock = Lock()

    def __call__(self, found: RegisteredRule, thresholds: Thresholds) -> list[dict[str, Any]]:
        wanted = set(_PARAMETER.findall(found.sql))
        parameters = {name: value for name, value in {**self._known, **thresholds}.items() if name in wanted}
        key = (found.sql, tuple(sorted(parameters.items())))
        with self._lock:
            is_first = key not in self._shared
            answer = self._shared.setdefault(key, Future())
        if is_first:
            try:
                answer.set_result(rows_of(self._store.query(found.sql, parameters)))
            except BaseException as error:
                # Whatever it is: another rule may wait for this answer.
                answer.set_exception(error)
        return answer.result()
