"""Whose log it is, by its events or by its name."""

from __future__ import annotations

import pytest

from collector.eventlog.identity import Identity, completed_by_file, find_identity, identity_of_file
from tests.unit.collector.eventlog.encoding import line


@pytest.mark.parametrize(
    ("name", "app_id", "attempt_id"),
    [
        ("application_1713000000000_0001", "application_1713000000000_0001", ""),
        ("application_1713000000000_0001_2.zstd", "application_1713000000000_0001", "2"),
        ("application_1713000000000_0001_2.inprogress", "application_1713000000000_0001", "2"),
        ("application_1664788134226_0048_correlation", "application_1664788134226_0048", ""),
        ("app-20150427150733-0000.inprogress", "app-20150427150733-0000", ""),
        ("app-20150427150733-0000_1", "app-20150427150733-0000", "1"),
        ("local-1422981780767", "local-1422981780767", ""),
        ("eventlog_v2_local-1623876083964", "local-1623876083964", ""),
        ("eventlog_v2_spark-cc4d115f011443d787f03a71a476a745", "spark-cc4d115f011443d787f03a71a476a745", ""),
        ("event_log_230", "event_log_230", ""),
        ("my job.json.gz", "my job", ""),
        ("my job.json.xz", "my job", ""),
        ("my job.log.bz2", "my job", ""),
    ],
)
def test_file_name_states_application_and_attempt(name: str, app_id: str, attempt_id: str) -> None:
    assert identity_of_file(name) == Identity(app_id, attempt_id)


def test_file_name_adds_the_attempt_only_to_its_own_application() -> None:
    known = Identity("application_1713000000000_0001")
    assert completed_by_file(known, "application_1713000000000_0001_2") == Identity("application_1713000000000_0001", "2")
    assert completed_by_file(known, "application_1713000000000_0002_2") == known
    assert completed_by_file(Identity("application_1713000000000_0001", "1"), "application_1713000000000_0001_2").attempt_id == "1"


def test_start_without_an_id_states_no_identity() -> None:
    assert find_identity(line("SparkListenerApplicationStart", App_Name="old", Timestamp=1)) is None


def test_unreadable_start_is_passed_over() -> None:
    broken = b'{"Event":"SparkListenerApplicationStart","App ID":\n'
    assert find_identity(broken + line("SparkListenerApplicationStart", App_ID="a", App_Attempt_ID="1")) == Identity("a", "1")


@pytest.mark.parametrize("app_id", ["", " ", "a\nb", "a\0b", "ä", "i" * 201])
def test_an_id_that_no_address_could_hold_states_no_identity(app_id: str) -> None:
    assert find_identity(line("SparkListenerApplicationStart", App_ID=app_id, Timestamp=5)) is None
    assert find_identity(line("SparkListenerApplicationStart", App_ID="app-1", App_Attempt_ID=app_id or " ", Timestamp=5)) is None
