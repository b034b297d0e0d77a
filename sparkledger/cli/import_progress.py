"""What `sparkledger import` says while it runs: a bar on stderr with rate and time left, and a line or an object for each log."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from sparkledger.cli.output import Output

if TYPE_CHECKING:
    from collector.eventlog.sources import LogSource
    from collector.importing import ImportedLog

_NAME_WIDTH = 36
_FIELDS = ("events", "bad_lines", "unknown_events", "already_imported", "incomplete", "first_error", "skipped", "bad")


class ImportProgress:
    """The progress of an import, as a context manager. With `live_json` each finished log is a JSON object on stdout."""

    def __init__(self, output: Output, *, live_json: bool) -> None:
        self._live_json = live_json
        self._output = output
        name = TextColumn("{task.fields[name]}", justify="left")
        columns = (name, BarColumn(bar_width=24), DownloadColumn(binary_units=True), TransferSpeedColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=output.err, transient=True, disable=not output.err.is_interactive)
        self._task = self._bar.add_task("import", total=None, name="")
        self._sizes: dict[str, int] = {}
        self._read_bytes = self._finished_bytes = 0

    def found(self, sources: list[LogSource]) -> None:
        """Before the first log."""
        self._sizes = {source.location: source.size_bytes for source in sources}
        self._bar.update(self._task, total=sum(self._sizes.values()))

    def started(self, source: LogSource) -> None:
        """A log is next."""
        name = source.name if len(source.name) <= _NAME_WIDTH else f"{source.name[: _NAME_WIDTH - 1]}…"
        self._bar.update(self._task, name=name)

    def read(self, size_bytes: int) -> None:
        """So many more bytes were read."""
        self._show(self._read_bytes + size_bytes)

    def finished(self, log: ImportedLog) -> None:
        """The log is done, known, or skipped: what was not read of it counts as done."""
        self._finished_bytes += self._sizes.get(log.path, 0)
        self._show(max(self._read_bytes, self._finished_bytes))
        if self._live_json:
            sys.stdout.write(json.dumps(_as_object(log), ensure_ascii=False) + "\n")
            sys.stdout.flush()
        else:
            self._output.say(_sentence(log))

    def _show(self, read_bytes: int) -> None:
        self._read_bytes = read_bytes
        self._bar.update(self._task, completed=read_bytes)

    def __enter__(self) -> ImportProgress:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.stop()


def _as_object(log: ImportedLog) -> dict[str, Any]:
    """One log as `--json` prints it; docs/reference/cli.md explains the fields."""
    values = asdict(log)
    return {"path": log.path, "app_id": log.app_id, "attempt": log.attempt_id, **{name: values[name] for name in _FIELDS}}


def _sentence(log: ImportedLog) -> str:
    if log.skipped:
        return f"skipped {log.path}: {log.skipped}"
    attempt = f", attempt {log.attempt_id}" if log.attempt_id else ""
    notes = [f"{log.events:,} events"]
    notes += ["imported before"] if log.already_imported else []
    notes += [f"{log.bad_lines:,} bad lines, the first: {log.first_error}"] if log.bad_lines else []
    notes += ["ends in the middle"] if log.incomplete else []
    return f"{log.path.rpartition('/')[2]}: {log.app_id}{attempt}, {', '.join(notes)}"
