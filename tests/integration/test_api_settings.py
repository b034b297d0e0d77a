"""What settings change about an analysis: thresholds, prices and teams."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.api.ledger import analysis_options
from analyzer.api.prices import prices_as_of
from analyzer.cost.book import PriceBookError, load_price_book
from sparkledger.settings import load_settings
from tests.support.running_app import running_app
from tests.support.wire import NDJSON, application_end, application_start, lines, task_ends


def test_without_settings_the_shipped_prices_and_thresholds_are_in_force() -> None:
    options = analysis_options(load_settings())
    assert options.price_book == load_price_book()
    assert options.thresholds == {}


def test_a_price_of_the_user_replaces_the_figure_and_marks_the_book() -> None:
    options = analysis_options(load_settings(pricing={"emr_ec2": {"vcpu_h": 0.1}}))
    assert options.price_book.emr_ec2.vcpu_h_usd == 0.1
    assert options.price_book.emr_ec2.gib_h_usd == load_price_book().emr_ec2.gib_h_usd
    assert options.price_book.name != load_price_book().name
    assert prices_as_of(options.price_book.name) == load_price_book().as_of


def test_a_price_that_is_no_price_is_refused() -> None:
    with pytest.raises(PriceBookError, match="vcpu_h"):
        analysis_options(load_settings(pricing={"emr_ec2": {"vcpu_h": "dear"}}))


@pytest.mark.parametrize("rules", [{"XXX999": {"min_ratio": 2}}, {"SKW001": {"nonsense": 2}}])
def test_a_threshold_that_no_rule_has_is_refused(rules: dict[str, dict[str, float]]) -> None:
    with pytest.raises(KeyError, match="expected one of"):
        analysis_options(load_settings(rules=rules))


def test_a_team_of_the_settings_is_that_of_the_stored_run(tmp_path: Path) -> None:
    teams = [{"field": "name", "pattern": "^users", "team": "growth"}, {"field": "name", "pattern": "^ord", "team": "sales"}]
    with running_app(tmp_path / "data", teams=teams) as app:
        body = lines(application_start("app-1"), task_ends(3), application_end())
        assert app.request("POST", "/api/v1/events", content=body, headers=NDJSON).is_success
        shown = app.request("GET", "/api/v1/applications/app-1").json()
        stored = app.app.state.store.rows("SELECT team, team_source FROM application_profiles FINAL")
    assert shown["team"] == "sales"
    assert stored == [{"team": "sales", "team_source": "mapping of name"}]
