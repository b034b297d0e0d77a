"""Asking the replay, and turning its prediction into an answer."""

from __future__ import annotations

from dataclasses import replace

from analyzer.api.applications.schemas import Application
from analyzer.api.errors import invalid
from analyzer.api.ledger import Ledger
from analyzer.api.prices import prices_as_of
from analyzer.api.whatif.schemas import Advice, Configuration, ModelError, WhatIf
from analyzer.cost.price import Target
from analyzer.profiles.application import read_executors, read_header
from analyzer.profiles.platform import is_local
from analyzer.timeline.pareto import on_front, pareto_counts
from analyzer.timeline.reading import history_of
from analyzer.timeline.replay import CannotReplay
from analyzer.timeline.whatif import Choice, Outcome, Prediction, observed_peak, predict

MOST_COUNTS, MOST_EXECUTORS = 40, 10_000
LARGE_ERROR = 0.10
"""A replay that is further from what ran gets a warning."""
MORE_TIME, LESS_TIME, LESS_COST = 1.10, 0.95, 0.98
"""A cheaper scenario may take so much longer; what counts as faster and as cheaper, of what ran."""


def executor_counts(text: str) -> tuple[int, ...]:
    """The counts of `5,10,20`; a 422 for anything else."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if len(words) > MOST_COUNTS or not all(word.isascii() and word.isdigit() and 1 <= int(word) <= MOST_EXECUTORS for word in words):
        raise invalid(
            "bad_executors",
            f"not a list of executor counts: `{text}`",
            f"give up to {MOST_COUNTS} whole numbers from 1 to {MOST_EXECUTORS:,}, such as 5,10,20",
        )
    return tuple(int(word) for word in words)


def what_if(ledger: Ledger, application: Application, choice: Choice, pareto: bool = False) -> WhatIf:
    """Replay one application; a 422 where a choice cannot run."""
    header = read_header(ledger.store, application.app_id, application.attempt_id)
    history = history_of(ledger.store, header, read_executors(ledger.store, header))
    local = is_local(header.platform)
    if len(history.tasks) == 0 or not (history.executors.cores > 0).any():
        raise invalid(
            "nothing_to_replay",
            "no task or no executor of this application is known",
            "send its events from the start, or import its whole log",
        )
    if pareto and not local:
        choice = replace(choice, executors=pareto_counts(observed_peak(history)))
    if local and (pareto or any(count != 1 for count in choice.executors) or choice.dynamic):
        raise invalid("local_mode", "this application ran in local mode: it has no executors to count", "ask for cores instead")
    if (choice.min_executors or 0) > (MOST_EXECUTORS if choice.max_executors is None else choice.max_executors):
        raise invalid("bad_limits", "min_executors is above max_executors", "swap them")
    try:
        predicted = predict(history, header.conf, choice, ledger.options.price_book, Target(application.cost.target), local)
    except CannotReplay as error:
        raise invalid("cannot_replay", str(error), "ask for at least one executor") from error
    return _answer(ledger, application, predicted, choice)


def _answer(ledger: Ledger, application: Application, predicted: Prediction, choice: Choice) -> WhatIf:
    front = on_front([(outcome.wall_ms, outcome.cost.usd) for outcome in predicted.scenarios])
    book = ledger.options.price_book.name
    return WhatIf(
        app_id=application.app_id,
        attempt_id=application.attempt_id,
        target=application.cost.target,
        price_book=book,
        prices_as_of=prices_as_of(book),
        actual=_configuration(predicted.actual),
        replayed=_configuration(predicted.replayed),
        error=ModelError(wall=predicted.wall_error, core_time=predicted.core_time_error),
        scenarios=[_configuration(outcome, first) for outcome, first in zip(predicted.scenarios, front, strict=True)],
        advice=_advice(predicted),
        critical_path_ms=predicted.critical_path_ms,
        notes=_notes(application, predicted, choice),
    )


def _configuration(outcome: Outcome, front: bool = False) -> Configuration:
    return Configuration(
        name=outcome.name,
        executors_peak=outcome.executors_peak,
        cores_per_executor=outcome.cores,
        wall_ms=outcome.wall_ms,
        core_h=outcome.core_ms / 3_600_000,
        low_usd=outcome.cost.low_usd,
        expected_usd=outcome.cost.usd,
        high_usd=outcome.cost.high_usd,
        conf=dict(outcome.conf),
        on_front=front,
    )


def _advice(predicted: Prediction) -> list[Advice]:
    """Scenarios worth choosing. They are weighed against the replay of what ran, so that what both get wrong cancels out."""
    base = predicted.replayed
    if max(abs(predicted.wall_error), abs(predicted.core_time_error)) > LARGE_ERROR or base.cost.usd <= 0 or base.wall_ms <= 0:
        return []
    settable = [outcome for outcome in predicted.scenarios if outcome.conf]
    cheaper = [o for o in settable if o.wall_ms <= MORE_TIME * base.wall_ms and o.cost.usd <= LESS_COST * base.cost.usd]
    faster = [o for o in settable if o.wall_ms <= LESS_TIME * base.wall_ms and o.cost.usd <= base.cost.usd]
    chosen = []
    if cheaper:
        chosen.append(("cheapest within a tenth more time", min(cheaper, key=lambda o: (o.cost.usd, o.wall_ms))))
    if faster:
        chosen.append(("fastest for no more money", min(faster, key=lambda o: (o.wall_ms, o.cost.usd))))
    return [_advised(goal, outcome, base) for goal, outcome in chosen if goal.startswith("cheapest") or outcome is not chosen[0][1]]


def _advised(goal: str, outcome: Outcome, base: Outcome) -> Advice:
    saved = base.cost.usd - outcome.cost.usd
    factors = (base.cost.low_usd / base.cost.usd, base.cost.high_usd / base.cost.usd)
    fewer = outcome.executors_peak * outcome.cores < base.executors_peak * base.cores
    return Advice(
        goal=goal,
        scenario=outcome.name,
        time_change=outcome.wall_ms / base.wall_ms - 1,
        cost_change=outcome.cost.usd / base.cost.usd - 1,
        saving_low_usd=min(saved * factor for factor in factors),
        saving_high_usd=max(saved * factor for factor in factors),
        conf=dict(outcome.conf),
        risk="fewer executors hold less cache and shuffle each has more to write: watch spill and the run time of the next run"
        if fewer
        else "more executors read and shuffle at once: watch fetch wait and throttling, and whether the cluster has room",
    )


def _notes(application: Application, predicted: Prediction, choice: Choice) -> list[str]:
    notes = ["task times stay as measured; driver gaps, failures and memory per core stay as they were"]
    if choice.memory_bytes is not None:
        notes = ["other memory changes the price only: spill, garbage collection and cached data are not modelled"]
    if max(abs(predicted.wall_error), abs(predicted.core_time_error)) > LARGE_ERROR:
        notes.insert(0, "the replay does not reproduce this run well: take the scenarios as directions, not as figures")
    if predicted.provision_ms is not None:
        notes.append(f"dynamic allocation: a new executor is taken to need {predicted.provision_ms / 1000:.1f} s to register")
    if predicted.inferred_parents:
        notes.append(
            f"Spark names no parents for {predicted.inferred_parents} of {predicted.stages} stages: their order is that of the run"
        )
    if not application.completeness.complete:
        notes.append(application.completeness.note)
    return notes
