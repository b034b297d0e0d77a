"""Which texts leave the driver where `sql.text` is off, and the folder that the spools of a machine share."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.jvm.java_probe import Probe
from tests.unit.collector.eventlog.test_redaction import TEXTS

OPERATORS = {
    "Scan JDBCRelation((SELECT * FROM t WHERE name = 'Ann') SPARK_GEN_SUBQ_0) [numPartitions=1]": "Scan JDBCRelation",
    "WholeStageCodegen (3)": "WholeStageCodegen (3)",
    "Scan parquet sales.orders": "Scan parquet sales.orders",
    "BatchScan parquet s3://lake/people": "BatchScan parquet",
    "Exchange": "Exchange",
}
KILLS = {
    "another attempt succeeded": "another attempt succeeded",
    "Stage cancelled: Job aborted due to stage failure: … java.lang.IllegalStateException: 'Ann'": "Stage cancelled",
}
DAY_S = 86_400


@pytest.fixture(scope="module")
def printed(jar: Path, tmp_path_factory: pytest.TempPathFactory) -> Probe:
    return Probe("PrintTexts", jar, tmp_path_factory.mktemp("classes"))


def test_operators_and_kill_reasons_quote_nothing_where_texts_are_withheld(printed: Probe) -> None:
    asked = [part for text in OPERATORS for part in ("operator", text)] + [part for text in KILLS for part in ("kill", text)]
    assert printed(*asked) == {**OPERATORS, **KILLS}


def test_secrets_in_texts_are_hidden_as_the_collector_hides_them(printed: Probe) -> None:
    assert printed(*(part for text, _ in TEXTS for part in ("clean", text))) == dict(TEXTS)


def test_no_text_is_searched_to_its_end(printed: Probe) -> None:
    assert printed("long", "1000000") == {"1000000": "65536"}


def aged(path: Path, days: float) -> None:
    """Makes a file or folder look as old."""
    then = time.time() - days * DAY_S
    os.utime(path, (then, then))


def test_what_nobody_imported_for_a_week_goes_and_what_is_written_to_stays(printed: Probe, tmp_path: Path) -> None:
    root = tmp_path / "spool"
    for name, file_days in {"left": 8.0, "live": 0.5}.items():
        folder = root / f"eventlog_v2_{name}"
        folder.mkdir(parents=True)
        (folder / "events_1").write_text("{}\n")
        aged(folder / "events_1", file_days)
        aged(folder, 8)
    assert printed("spool", root) == {str(root): "eventlog_v2_mine"}
    assert {path.name for path in root.iterdir()} == {"eventlog_v2_live", "eventlog_v2_mine"}


def test_a_link_among_the_leftovers_leads_to_no_removal(printed: Probe, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").touch()
    aged(elsewhere / "precious", 8)
    aged(elsewhere, 8)
    root = tmp_path / "spool"
    root.mkdir()
    (root / "eventlog_v2_link").symlink_to(elsewhere)
    assert printed("spool", root) == {str(root): "eventlog_v2_mine"}
    assert (elsewhere / "precious").exists()


def test_nothing_is_removed_from_a_place_that_somebody_else_prepared(printed: Probe, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("making a folder somebody else's takes root")
    foreign = tmp_path / "foreign"
    left = foreign / "eventlog_v2_left"
    left.mkdir(parents=True)
    aged(left, 8)
    os.chown(foreign, 65_534, 65_534)
    assert printed("spool", foreign) == {str(foreign): "IOException"}
    assert list(foreign.iterdir()) == [left]


def test_the_usual_place_is_made_for_its_owner_alone(printed: Probe, tmp_path: Path) -> None:
    root = tmp_path / "spool"
    assert printed("spool", root) == {str(root): "eventlog_v2_mine"}
    assert {path.stat().st_mode & 0o777 for path in (root, root / "eventlog_v2_mine")} == {0o700}


def test_a_place_that_somebody_else_prepared_is_refused(printed: Probe, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    foreign = tmp_path / "foreign"
    if os.geteuid() == 0:
        foreign.mkdir()
        os.chown(foreign, 65_534, 65_534)
    answers = printed("spool", link, *(("spool", foreign) if foreign.exists() else ()))
    assert answers[str(link)] == "FileAlreadyExistsException"
    assert answers.get(str(foreign), "IOException") == "IOException"
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert not foreign.exists() or list(foreign.iterdir()) == []
