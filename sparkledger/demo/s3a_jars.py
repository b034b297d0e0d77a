"""Jars of Hadoop's S3A connector, fetched from Maven Central and checked by digest.

PySpark ships without them. The AWS SDK comes as the few modules that S3A touches, 12 MB instead of the 686 MB bundle.
"""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

MAVEN_CENTRAL = "https://repo1.maven.org/maven2"
TIMEOUT_S = 30
PARALLEL_DOWNLOADS = 8


class JarsUnavailable(Exception):
    """The jars cannot be had: no network, another Hadoop version, or a digest that does not match."""


def fetch(cache: Path, spark_jars: Path) -> list[Path]:
    """Paths of the S3A jars, downloaded into `cache` where they are missing.

    Raises:
        JarsUnavailable: with the reason in words.
    """
    manifest = json.loads((Path(__file__).parent / "s3a_jars.json").read_text())
    wanted = manifest["hadoop_version"]
    if not (spark_jars / f"hadoop-client-api-{wanted}.jar").is_file():
        raise JarsUnavailable(f"this Spark is not built on Hadoop {wanted}")
    cache.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
        return list(pool.map(lambda jar: _fetch_one(jar["path"], jar["sha256"], cache), manifest["jars"]))


def _fetch_one(path: str, sha256: str, cache: Path) -> Path:
    target = cache / path.rsplit("/", 1)[1]
    if target.is_file() and _digest(target.read_bytes()) == sha256:
        return target
    try:
        with urllib.request.urlopen(f"{MAVEN_CENTRAL}/{path}", timeout=TIMEOUT_S) as response:
            content: bytes = response.read()
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        raise JarsUnavailable(f"Maven Central cannot be reached ({error})") from error
    if _digest(content) != sha256:
        raise JarsUnavailable(f"{target.name} has another digest than expected")
    part = target.with_suffix(".part")
    part.write_bytes(content)
    part.replace(target)
    return target


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
