"""The table of many small files that one demonstration job reads: on a local S3 server, else in a local folder."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sparkledger.demo import s3a_jars
from sparkledger.demo.maven_central import JarsUnavailable

FILES = 400
ROWS_PER_FILE = 500
BUCKET = "sparkledger-demo"
PREFIX = "events"


@dataclass(frozen=True, slots=True)
class Table:
    """Where the table lies and what spark-submit needs to read it."""

    url: str
    where: str
    """In words, for the user."""
    jars: Sequence[Path]
    conf: dict[str, str]


@contextmanager
def small_file_table(workspace: Path, jar_cache: Path, spark_jars: Path) -> Iterator[Table]:
    """The table, on S3A where its jars can be had; a local S3 server runs until the block ends."""
    try:
        jars = s3a_jars.fetch(jar_cache, spark_jars)
    except JarsUnavailable as reason:
        yield _local_table(workspace, str(reason))
        return
    with _s3_server() as endpoint:
        _write(_s3_writer(endpoint))
        yield Table(
            url=f"s3a://{BUCKET}/{PREFIX}",
            where="S3A, against a local S3 server",
            jars=jars,
            conf={
                "spark.hadoop.fs.s3a.endpoint": endpoint,
                "spark.hadoop.fs.s3a.endpoint.region": "us-east-1",
                "spark.hadoop.fs.s3a.path.style.access": "true",
                "spark.hadoop.fs.s3a.access.key": "demo",
                "spark.hadoop.fs.s3a.secret.key": "demo",
            },
        )


def _local_table(workspace: Path, reason: str) -> Table:
    folder = workspace / PREFIX
    folder.mkdir(parents=True, exist_ok=True)
    _write(lambda name, content: folder.joinpath(name).write_bytes(content))
    return Table(url=folder.as_uri(), where=f"local files, since {reason}", jars=(), conf={})


def _write(put: Callable[[str, bytes], object]) -> None:
    for number in range(FILES):
        random = np.random.default_rng(number)
        table = pa.table({"kind": random.integers(0, 10, ROWS_PER_FILE), "value": random.random(ROWS_PER_FILE)})
        content = io.BytesIO()
        pq.write_table(table, content)
        put(f"part-{number:05d}.parquet", content.getvalue())


@contextmanager
def _s3_server() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it writes a line a request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def _s3_writer(endpoint: str) -> Callable[[str, bytes], object]:
    import boto3

    client = boto3.client("s3", endpoint_url=endpoint, aws_access_key_id="demo", aws_secret_access_key="demo", region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET)
    return lambda name, content: client.put_object(Bucket=BUCKET, Key=f"{PREFIX}/{name}", Body=content)
