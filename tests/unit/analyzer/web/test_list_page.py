"""What the list of applications says while it has none to show."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from analyzer.api.applications.schemas import ApplicationPage
from analyzer.web.pages import _templates


@pytest.mark.parametrize(
    ("waiting", "said", "not_said"),
    [
        (0, "No application yet", "analysed"),
        (1, "1 application still to be analysed", "No application"),
        (30, "30 applications", "No application"),
    ],
)
def test_nothing_analysed_is_not_nothing_there(waiting: int, said: str, not_said: str) -> None:
    page = ApplicationPage(applications=[], next_cursor=None, waiting_for_analysis=waiting)
    request = SimpleNamespace(cookies={})
    text = _templates.get_template("applications.html.j2").render(page=page, team="", pipeline="", request=request)
    assert said in text
    assert not_said not in text


def test_nothing_that_fits_is_not_nothing_there() -> None:
    page = ApplicationPage(applications=[], next_cursor=None, waiting_for_analysis=0)
    request = SimpleNamespace(cookies={})
    text = _templates.get_template("applications.html.j2").render(page=page, team="growth", pipeline="", request=request)
    assert "No application fits" in text
    assert "No application yet" not in text
