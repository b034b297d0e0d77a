"""The number under which a request is logged and answered."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

_REQUEST_ID: ContextVar[str] = ContextVar("sparkledger_request_id", default="")
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def begin_request(sent: str) -> str:
    """Take over the sender's request id where it is a plain one, else make one; it holds for the current context."""
    request_id = sent if _ACCEPTABLE.fullmatch(sent) else secrets.token_hex(8)
    _REQUEST_ID.set(request_id)
    return request_id


def current_request_id() -> str:
    """The id of the request being served, '' outside of one."""
    return _REQUEST_ID.get()
