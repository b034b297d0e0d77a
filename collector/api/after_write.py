"""Telling those who wait for new data that an application has some."""

from __future__ import annotations

from fastapi import Request

from collector.api.logs import logger


def tell(request: Request, app_id: str, attempt_id: str, running: bool) -> None:
    """Call what is in `app.state.after_write`; a failure there is theirs, the batch is safe. `running`: more is to be expected."""
    for callback in request.app.state.after_write:
        try:
            callback(app_id, attempt_id, running)
        except Exception:
            logger.exception("after_write_failed", app_id=app_id, attempt_id=attempt_id)
