"""Which platform an application ran on, from its configuration, version and id."""

from __future__ import annotations

from collections.abc import Mapping

_ID_PREFIXES = (("application_", "yarn?"), ("local-", "local"), ("app-", "standalone?"), ("spark-", "k8s?"))
_MASTERS = (
    ("local-cluster", "standalone"),
    ("local", "local"),
    ("yarn", "yarn"),
    ("k8s", "k8s"),
    ("spark://", "standalone"),
    ("mesos", "mesos"),
)
# Delta Lake's own settings begin so wherever it runs.
_DELTA = "spark.databricks.delta."


def platform_of(conf: Mapping[str, str], spark_version: str, app_id: str) -> str:
    """One of local, yarn, k8s, standalone, mesos, databricks, emr(yarn), emr(k8s), emr(serverless), glue, unknown.

    A trailing `?` says that the configuration was never seen and the form of the application id decided.
    """
    if any(key.startswith("spark.databricks.") and not key.startswith(_DELTA) for key in conf):
        return "databricks"
    if any(key.startswith("spark.glue.") for key in conf):
        return "glue"
    master = conf.get("spark.master", "")
    if "emr-serverless" in master or any(key.startswith("spark.emr-serverless.") for key in conf):
        return "emr(serverless)"
    cluster = next((name for prefix, name in _MASTERS if master.startswith(prefix)), None)
    if cluster is None:
        cluster = next((name for prefix, name in _ID_PREFIXES if app_id.startswith(prefix)), "unknown")
    return f"emr({cluster})" if "amzn" in spark_version and cluster in ("yarn", "k8s") else cluster


def is_local(platform: str) -> bool:
    """Whether the driver ran the tasks itself."""
    return platform == "local"
