"""Finding applications, and turning their stored profiles into answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from analyzer.api.applications.schemas import Application, Completeness, CoreTime, Quantiles, Stage, Waste, Work
from analyzer.api.errors import not_found
from analyzer.api.freshness import ensure_analysed
from analyzer.api.ledger import Ledger
from analyzer.api.money import Cost
from analyzer.api.prices import prices_as_of
from collector.storage import Store, load_sql

_QUANTILES = ("duration_ms", "input_bytes", "shuffle_read_bytes")


def resolve_attempt(store: Store, app_id: str, attempt: str | None) -> str:
    """The attempt id that is meant: the latest where none is named. Raises a 404 that names what there is."""
    attempts = [row["attempt_id"] for row in store.rows(load_sql(__file__, "attempts"), {"app_id": app_id})]
    if not attempts:
        raise not_found("application_not_found", f"no application `{app_id}`", _near(store, app_id))
    if attempt is None:
        return str(attempts[0])
    if attempt not in attempts:
        there_are = ", ".join(f"`{a}`" for a in sorted(attempts)) if any(attempts) else "one, without an id"
        raise not_found("attempt_not_found", f"application `{app_id}` has no attempt `{attempt}`", f"its attempts: {there_are}")
    return attempt


def application(ledger: Ledger, app_id: str, attempt: str | None) -> Application:
    """One application attempt, analysed."""
    attempt_id = resolve_attempt(ledger.store, app_id, attempt)
    ensure_analysed(ledger, app_id, attempt_id)
    rows = ledger.store.rows(load_sql(__file__, "one"), {"app_id": app_id, "attempt_id": attempt_id})
    if not rows:
        raise not_found(
            "application_not_analysed", f"application `{app_id}` holds no event to analyse", "send its events, or import its log"
        )
    return application_of(rows[0])


def application_of(row: Mapping[str, Any]) -> Application:
    """A row of application_profiles as an answer."""
    allocated, busy = row["allocated_core_ms"], row["busy_core_ms"]
    copied = {name: row[name] for name in Application.model_fields if name in row and name != "completeness"}
    return Application(
        **copied,
        state=_state(row),
        cost=Cost(
            low_usd=row["cost_low_usd"],
            expected_usd=row["cost_usd"],
            high_usd=row["cost_high_usd"],
            target=row["cost_target"],
            price_book=row["price_book"],
            prices_as_of=prices_as_of(row["price_book"]),
        ),
        core_time=CoreTime(
            allocated_core_s=allocated / 1000,
            busy_core_s=busy / 1000,
            idle_core_s=row["idle_core_ms"] / 1000,
            unsuccessful_core_s=row["unsuccessful_core_ms"] / 1000,
            gc_core_s=row["gc_ms"] / 1000,
            fetch_wait_core_s=row["fetch_wait_ms"] / 1000,
            busy_share=min(1.0, busy / allocated) if allocated else 0.0,
        ),
        work=Work(
            **{name: row[name] for name in Work.model_fields if name in row},
            allocated_memory_gib_s=row["allocated_memory_gb_s"],
        ),
        waste=Waste(**{name: row[f"waste_{name}"] for name in Waste.model_fields}),
        completeness=Completeness(
            complete=row["completeness"] == "complete",
            note=row["completeness"],
            events=row["events"],
            dropped_events=row["dropped_events"],
            bad_lines=row["bad_lines"],
            missing_batches=row["missing_batches"],
        ),
    )


def _state(row: Mapping[str, Any]) -> Literal["ended", "failed", "lost", "open"]:
    if row["ended"]:
        return "failed" if row["failed"] else "ended"
    if row["closed_by_timeout"]:
        return "lost"
    return "failed" if row["failed"] else "open"


def stage_of(row: Mapping[str, Any]) -> Stage:
    """A row of stage_profiles as an answer."""
    copied = {name: row[name] for name in Stage.model_fields if name in row and name != "sql_execution_id"}
    return Stage(
        **copied,
        sql_execution_id=row["sql_execution_id"] if row["sql_execution_id"] >= 0 else None,
        quantiles=Quantiles(levels=row["quantile_levels"], **{name: row[f"{name}_quantiles"] for name in _QUANTILES}),
    )


def _near(store: Store, app_id: str) -> str:
    near = [f"`{row['app_id']}`" for row in store.rows(load_sql(__file__, "near_ids"), {"app_id": app_id})]
    if not near:
        return "the store is empty: import a log with `sparkledger import PATH`, or run a job with the flags of `sparkledger conf`"
    return f"the nearest ids are {', '.join(near)}; list all: `sparkledger apps` or GET /api/v1/applications"
