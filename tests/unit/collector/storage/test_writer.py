"""The writer: batches are put together, each is told its own fate, and the queue has an end."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pyarrow as pa
import pytest

from collector.storage import BackPressure, Store, StoreError, StoreUnavailable, open_store
from collector.storage.writer import Round, Writer
from tests.support.rows import application_starts, tasks


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("store")) as store:
        yield store


class Gate:
    """An `observe` that holds the writer after its first round, so that what is sent meanwhile has to wait."""

    def __init__(self) -> None:
        self.rounds: list[Round] = []
        self.held = threading.Event()
        self.open = threading.Event()

    def __call__(self, done: Round) -> None:
        self.rounds.append(done)
        self.held.set()
        assert self.open.wait(600)


def held_writer(store: Store, queue_bytes: int = 1 << 28) -> tuple[Writer, Gate]:
    """A writer that does nothing until its gate is opened."""
    gate = Gate()
    writer = Writer(store, queue_bytes=queue_bytes, observe=gate)
    writer.write({"applications": application_starts("opening")}).result(timeout=600)
    assert gate.held.wait(600)
    return writer, gate


def count(store: Store, app_id: str) -> int:
    return int(store.rows("SELECT count() AS n FROM tasks FINAL WHERE app_id = {a:String}", {"a": app_id})[0]["n"])


def test_a_resolved_future_means_that_the_rows_are_there(store: Store) -> None:
    writer = Writer(store)
    writer.write({"tasks": tasks("app-resolved", 10), "applications": application_starts("app-resolved")}).result(timeout=600)
    assert count(store, "app-resolved") == 10
    writer.close()


def test_batches_that_wait_become_one_insert(store: Store) -> None:
    writer, gate = held_writer(store)
    futures = [writer.write({"tasks": tasks("app-together", 5, first_task_id=5 * number)}) for number in range(20)]
    gate.open.set()
    for future in futures:
        future.result(timeout=600)
    writer.close()
    assert [(done.batches, done.rows) for done in gate.rounds] == [(1, 1), (20, 100)]
    assert count(store, "app-together") == 100


def test_batches_with_dictionaries_of_their_own_keep_their_values(store: Store) -> None:
    writer, gate = held_writer(store)
    apps = [f"app-own-{number}" for number in range(5)]
    futures = [writer.write({"tasks": tasks(app, 3)}) for app in apps]
    gate.open.set()
    for future in futures:
        future.result(timeout=600)
    writer.close()
    assert [count(store, app) for app in apps] == [3] * 5


def test_a_batch_that_the_store_refuses_fails_alone(store: Store) -> None:
    writer, gate = held_writer(store)
    good = [writer.write({"tasks": tasks(f"app-good-{number}", 2)}) for number in range(2)]
    bad = writer.write({"tasks": tasks("app-bad", 2).append_column("no_such_column", pa.array([1, 2]))})
    worse = writer.write({"no_such_table": tasks("app-bad", 2)})
    gate.open.set()
    for future in good:
        future.result(timeout=600)
    with pytest.raises(StoreError, match="no_such_column"):
        bad.result(timeout=600)
    with pytest.raises(StoreError, match="no_such_table"):
        worse.result(timeout=600)
    writer.close()
    assert [count(store, f"app-good-{number}") for number in range(2)] == [2, 2]


def test_a_full_queue_pushes_back_and_takes_again_later(store: Store) -> None:
    batch = {"tasks": tasks("app-full", 100)}
    size_bytes = batch["tasks"].nbytes
    writer, gate = held_writer(store, queue_bytes=2 * size_bytes)
    taken = [writer.write(batch), writer.write(batch)]
    with pytest.raises(BackPressure) as caught:
        writer.write(batch)
    assert caught.value.retry_after_s >= 1
    assert writer.held_bytes == 2 * size_bytes
    gate.open.set()
    for future in taken:
        future.result(timeout=600)
    writer.close()
    assert writer.held_bytes == 0


def test_a_batch_larger_than_the_queue_is_taken_alone(store: Store) -> None:
    writer = Writer(store, queue_bytes=1)
    writer.write({"tasks": tasks("app-large", 100)}).result(timeout=600)
    writer.close()
    assert count(store, "app-large") == 100


def test_closing_inserts_what_waits(store: Store) -> None:
    writer, gate = held_writer(store)
    futures = [writer.write({"tasks": tasks("app-close", 4, first_task_id=4 * number)}) for number in range(3)]
    gate.open.set()
    writer.close()
    assert [future.done() for future in futures] == [True] * 3
    assert count(store, "app-close") == 12
    assert not writer.alive


def test_a_closed_writer_is_unavailable(store: Store) -> None:
    writer = Writer(store)
    writer.close()
    writer.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        writer.write({"tasks": tasks("app-late", 1)})


def test_a_sender_that_gave_up_does_not_stop_the_others(store: Store) -> None:
    writer, gate = held_writer(store)
    given_up = writer.write({"tasks": tasks("app-gone", 1)})
    other = writer.write({"tasks": tasks("app-stays", 1)})
    assert given_up.cancel()
    gate.open.set()
    other.result(timeout=600)
    writer.close()
    assert count(store, "app-stays") == 1
