"""What the driver holds where it runs in a container."""

from __future__ import annotations

import pytest

from analyzer.cost.driver import driver_shape

MIB = 1 << 20
PYTHON = {"spark.kubernetes.resource.type": "python"}


@pytest.mark.parametrize(
    ("platform", "conf", "cores", "mib"),
    [
        ("emr(serverless)", {}, 4, 14 * 1024 * 1.1),
        ("emr(yarn)", {}, 1, 2048 + 384),
        ("k8s", {}, 1, 1024 + 384),
        ("k8s", {"spark.driver.memory": "10g", "spark.driver.cores": "2"}, 2, 10 * 1024 * 1.1),
        # A driver of Python on Kubernetes has two fifths of its heap beside it, as its executors have.
        ("emr(k8s)", {"spark.driver.memory": "10g", **PYTHON}, 1, 10 * 1024 * 1.4),
        ("emr(k8s)", {"spark.driver.memory": "10g", "spark.kubernetes.memoryOverheadFactor": "0.2", **PYTHON}, 1, 10 * 1024 * 1.2),
        ("yarn", {"spark.driver.memory": "10g", "spark.driver.memoryOverheadFactor": "0.3"}, 1, 10 * 1024 * 1.3),
        ("yarn", {"spark.driver.memory": "10g", "spark.driver.memoryOverhead": "1g"}, 1, 11 * 1024),
    ],
)
def test_cores_and_memory_of_a_driver(platform: str, conf: dict[str, str], cores: int, mib: float) -> None:
    assert driver_shape(conf, platform) == (cores, pytest.approx(mib * MIB, abs=1))
