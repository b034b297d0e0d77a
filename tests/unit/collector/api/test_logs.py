"""Logs as text, which a terminal shows: nothing that came with a request does anything there, and no secret is in a trace."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog

from collector.api.logs import configure_logging, logger

SECRET = "slt_of_this_test"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root, config = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**config)


def fail(secret: str) -> None:
    raise RuntimeError(f"with {len(secret)} characters")


def test_text_for_a_terminal_obeys_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(as_json=False)
    logger.info("request", path="/\x1b[2J\x9b1A", status=404)
    said = capsys.readouterr().err
    assert "\\x1b[2J" in said
    assert not any(character in said for character in ("\x1b[2J", "\x9b"))


@pytest.mark.parametrize("as_json", [True, False])
def test_a_trace_holds_no_local_variable(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    configure_logging(as_json=as_json)
    try:
        fail(SECRET)
    except RuntimeError:
        logger.exception("unexpected_error")
    said = capsys.readouterr().err
    assert "with 16 characters" in said
    assert SECRET not in said
