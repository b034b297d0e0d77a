"""Lines of the event stream, as small as they may be."""

from __future__ import annotations

import json
from typing import Any

from tests.support.rows import MIDNIGHT_MS

NDJSON = {"Content-Type": "application/x-ndjson"}


def lines(*events: dict[str, Any]) -> bytes:
    """Events as the body of a request."""
    return b"".join(json.dumps(event, separators=(",", ":")).encode() + b"\n" for event in events)


def application_start(app_id: str, attempt_id: str | None = None) -> dict[str, Any]:
    """`SparkListenerApplicationStart`."""
    attempt = {"App Attempt ID": attempt_id} if attempt_id else {}
    return {
        "Event": "SparkListenerApplicationStart",
        "App Name": "orders",
        "App ID": app_id,
        "Timestamp": MIDNIGHT_MS,
        "User": "etl",
        **attempt,
    }


def application_end() -> dict[str, Any]:
    """`SparkListenerApplicationEnd`."""
    return {"Event": "SparkListenerApplicationEnd", "Timestamp": MIDNIGHT_MS + 60_000}


def task_ends(count: int, first_task_id: int = 0) -> dict[str, Any]:
    """A block line of successful tasks of one stage."""
    return {
        "Event": "SparkledgerTaskEnds",
        "Count": count,
        "Stage ID": {"all": 7},
        "Stage Attempt ID": {"all": 0},
        "Task Type": {"all": "ResultTask"},
        "Reason": {"all": "Success"},
        "Task ID": {"base": first_task_id, "delta": list(range(count))},
        "Index": {"base": 0, "delta": list(range(count))},
        "Executor ID": {"all": "1"},
        "Host": {"dict": ["ip-10-0-0-1", "ip-10-0-0-2"], "idx": [index % 2 for index in range(count)]},
        "Locality": {"all": "ANY"},
        "Launch Time": {"base": MIDNIGHT_MS, "delta": [index * 10 for index in range(count)]},
        "Finish Time": {"base": MIDNIGHT_MS + 500, "delta": [index * 10 for index in range(count)]},
        "Executor Run Time": [450 + index % 7 for index in range(count)],
    }
