"""A price book from price lists that a real HTTP server answers: whole and plausible, or the old one stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analyzer.cost.book import load_price_book, parse_price_book, read_document
from analyzer.cost.offers import PriceListError, fetch_offers
from analyzer.cost.refresh import refreshed_book, write_book
from sparkledger.cli.app import run
from sparkledger.cli.errors import CliError
from tests.support.price_lists import REGION, PriceLists, serving, us_east_1

OLD = read_document()


def refreshed(lists: PriceLists) -> Any:
    with serving(lists.files()) as url:
        return refreshed_book(OLD, REGION, url)


def test_a_refreshed_book_has_the_prices_of_the_lists() -> None:
    result = refreshed(us_east_1())
    book = parse_price_book(result.document)

    assert book.name == "2026-11-24-us-east-1"
    assert book.as_of == "2026-11-24"
    assert sorted(book.instances) == ["c5.xlarge", "m5.16xlarge", "m5.xlarge", "m6g.xlarge", "r5.xlarge", "x2iedn.32xlarge"]
    m5 = book.instance("m5.16xlarge")
    assert (m5.vcpu, m5.gib, m5.ec2_h_usd, m5.fee_h_usd) == (64, 256, 3.072, 0.27)
    assert book.instance("x2iedn.32xlarge").gib == 4096
    assert book.serverless["arm64"].vcpu_h_usd == pytest.approx(0.0421)
    assert book.s3_get_usd == pytest.approx(4e-7)
    assert book.eks_uplift.gib_h_usd == pytest.approx(0.00111125)
    assert result.kept == ()


def test_unit_prices_are_fitted_anew() -> None:
    book = parse_price_book(refreshed(us_east_1()).document)

    assert book.emr_ec2.vcpu_h_usd == pytest.approx(0.0438, abs=0.001)
    assert book.emr_ec2.gib_h_usd == pytest.approx(0.0043, abs=0.0005)


def test_figures_that_no_list_holds_stay_with_their_date() -> None:
    lists = us_east_1()
    lists.products["AmazonEC2"] = [p for p in lists.products["AmazonEC2"] if p[1].get("volumeApiName") != "gp3"]
    result = refreshed(lists)

    assert result.kept == ("ebs.gp3_gib_month",)
    assert result.document["ebs"]["gp3_gib_month"] == OLD["ebs"]["gp3_gib_month"]
    assert result.document["emr_ec2"]["start_up_s"] == OLD["emr_ec2"]["start_up_s"]


def test_two_prices_for_one_figure_are_none() -> None:
    lists = us_east_1()
    lists.add("AmazonEC2", "Storage", {"volumeApiName": "gp2"}, 0.11)

    assert refreshed(lists).kept == ("ebs.gp2_gib_month",)


def drop_serverless(lists: PriceLists) -> None:
    lists.products["ElasticMapReduce"] = []


def hundredfold(lists: PriceLists) -> None:
    lists.products["AmazonS3"] = [(family, attributes, usd * 100) for family, attributes, usd in lists.products["AmazonS3"]]


def undated(lists: PriceLists) -> None:
    lists.published = "yesterday"


@pytest.mark.parametrize(
    ("spoil", "word"), [(drop_serverless, "0 node types"), (hundredfold, "too far apart"), (undated, "dated `yesterday`")]
)
def test_lists_that_cannot_be_right_are_refused(spoil: Callable[[PriceLists], None], word: str) -> None:
    lists = us_east_1()
    spoil(lists)

    with pytest.raises(PriceListError, match=word):
        refreshed(lists)


def test_an_unknown_region_is_refused_with_the_nearest() -> None:
    with serving(us_east_1().files()) as url, pytest.raises(PriceListError, match="`us-east-9`") as caught:
        fetch_offers("AmazonEC2", "us-east-9", url)

    assert "us-east-1" in caught.value.hint


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"publicationDate": 3}'])
def test_an_answer_that_is_no_offer_file_is_refused(body: bytes) -> None:
    files = us_east_1().files()
    path = next(path for path in files if "AmazonEC2" in path and path.endswith(f"{REGION}/index.json"))

    with serving({**files, path: body}) as url, pytest.raises(PriceListError, match="not an offer file"):
        fetch_offers("AmazonEC2", REGION, url)


def cli(data: Path, url: str, *more: str) -> int:
    return run(["--data", str(data), "prices", "refresh", "--region", REGION, "--url", url, *more])


def test_the_command_puts_the_book_in_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(us_east_1().files()) as url:
        assert cli(tmp_path, url) == 0
    assert run(["--data", str(tmp_path), "--json", "prices"]) == 0

    assert json.loads(capsys.readouterr().out)["name"] == "2026-11-24-us-east-1"
    assert load_price_book(tmp_path / "price-book.json").as_of == "2026-11-24"
    assert [path.name for path in tmp_path.iterdir()] == ["price-book.json"]


@pytest.mark.parametrize("broken", ["cut", "gone", "down"])
def test_on_any_failure_the_old_book_stays(tmp_path: Path, broken: str) -> None:
    files = us_east_1().files()
    with serving(files) as url:
        cli(tmp_path, url)
    before = (tmp_path / "price-book.json").read_bytes()
    s3 = next(path for path in files if "AmazonS3" in path and path.endswith(f"{REGION}/index.json"))
    later = {path: body for path, body in files.items() if broken != "gone" or path != s3}

    with serving(later, cut=f"{REGION}/index.json" if broken == "cut" else "") as url:
        alive = url
        if broken != "down":
            with pytest.raises(CliError):
                cli(tmp_path, url)
    if broken == "down":
        with pytest.raises(CliError, match="no price list from"):
            cli(tmp_path, alive)

    assert (tmp_path / "price-book.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["price-book.json"]


def test_a_book_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(OSError, match="file"):
        write_book(tmp_path / "file" / "book.json", OLD)
