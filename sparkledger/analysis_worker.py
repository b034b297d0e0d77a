"""Analyses applications once they have ended and fallen silent, so that findings are there before anyone asks."""

from __future__ import annotations

import threading
import time

from analyzer.api.freshness import ensure_analysed
from analyzer.api.ledger import Ledger
from collector.api.logs import logger

SILENCE_S = 2.0
"""Events still come after the application's end; an analysis that waits this long rarely has to be repeated."""
PAUSE_S = 0.01
"""Between two analyses. A lock is not handed over in turn: without a pause this thread would have it again before a waiting request."""


class AnalysisWorker:
    """One daemon thread that analyses what `touch` named, `SILENCE_S` after the last time.

    An application that runs on is analysed again and again: its findings are those of what is known so far.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._due_at: dict[tuple[str, str], float] = {}
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="sparkledger-analysis", daemon=True)
        self._thread.start()

    def touch(self, app_id: str, attempt_id: str) -> None:
        """Note that an application attempt has new data. Returns at once."""
        with self._changed:
            self._due_at[app_id, attempt_id] = time.monotonic() + SILENCE_S
            self._changed.notify()

    def close(self) -> None:
        """Finish the analysis that runs, leave the others to whoever asks for them next."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while (due := self._next()) is not None:
            app_id, attempt_id = due
            try:
                ensure_analysed(self._ledger, app_id, attempt_id)
            except Exception:
                logger.exception("analysis_failed", app_id=app_id, attempt_id=attempt_id)
            time.sleep(PAUSE_S)

    def _next(self) -> tuple[str, str] | None:
        with self._changed:
            while not self._stopping:
                if not self._due_at:
                    self._changed.wait()
                    continue
                first = min(self._due_at, key=self._due_at.__getitem__)
                remaining_s = self._due_at[first] - time.monotonic()
                if remaining_s <= 0:
                    del self._due_at[first]
                    return first
                self._changed.wait(remaining_s)
            return None
