"""Sessions that cannot be listened to are refused with what to do instead."""

from __future__ import annotations

import pytest

from listener.attach import attach
from listener.errors import AttachError

URL = "http://collector:8428"


def test_spark_connect_is_refused_and_the_server_named() -> None:
    session = type("SparkSession", (), {"__module__": "pyspark.sql.connect.session"})()
    with pytest.raises(AttachError, match=r"session is of Spark Connect.*\n\nhint: set the flags on the Spark Connect server"):
        attach(session, URL)


def test_anything_else_is_refused() -> None:
    with pytest.raises(AttachError, match="`str` is no SparkSession"):
        attach("spark", URL)
