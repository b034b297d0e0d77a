"""Asking the replay, and turning its prediction into an answer."""

from __future__ import annotations

from analyzer.api.applications.schemas import Application
from analyzer.api.errors import invalid
from analyzer.api.ledger import Ledger
from analyzer.api.prices import prices_as_of
from analyzer.api.whatif.schemas import Configuration, ModelError, WhatIf
from analyzer.cost.price import Target
from analyzer.profiles.application import read_executors, read_header
from analyzer.profiles.platform import is_local
from analyzer.timeline.reading import history_of
from analyzer.timeline.replay import CannotReplay
from analyzer.timeline.whatif import Choice, Outcome, Prediction, predict

MOST_COUNTS, MOST_EXECUTORS = 40, 10_000
LARGE_ERROR = 0.10
"""A replay that is further from what ran gets a warning."""


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


def what_if(ledger: Ledger, application: Application, choice: Choice) -> WhatIf:
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
    if local and (any(count != 1 for count in choice.executors) or choice.max_executors is not None):
        raise invalid("local_mode", "this application ran in local mode: it has no executors to count", "ask for cores instead")
    try:
        predicted = predict(history, header.conf, choice, ledger.options.price_book, Target(application.cost.target), local)
    except CannotReplay as error:
        raise invalid("cannot_replay", str(error), "ask for at least one executor") from error
    return _answer(ledger, application, predicted)


def _answer(ledger: Ledger, application: Application, predicted: Prediction) -> WhatIf:
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
        scenarios=[_configuration(outcome) for outcome in predicted.scenarios],
        critical_path_ms=predicted.critical_path_ms,
        notes=_notes(application, predicted),
    )


def _configuration(outcome: Outcome) -> Configuration:
    return Configuration(
        name=outcome.name,
        executors_peak=outcome.executors_peak,
        cores_per_executor=outcome.cores,
        wall_ms=outcome.wall_ms,
        core_h=outcome.core_ms / 3_600_000,
        low_usd=outcome.cost.low_usd,
        expected_usd=outcome.cost.usd,
        high_usd=outcome.cost.high_usd,
    )


def _notes(application: Application, predicted: Prediction) -> list[str]:
    notes = ["task times stay as measured; driver gaps, failures and memory per core stay as they were"]
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
