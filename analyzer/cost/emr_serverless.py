"""The bill of EMR Serverless: whole workers for a minute at least, storage over the free part, warm workers, Flex."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from analyzer.cost.bill import Bill, ExecutorSpan, Run, Terms, bill_of
from analyzer.cost.book import PriceBook
from analyzer.cost.worker_sizes import worker_size


@dataclass(frozen=True, slots=True)
class BilledHours:
    """What `billedResourceUtilization` counts of a job run, in hours of one vCPU and of one GB."""

    vcpu_h: float
    memory_gb_h: float
    storage_gb_h: float = 0.0


def billed_hours(spans: Iterable[ExecutorSpan], book: PriceBook, terms: Terms) -> BilledHours:
    """What EMR Serverless bills for these workers: sizes rounded up, whole seconds, a minute at least."""
    vcpu_s = gib_s = storage_s = 0.0
    disk = 0.0 if terms.managed_shuffle else max(0.0, terms.worker_disk_gib - book.serverless_free_storage_gib)
    for span in spans:
        vcpu, gib = worker_size(span.cores, span.gib)
        seconds = max(math.ceil(span.lifetime_ms / 1000), book.serverless_minimum_s)
        vcpu_s += vcpu * seconds
        gib_s += gib * seconds
        storage_s += disk * seconds
    return BilledHours(vcpu_s / 3600, gib_s / 3600, storage_s / 3600)


def hours_usd(hours: BilledHours, book: PriceBook, architecture: str) -> float:
    """The list price of billed hours."""
    compute = book.serverless[architecture].usd(hours.vcpu_h * 3600, hours.memory_gb_h * 3600)
    return compute + hours.storage_gb_h * book.serverless_storage_gib_h_usd


def serverless(run: Run, book: PriceBook, terms: Terms) -> Bill:
    """Driver and executors as workers. Warm workers are billed to the application, not to the job run."""
    prices, kept = book.serverless[terms.architecture], 1 - terms.serverless_discount
    executors, driver = billed_hours(run.executors, book, terms), billed_hours([run.driver], book, terms)
    flexed = kept * (1 - terms.flex_discount)
    shape = max(run.executors, key=lambda e: (e.cores, e.memory_bytes), default=run.driver)
    warm_vcpu, warm_gib = worker_size(shape.cores, shape.gib)
    warm_s = terms.warm.workers * terms.warm.idle_s
    items = {
        "vcpu": prices.usd(executors.vcpu_h * 3600, 0) * flexed,
        "memory": prices.usd(0, executors.memory_gb_h * 3600) * flexed,
        "driver": prices.usd(driver.vcpu_h * 3600, driver.memory_gb_h * 3600) * kept,
        "storage": (executors.storage_gb_h * flexed + driver.storage_gb_h * kept) * book.serverless_storage_gib_h_usd,
        "warm_workers": prices.usd(warm_vcpu * warm_s, warm_gib * warm_s) * kept,
    }
    arch = "" if terms.architecture == "x86" else f", {terms.architecture}"
    flex = ", Flex" if terms.flex_discount else ""
    return bill_of(f"Serverless{arch}{flex}", "emr-serverless", items, run, high=book.high_factor, notes=tuple(_notes(run, terms)))


def _notes(run: Run, terms: Terms) -> Iterable[str]:
    if any(worker_size(s.cores, s.gib) == (s.cores, s.gib) and (s.cores > 16 or s.gib > 120) for s in run.containers):
        yield "no worker is as large as the largest executor: priced as if there were one"
    if terms.warm.workers:
        yield "warm workers are billed to the application and are in no job run's billedResourceUtilization"
