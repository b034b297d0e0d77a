"""A team's token sees its own runs and nothing of anybody else's, on every route there is and will be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from fastapi import FastAPI

from collector.access import READ
from tests.rules.application_events import event_log
from tests.support.running_app import RunningApp, running_app
from tests.support.wire import NDJSON, lines

CASE = Path(__file__).parents[1] / "rules/skewed_task_durations/fires_hot_key.yaml"
OWN, OTHERS = "application_1795400000000_0001", "application_1795400000000_0002"
OWN_NAME, OTHERS_NAME = "growth-orders", "finance-payroll"
OWN_TEAM, OTHERS_TEAM = "growth", "finance"
WEEK = "2026-W47"
SECRETS = (OTHERS, OTHERS_NAME, OTHERS_TEAM)
PARAMETERS = {"app_id": OTHERS, "team": OTHERS_TEAM, "week": WEEK, "code": "SKW001", "pipeline": OTHERS_NAME, "digest": "0" * 64}
UNGUARDED = {"/healthz", "/readyz", "/metrics", "/docs", "/openapi.json", "/login"}


def log_of(app_id: str, name: str, team: str) -> bytes:
    """One skewed run that names its team."""
    log = event_log(yaml.safe_load(CASE.read_text()), app_id)
    renamed = re.sub(rb'"App Name": "[^"]*"', b'"App Name": "%s"' % name.encode(), log, count=1)
    conf = {"spark.sparkledger.team": team, "spark.app.name": name}
    return renamed + lines({"Event": "SparkListenerEnvironmentUpdate", "Spark Properties": conf, "System Properties": {}})


class Ledger:
    """An application with a run of each of two teams, and a token that reads one of them."""

    def __init__(self, running: RunningApp) -> None:
        self.running = running
        self.app = running.app
        for app_id, name, team in ((OWN, OWN_NAME, OWN_TEAM), (OTHERS, OTHERS_NAME, OTHERS_TEAM)):
            sent = running.request("POST", "/api/v1/events", content=log_of(app_id, name, team), headers=NDJSON)
            assert sent.is_success, sent.text
            # What names a run waits for its analysis however long that takes; a list does so only for a while.
            assert running.request("GET", f"/api/v1/applications/{app_id}").is_success
        listed = running.request("GET", "/api/v1/applications").json()["applications"]
        assert {(row["app_id"], row["team"]) for row in listed} == {(OWN, OWN_TEAM), (OTHERS, OTHERS_TEAM)}
        guard = self.app.state.guard
        self.tokens = {team: guard.book.create(f"of {team}", [READ], team)[0] for team in (OWN_TEAM, OTHERS_TEAM)}

    def get(self, path: str, team: str = OWN_TEAM) -> httpx.Response:
        return self.get_with(path, self.tokens[team])

    def get_with(self, path: str, token: str) -> httpx.Response:
        return self.running.request("GET", path, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with running_app(tmp_path_factory.mktemp("teams") / "data") as running:
        yield Ledger(running)


def paths_of(app: FastAPI) -> list[str]:
    """Every route that answers GET, the pages included."""
    found = {path for path, methods in app.openapi()["paths"].items() if "get" in methods}
    return sorted((found | {"/", "/applications/{app_id}", "/rules/{code}"}) - UNGUARDED)


def filled(path: str, app_id: str, team: str) -> str:
    """A path with what it names put in."""
    values = {**PARAMETERS, "app_id": app_id, "team": team}
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], "1"), path)


def test_no_route_shows_another_teams_run(ledger: Ledger) -> None:
    paths = paths_of(ledger.app)
    assert len(paths) > 12
    for path in paths:
        asked = filled(path, OTHERS, OTHERS_TEAM)
        response = ledger.get(asked)
        assert response.status_code < 500, (asked, response.text)
        # What the request itself named may be repeated to it.
        told = response.text.replace(OTHERS, "", response.text.count(OTHERS) if OTHERS in asked and response.status_code >= 400 else 0)
        for secret in SECRETS if not (response.status_code >= 400 and "{" in path) else (OTHERS_NAME,):
            assert secret not in told, (asked, secret)


def test_lists_and_searches_hold_the_own_team_only(ledger: Ledger) -> None:
    for path in ("/api/v1/applications", "/api/v1/findings", "/api/v1/digests", "/", f"/api/v1/applications?name={OTHERS_NAME[:5]}"):
        response = ledger.get(path)
        assert response.status_code == 200
        assert not any(secret in response.text for secret in SECRETS if secret != OTHERS_NAME[:5]), path
    assert [row["app_id"] for row in ledger.get("/api/v1/applications").json()["applications"]] == [OWN]
    assert {row["app_id"] for row in ledger.get("/api/v1/findings").json()["findings"]} == {OWN}


def test_every_answer_about_the_own_run_is_the_same_as_without_a_team(ledger: Ledger) -> None:
    everything, _ = ledger.app.state.guard.book.create("all", [READ])
    for below in ("", "/facts", "/stages", "/findings", "/waterfall", "/whatif"):
        path = f"/api/v1/applications/{OWN}{below}"
        assert ledger.get(path).json() == ledger.get_with(path, everything).json(), below


def test_another_teams_run_is_as_if_it_did_not_exist(ledger: Ledger) -> None:
    there = ledger.get(f"/api/v1/applications/{OTHERS}")
    nowhere = ledger.get("/api/v1/applications/application_1795400000000_0003")
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert there.json()["error"]["hint"] == nowhere.json()["error"]["hint"]


@pytest.mark.parametrize("path", ["/api/v1/applications?team={}", "/api/v1/digests/{}/2026-W47", "/?team={}"])
def test_naming_another_team_is_refused(ledger: Ledger, path: str) -> None:
    assert ledger.get(path.format(OTHERS_TEAM)).status_code == 403


def test_a_new_run_is_seen_before_any_list_was_read(ledger: Ledger) -> None:
    fresh = "application_1795400000000_0009"
    ingest, _ = ledger.app.state.guard.book.create("jobs", ["ingest"])
    headers = {**NDJSON, "Authorization": f"Bearer {ingest}"}
    sent = ledger.running.request("POST", "/api/v1/events", content=log_of(fresh, OWN_NAME, OWN_TEAM), headers=headers)
    assert sent.is_success
    assert ledger.get(f"/api/v1/applications/{fresh}").status_code == 200
    assert ledger.get(f"/api/v1/applications/{fresh}", OTHERS_TEAM).status_code == 404
