"""Analyses applications once they have ended and fallen silent, so that findings are there before anyone asks."""

from __future__ import annotations

import threading
import time

from analyzer.api.freshness import RUNNING_EVERY_S, close_silent, ensure_analysed, pending_applications
from analyzer.api.ledger import Ledger
from collector.api.logs import logger

SILENCE_S = 2.0
"""Events still come after the application's end; an analysis that waits this long rarely has to be repeated."""
REST_SHARE = 9
"""A run that goes on is left alone this many times as long as its last analysis took, so that it never keeps a processor busy."""
PAUSE_S = 0.01
"""Between two analyses, which share the store with those who ask."""
SWEEP_EVERY_S = 60.0
"""How often applications are looked for whose driver fell silent."""
_SWEEP_SHARE = 0.1
"""A sweep comes this often within the time after which an application counts as lost, where that is short."""


class AnalysisWorker:
    """One daemon thread that analyses what `touch` named, `SILENCE_S` after the last time, and what others left behind.

    An application that runs on is analysed again and again, with a rest between: its findings are those of what is known so far, and who
    asks for them has it analysed at once. Several servers over one store may do the same work twice; the rows of the later analysis
    replace those of the earlier one.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._due_at: dict[tuple[str, str], float] = {}
        self._rests_until: dict[tuple[str, str], float] = {}
        self._behind = False
        self._changed = threading.Condition()
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._run, name="sparkledger-analysis", daemon=True),
            threading.Thread(target=self._sweep, name="sparkledger-sweep", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def touch(self, app_id: str, attempt_id: str, running: bool) -> None:
        """Note that an application attempt has new data, and whether more is to be expected. Returns at once."""
        with self._changed:
            if not running:
                self._rests_until.pop((app_id, attempt_id), None)
            self._due_at[app_id, attempt_id] = max(time.monotonic() + SILENCE_S, self._rests_until.get((app_id, attempt_id), 0.0))
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
            began = time.monotonic()
            try:
                ensure_analysed(self._ledger, app_id, attempt_id)
            except Exception:
                logger.exception("analysis_failed", app_id=app_id, attempt_id=attempt_id)
            self._rest(due, began)
            time.sleep(PAUSE_S)

    def _rest(self, analysed: tuple[str, str], began: float) -> None:
        now = time.monotonic()
        with self._changed:
            self._rests_until = {application: until for application, until in self._rests_until.items() if until > now}
            self._rests_until[analysed] = now + max(RUNNING_EVERY_S, REST_SHARE * (now - began))

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
                self._due_at.setdefault(application, max(now + place * 1e-6, self._rests_until.get(application, 0.0)))

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
