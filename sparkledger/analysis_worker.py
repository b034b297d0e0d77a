"""Analyses applications once they have ended and fallen silent, so that findings are there before anyone asks."""

from __future__ import annotations

import threading
import time

from analyzer.api.freshness import close_silent, ensure_analysed, pending_applications
from analyzer.api.ledger import Ledger
from collector.api.logs import logger

SILENCE_S = 2.0
"""Events still come after the application's end; an analysis that waits this long rarely has to be repeated."""
PAUSE_S = 0.01
"""Between two analyses, which share the store with those who ask."""
SWEEP_EVERY_S = 60.0
"""How often applications are looked for whose driver fell silent."""
_SWEEP_SHARE = 0.1
"""A sweep comes this often within the time after which an application counts as lost, where that is short."""


class AnalysisWorker:
    """One daemon thread that analyses what `touch` named, `SILENCE_S` after the last time, and what others left behind.

    An application that runs on is analysed again and again: its findings are those of what is known so far. Several servers over one
    store may do the same work twice; the rows of the later analysis replace those of the earlier one.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._due_at: dict[tuple[str, str], float] = {}
        self._behind = False
        self._changed = threading.Condition()
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._run, name="sparkledger-analysis", daemon=True),
            threading.Thread(target=self._sweep, name="sparkledger-sweep", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def touch(self, app_id: str, attempt_id: str) -> None:
        """Note that an application attempt has new data. Returns at once."""
        with self._changed:
            self._due_at[app_id, attempt_id] = time.monotonic() + SILENCE_S
            self._changed.notify_all()

    def catch_up(self) -> None:
        """Analyse everything that has data which no analysis has seen, the newest first. Returns at once."""
        with self._changed:
            self._behind = True
            self._changed.notify_all()

    def close(self) -> None:
        """Finish the analysis that runs, leave the others to whoever asks for them next."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while (due := self._next()) is not None:
            app_id, attempt_id = due
            try:
                ensure_analysed(self._ledger, app_id, attempt_id)
            except Exception:
                logger.exception("analysis_failed", app_id=app_id, attempt_id=attempt_id)
            time.sleep(PAUSE_S)

    def _next(self) -> tuple[str, str] | None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._behind or self._due_at)
                if self._stopping:
                    return None
                look, self._behind = self._behind, False
            if look:
                self._look_for_more()
            with self._changed:
                first = min(self._due_at, key=self._due_at.__getitem__, default=None)
                if first is None or self._stopping:
                    continue
                remaining_s = self._due_at[first] - time.monotonic()
                if remaining_s <= 0:
                    del self._due_at[first]
                    return first
                self._changed.wait(remaining_s)

    def _look_for_more(self) -> None:
        try:
            waiting = pending_applications(self._ledger)
        except Exception:
            logger.exception("analysis_failed")
            return
        now = time.monotonic()
        with self._changed:
            for place, application in enumerate(waiting):
                # In order, the newest first, and after what is due already.
                self._due_at.setdefault(application, now + place * 1e-6)

    def _sweep(self) -> None:
        pause_s = min(SWEEP_EVERY_S, self._ledger.options.lost_after_min * 60 * _SWEEP_SHARE)
        while True:
            with self._changed:
                if self._changed.wait_for(lambda: self._stopping, pause_s):
                    return
            try:
                for app_id, attempt_id in close_silent(self._ledger):
                    logger.info("application_lost", app_id=app_id, attempt_id=attempt_id)
            except Exception:
                logger.exception("sweep_failed")
