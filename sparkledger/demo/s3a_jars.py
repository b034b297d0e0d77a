"""Jars of Hadoop's S3A connector, fetched from Maven Central and checked by digest.

PySpark ships without them. The AWS SDK comes as the few modules that S3A touches, 12 MB instead of the 686 MB bundle.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sparkledger.demo.maven_central import JarsUnavailable, fetch_jar

PARALLEL_DOWNLOADS = 8


def fetch(cache: Path, spark_jars: Path) -> list[Path]:
    """Paths of the S3A jars, downloaded into `cache` where they are missing.

    Raises:
        JarsUnavailable: with the reason in words.
    """
    manifest = json.loads((Path(__file__).parent / "s3a_jars.json").read_text())
    wanted = manifest["hadoop_version"]
    if not (spark_jars / f"hadoop-client-api-{wanted}.jar").is_file():
        raise JarsUnavailable(f"this Spark is not built on Hadoop {wanted}")
    with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
        return list(pool.map(lambda jar: fetch_jar(jar["path"], jar["sha256"], cache), manifest["jars"]))
