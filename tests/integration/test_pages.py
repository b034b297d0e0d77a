"""The pages over a running application: what they show, where they lead, and that names are text."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import yaml

from tests.rules.application_events import event_log
from tests.support.running_app import RunningApp, running_app
from tests.support.wire import NDJSON, application_end, application_start, lines, task_ends

CASE = Path(__file__).parents[1] / "rules/skewed_task_durations/fires_hot_key.yaml"
APP = "application_1795400000000_0001"
HOSTILE = "<script>alert(1)</script>\" onload='x' {{ 7 * 7 }} &amp;"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
TOKEN = "a-token-that-is-long-enough-for-a-test"
TRUSTED = {"Authorization": f"Bearer {TOKEN}"}
PAGES = ("/", f"/applications/{APP}", "/rules/SKW001")


class Page(HTMLParser):
    """The tags, links and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src") and value]

    def handle_data(self, data: str) -> None:
        self.text += f"{data} "


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """An application that holds one skewed run with a hostile name, and asks for a token."""
    case = yaml.safe_load(CASE.read_text())
    case["stages"][0]["name"] = f"join at {HOSTILE}"
    log = event_log(case, APP).replace(b'"App Name": "', b'"App Name": "%s' % HOSTILE.replace('"', '\\"').encode(), 1)
    with running_app(tmp_path_factory.mktemp("pages") / "data", token=TOKEN) as running:
        sent = running.request("POST", "/api/v1/events", content=log, headers={**NDJSON, **TRUSTED})
        assert sent.is_success, sent.text
        # Its own page waits for the analysis however long that takes; a list does so only for a while.
        assert visit(running, f"/applications/{APP}").is_success
        yield running


def visit(app: RunningApp, path: str, headers: dict[str, str] = BROWSER) -> httpx.Response:
    return app.request("GET", path, headers={**TRUSTED, **headers})


@pytest.fixture(scope="module")
def pages(app: RunningApp) -> dict[str, Page]:
    """The three kinds of page by path."""
    answers = {path: visit(app, path) for path in PAGES}
    assert {(a.status_code, a.headers["content-type"]) for a in answers.values()} == {(200, "text/html; charset=utf-8")}
    return {path: Page(answer.text) for path, answer in answers.items()}


def test_list_shows_the_run_and_leads_to_it(pages: dict[str, Page]) -> None:
    page = pages["/"]
    assert f"/applications/{APP}" in page.links
    assert "2 · medium" in page.text


def test_application_page_shows_what_was_found_and_what_to_change(pages: dict[str, Page]) -> None:
    text = pages[f"/applications/{APP}"].text
    assert "the longest task took 6 min 40 s against a median of 12.0 s" in text
    assert "tail tasks 1 task" in text
    assert "Where the paid core time went" in text
    assert "cause: data" in text


@pytest.mark.parametrize("path", ["/", f"/applications/{APP}"])
def test_names_are_text(pages: dict[str, Page], path: str) -> None:
    page = pages[path]
    assert HOSTILE in page.text
    assert "script" not in page.tags


def test_links_lead_somewhere(pages: dict[str, Page], app: RunningApp) -> None:
    links = sorted({link for page in pages.values() for link in page.links if not urlsplit(link).netloc})
    assert f"/applications/{APP}" in links
    assert "/static/style.css" in links
    assert {link: visit(app, link).status_code for link in links} == dict.fromkeys(links, 200)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/applications/application_1_1", 404, "no application `application_1_1`"),
        (f"/applications/{APP}?attempt=9", 404, "has no attempt `9`"),
        ("/rules/NOP001", 404, "no rule `NOP001`"),
        ("/?cursor=%00", 422, "cursor"),
    ],
)
def test_refusal_is_a_page_for_browsers_and_json_for_programs(app: RunningApp, path: str, status: int, said: str) -> None:
    for_people, for_programs = visit(app, path), visit(app, path, headers={})
    assert (for_people.status_code, for_programs.status_code) == (status, status)
    page = Page(for_people.text)
    assert said in page.text
    assert "/" in page.links
    assert said in for_programs.json()["error"]["message"]


def test_no_page_runs_a_script_is_framed_or_is_kept(app: RunningApp) -> None:
    paths = (*PAGES, "/applications/none", "/login")
    answers = [*(visit(app, path) for path in paths), app.request("GET", "/", headers=BROWSER)]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy
        assert (answer.headers["x-content-type-options"], answer.headers["cache-control"]) == ("nosniff", "no-store")
    mail = visit(app, "/api/v1/digests/growth/2026-W02?format=html")
    assert "default-src 'none'" in mail.headers["content-security-policy"]


def test_the_page_of_an_attempt_names_the_api_of_that_attempt(app: RunningApp) -> None:
    log = lines(application_start("application_1_7", "1"), task_ends(3), application_end())
    sent = app.request("POST", "/api/v1/events", content=log, headers={**NDJSON, **TRUSTED})
    assert sent.is_success, sent.text
    text = Page(visit(app, "/applications/application_1_7?attempt=1").text).text
    assert "/api/v1/applications/application_1_7/waterfall?detail=stages&attempt=1" in text


def test_pages_ask_for_the_token(app: RunningApp) -> None:
    answers = [app.request("GET", path, headers=BROWSER) for path in (*PAGES, "/static/style.css")]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 200]
    # The form repeats the path that was asked for, and nothing from the store.
    assert all("alert(1)" not in answer.text for answer in answers)
