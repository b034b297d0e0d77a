"""What settings change about an analysis: thresholds and prices."""

from __future__ import annotations

import pytest

from analyzer.api.ledger import analysis_options
from analyzer.api.prices import prices_as_of
from analyzer.cost.book import PriceBookError, load_price_book
from sparkledger.settings import load_settings


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
