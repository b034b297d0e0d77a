"""What the numbers of a delivery mean, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer.api.completeness.schemas import Delivery, Remark
from analyzer.figures import count

CLOCK_AHEAD_MS = 2_000
"""Clocks that are kept by NTP differ by less."""
CLOCK_BEHIND_MS = 120_000
"""A listener sends every few seconds, so something came sooner unless every batch was held up."""
GAPS_SHOWN = 20


def gaps_of(numbers: Sequence[int], shown: int = GAPS_SHOWN) -> list[tuple[int, int]]:
    """First and last of each run of numbers, from 1, that `numbers` (sorted, distinct) lacks below its greatest."""
    gaps, expected = [], 1
    for number in numbers:
        if number > expected:
            gaps.append((expected, number - 1))
            if len(gaps) == shown:
                break
        expected = number + 1
    return gaps


def remarks(
    *,
    state: str,
    started: bool,
    lost_after_min: float,
    deliveries: Sequence[Delivery],
    clock_offset_ms: int | None,
    executors_unseen: int = 0,
) -> Iterator[Remark]:
    """Everything that keeps a run from being known whole, the weightiest first."""
    if not started:
        yield Remark(
            code="no_start",
            finding="the start was never seen",
            meaning="the run is taken to start with its first event; name, user and configuration may be unknown",
            hint="switch the listener on by spark.extraListeners, which sees the first event; import the event log to fill the start in",
        )
    if state == "lost":
        yield Remark(
            code="lost",
            finding=f"no end was seen, and nothing came for {lost_after_min:g} minutes",
            meaning="the driver was killed, lost its host or could not reach the collector; the run is taken to end with its last event",
            hint="look for the driver's exit in the cluster's log; import its event log, if there is one, to fill in the rest",
        )
    elif state == "open":
        yield Remark(
            code="open",
            finding="no end was seen yet",
            meaning="the run goes on, or its driver fell silent a short while ago",
            hint=f"it is closed once nothing has come for {lost_after_min:g} minutes (setting `lost_after_min`)",
        )
    if executors_unseen:
        yield Remark(
            code="executors_unseen",
            finding=f"{count(executors_unseen, 'executor')} had tasks, and the start of none was seen",
            meaning="the listener was attached to a session that ran already, or the events were lost; their cores and lives are the least "
            "that their tasks show",
            hint="switch the listener on by spark.extraListeners, which sees the first event; import the event log to fill them in",
        )
    for delivery in deliveries:
        yield from _of_delivery(delivery)
    yield from _of_clock(clock_offset_ms)


def _of_delivery(delivery: Delivery) -> Iterator[Remark]:
    if delivery.dropped_events:
        yield Remark(
            code="dropped_events",
            finding=f"the sender gave up {count(delivery.dropped_events, 'event')}",
            meaning="its memory and its spool were full, or the collector refused them; all sums are lower bounds",
            hint="give the driver a larger spool, and look whether the collector was away or answered 429",
        )
    if delivery.missing_batches:
        first, last = delivery.gaps[0]
        gap = f"number {first:,}" if first == last else f"numbers {first:,} to {last:,}"
        more = f" and {count(len(delivery.gaps) - 1, 'more gap')}" if len(delivery.gaps) > 1 else ""
        yield Remark(
            code="missing_batches",
            finding=f"{count(delivery.missing_batches, 'batch', 'batches')} never came: {gap}{more}",
            meaning="they are still on their way, in a spool on the driver's disk, or lost with the driver",
            hint="the listener sends its spool with the next run on that host; import the event log to fill them in at once",
        )
    if delivery.bad_lines:
        yield Remark(
            code="bad_lines",
            finding=f"{count(delivery.bad_lines, 'line')} could not be read",
            meaning=f"the first because: {delivery.first_error or 'unknown'}",
            hint="a log that is still being written ends in half a line; otherwise the file is damaged",
        )
    if delivery.cut_off:
        yield Remark(
            code="cut_off",
            finding=f"{count(delivery.cut_off, 'log')} cut off in the middle",
            meaning="the driver was writing, or died while it wrote",
            hint="import the log again once the run has ended",
        )


def _of_clock(offset_ms: int | None) -> Iterator[Remark]:
    if offset_ms is not None and offset_ms < -CLOCK_AHEAD_MS:
        yield Remark(
            code="clock_ahead",
            finding=f"the driver's clock is at least {-offset_ms / 1000:,.1f} s ahead of the collector's",
            meaning="start and end of the run are off by as much; durations are right, for they come from one clock",
            hint="let both hosts keep time by NTP",
        )
    elif offset_ms is not None and offset_ms > CLOCK_BEHIND_MS:
        yield Remark(
            code="clock_behind",
            finding=f"every event came at least {offset_ms / 1000:,.0f} s after it happened",
            meaning="the driver's clock is behind the collector's, or everything waited in the listener's spool",
            hint="let both hosts keep time by NTP; if the collector was away at that time, nothing is wrong",
        )
