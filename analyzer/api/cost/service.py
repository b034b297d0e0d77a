"""Pricing a run everywhere, and setting it against its bill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from analyzer.api.applications.schemas import Application
from analyzer.api.cost.schemas import (
    BillOf,
    BreakEvenOf,
    CostComparison,
    CostQuery,
    CostReconciliation,
    Hours,
    PurchaseBreakEven,
    ReconciliationStep,
)
from analyzer.api.errors import invalid
from analyzer.api.ledger import Ledger
from analyzer.api.prices import age_note, prices_as_of
from analyzer.cost.bill import Bill, ExecutorSpan, Run, Terms, WarmWorkers
from analyzer.cost.book import PriceBook, PriceBookError
from analyzer.cost.deployments import RULE_OF_THUMB, BreakEven, compare
from analyzer.cost.driver import driver_shape, on_primary_node
from analyzer.cost.emr_serverless import BilledHours
from analyzer.cost.executor_memory import parse_bytes
from analyzer.cost.nodes import Purchase, architecture_of
from analyzer.cost.price import GIB
from analyzer.cost.reconcile import BilledError, parse_billed, reconcile
from analyzer.figures import share
from analyzer.profiles.application import Executor, Header, read_executors, read_header
from analyzer.profiles.platform import is_local

OBSERVED = {"emr(serverless)": "emr-serverless", "emr(k8s)": "emr-eks", "emr(yarn)": "emr-ec2"}
_DISK_KEY = "spark.emr-serverless.executor.disk"


def comparison(ledger: Ledger, application: Application, query: CostQuery) -> CostComparison:
    """The run on every deployment; a 422 where a choice has no price."""
    header, executors = _read(ledger, application)
    run, book = run_of(header, executors), ledger.options.price_book
    try:
        compared = compare(run, book, terms_of(query, header.conf, book))
    except PriceBookError as error:
        raise _no_price(error) from error
    return CostComparison(
        app_id=application.app_id,
        attempt_id=application.attempt_id,
        price_book=book.name,
        prices_as_of=prices_as_of(book.name),
        observed=run.observed,
        executors=len(run.executors),
        wall_ms=run.wall_ms,
        bills=[_bill(bill) for bill in compared.bills],
        break_even=_break_even(compared.break_even),
        notes=list(_notes(application, run, age_note(book.name, date.today()))),
    )


def reconciliation(ledger: Ledger, application: Application, query: CostQuery, document: Mapping[str, Any]) -> CostReconciliation:
    """The estimate against an answer of GetJobRun; a 422 where that holds no billed resources."""
    header, executors = _read(ledger, application)
    book = ledger.options.price_book
    try:
        billed = parse_billed(document)
        result = reconcile(run_of(header, executors), billed, book, terms_of(query, header.conf, book))
    except BilledError as error:
        raise invalid("bad_billed_resources", str(error), "give the JSON of `aws emr-serverless get-job-run`") from error
    except PriceBookError as error:
        raise _no_price(error) from error
    return CostReconciliation(
        app_id=application.app_id,
        attempt_id=application.attempt_id,
        price_book=book.name,
        prices_as_of=prices_as_of(book.name),
        billed=_hours(result.billed),
        estimated=_hours(result.estimated),
        billed_usd=result.billed_usd,
        estimated_usd=result.estimated_usd,
        error=result.error,
        steps=[ReconciliationStep(reason=step.reason, usd=step.usd) for step in result.steps],
        explanation=result.explanation,
    )


def run_of(header: Header, executors: Sequence[Executor]) -> Run:
    """A run as the price lists see it."""
    cores, memory_bytes = driver_shape(header.conf, header.platform)
    return Run(
        executors=[ExecutorSpan(e.added_ms, e.removed_ms, e.cores, e.memory_bytes) for e in executors if e.lifetime_ms > 0],
        driver=ExecutorSpan(header.start_ms, header.end_ms, cores, memory_bytes),
        driver_on_primary=on_primary_node(header.conf),
        observed=OBSERVED.get(header.platform, ""),
    )


def terms_of(query: CostQuery, conf: Mapping[str, str], book: PriceBook) -> Terms:
    """What was asked, with the price book's discounts and the run's own disk where nothing else is said."""
    disk = parse_bytes(conf.get(_DISK_KEY))
    configured_gib = disk / GIB if disk else book.serverless_free_storage_gib
    named = architecture_of(query.instance_type) if query.instance_type else "x86"
    return Terms(
        instance_type=query.instance_type,
        primary_type=query.primary_type,
        purchase=Purchase(
            query.spot_share,
            book.spot.discount if query.spot_discount is None else query.spot_discount,
            query.plan_share,
            book.savings_plan_discount if query.plan_discount is None else query.plan_discount,
        ),
        volumes=query.volumes,
        architecture=query.architecture or named,
        worker_disk_gib=configured_gib if query.worker_disk_gib is None else query.worker_disk_gib,
        managed_shuffle=query.managed_shuffle,
        flex_discount=query.flex_discount,
        serverless_discount=query.serverless_discount,
        warm=WarmWorkers(query.warm_workers, query.warm_idle_min * 60),
    )


def _read(ledger: Ledger, application: Application) -> tuple[Header, list[Executor]]:
    header = read_header(ledger.store, application.app_id, application.attempt_id)
    executors = read_executors(ledger.store, header)
    if is_local(header.platform) or not any(e.lifetime_ms > 0 and e.cores > 0 for e in executors):
        raise invalid("nothing_to_price", "this application had no executors to price", "local mode runs on the machine of its driver")
    return header, executors


def _no_price(error: PriceBookError) -> Exception:
    message, _, hint = str(error).partition("\n\nhint: ")
    return invalid("no_price", message, hint or "`sparkledger prices` shows what the price book holds")


def _bill(bill: Bill) -> BillOf:
    return BillOf(
        name=bill.name,
        deployment=bill.deployment,
        items_usd=dict(bill.items),
        low_usd=bill.low_usd,
        expected_usd=bill.usd,
        high_usd=bill.high_usd,
        notes=list(bill.notes),
    )


def _break_even(found: BreakEven | None) -> BreakEvenOf | None:
    if found is None:
        return None
    return BreakEvenOf(
        instance_type=found.instance_type,
        node_h=found.node_h,
        nodes_peak=found.nodes_peak,
        utilisation=found.utilisation,
        break_even=found.at,
        verdict=found.verdict,
        by_purchase=[PurchaseBreakEven(purchase=name, utilisation=at) for name, at in found.by_purchase],
    )


def _hours(hours: BilledHours) -> Hours:
    return Hours(vcpu_h=hours.vcpu_h, memory_gb_h=hours.memory_gb_h, storage_gb_h=hours.storage_gb_h)


def _notes(application: Application, run: Run, age: str | None) -> list[str]:
    notes = ["the same executors for the same time everywhere; elsewhere a run may take a tenth more or less, which the ranges hold"]
    if run.observed == "":
        notes.append("this run was not on EMR: every bill is of a run that moves there")
    notes.append(f"the break-even is computed for this cluster; the rule of thumb of {share(RULE_OF_THUMB)} is not used")
    if age:
        notes.append(age)
    if not application.completeness.complete:
        notes.append(application.completeness.note)
    return notes
