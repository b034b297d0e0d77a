"""Sessions that cannot be listened to are refused with what to do instead."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from listener.attach import attach, detach
from listener.errors import AttachError
from listener.local_server import local_url

URL = "http://collector:8428"


def test_spark_connect_is_refused_and_the_server_named() -> None:
    session = type("SparkSession", (), {"__module__": "pyspark.sql.connect.session"})()
    with pytest.raises(AttachError, match=r"session is of Spark Connect.*\n\nhint: set the flags on the Spark Connect server"):
        attach(session, URL)


def test_anything_else_is_refused() -> None:
    with pytest.raises(AttachError, match="`str` is no SparkSession"):
        attach("spark", URL)


class Forbidden:
    """A gateway as a shared cluster of Databricks has it: every name can be said, and every call is refused."""

    def __getattr__(self, name: str) -> Forbidden:
        return Forbidden()

    def __call__(self, *_: object) -> None:
        raise RuntimeError(
            "An error occurred. Trace:\npy4j.security.Py4JSecurityException: Method public java.lang.Thread is not whitelisted"
        )


@pytest.mark.parametrize("call", [lambda spark: attach(spark, URL), detach], ids=["attach", "detach"])
def test_a_cluster_that_forbids_the_gateway_is_named_with_what_to_do(call: object) -> None:
    context = SimpleNamespace(_jvm=Forbidden(), _jsc=Forbidden(), _gateway=Forbidden())
    with pytest.raises(AttachError, match=r"forbids Python to reach the driver's JVM\n\nhint: set the flags in the cluster's Spark conf"):
        call(context)  # type: ignore[operator]


def test_a_stopped_context_is_refused() -> None:
    with pytest.raises(AttachError, match="the SparkContext is stopped"):
        attach(SimpleNamespace(_jvm=None, _jsc=None), URL)


def test_no_collector_anywhere_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SPARKLEDGER_URL", raising=False)
    monkeypatch.setenv("SPARKLEDGER_DATA_DIR", str(tmp_path))
    with pytest.raises(AttachError, match=r"no collector is named, and none runs on this machine\n\nhint: pass url=…, set SPARKLEDGER_URL"):
        attach(SimpleNamespace(_jvm=Forbidden(), _jsc=Forbidden()))


@pytest.mark.parametrize("variable", ["SPARKLEDGER_DATA_DIR", "XDG_DATA_HOME"])
def test_a_server_of_this_machine_is_found_while_it_runs(tmp_path: Path, variable: str) -> None:
    directory = tmp_path if variable == "SPARKLEDGER_DATA_DIR" else tmp_path / "sparkledger"
    directory.mkdir(exist_ok=True)
    environ = {variable: str(tmp_path)}
    assert local_url(environ) is None
    (directory / "server.json").write_text(json.dumps({"url": URL, "pid": os.getpid()}))
    assert local_url(environ) == URL
    (directory / "server.json").write_text(json.dumps({"url": URL, "pid": 2**22 + 1}))
    assert local_url(environ) is None
    (directory / "server.json").write_text("{")
    assert local_url(environ) is None


def test_the_note_of_another_user_that_may_not_be_read_counts_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "server.json").touch()
    monkeypatch.setattr(Path, "read_text", forbidden)
    assert local_url({"SPARKLEDGER_DATA_DIR": str(tmp_path)}) is None
