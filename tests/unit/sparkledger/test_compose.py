"""`docker-compose.yml` says only what sparkledger and ClickHouse understand. Running it needs a Docker engine; this does not."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
import yaml

from collector.storage.clickhouse_server import server_address
from sparkledger.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[3]
NODES = ("clickhouse-1a", "clickhouse-1b", "clickhouse-2a", "clickhouse-2b")
KEEPERS = ("keeper-1", "keeper-2", "keeper-3")
OURS = ("collector", "analyzer", "collector-on-cluster")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    text = (ROOT / "docker-compose.yml").read_text()
    found: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))
    return found


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


def settings_of(service: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    for name in [name for name in os.environ if name.startswith("SPARKLEDGER_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    for name, value in service["environment"].items():
        monkeypatch.setenv(name, "" if value is None else str(value))
    return load_settings()


@pytest.mark.parametrize("name", OURS)
def test_its_settings_are_settings(name: str, services: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = settings_of(services[name], monkeypatch, tmp_path)
    address = server_address(settings.effective_store_url)
    clickhouse = services[address.host]["environment"]
    assert (address.user, address.password) == (clickhouse["CLICKHOUSE_USER"], clickhouse["CLICKHOUSE_PASSWORD"])
    assert (address.database, address.port) == ("sparkledger", 8123)
    assert (settings.token, settings.is_embedded, settings.retention.tasks_days) == (None, False, 90)


def test_the_cluster_that_a_url_names_is_the_one_that_the_nodes_know(
    services: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = settings_of(services["collector-on-cluster"], monkeypatch, tmp_path)
    target = server_address(settings.effective_store_url).target
    nodes = ElementTree.parse(ROOT / "deploy/clickhouse/cluster.xml").getroot()
    [remote] = list(nodes.find("remote_servers") or [])
    assert target.on_cluster == f"ON CLUSTER '{remote.tag}'"
    shards = [[host.text for host in shard.iter("host")] for shard in remote.iter("shard")]
    assert shards == [list(NODES[:2]), list(NODES[2:])]
    assert [shard.findtext("internal_replication") for shard in remote.iter("shard")] == ["true", "true"]
    assert [node.text for node in nodes.findall("zookeeper/node/host")] == list(KEEPERS)


def test_each_node_has_a_place_of_its_own(services: dict[str, Any]) -> None:
    places = {name: (services[name]["environment"]["LEDGER_SHARD"], services[name]["environment"]["LEDGER_REPLICA"]) for name in NODES}
    assert places == {"clickhouse-1a": ("1", "a"), "clickhouse-1b": ("1", "b"), "clickhouse-2a": ("2", "a"), "clickhouse-2b": ("2", "b")}
    keeper = ElementTree.parse(ROOT / "deploy/clickhouse/keeper.xml").getroot()
    servers = {server.findtext("id"): server.findtext("hostname") for server in keeper.iter("server")}
    assert servers == {services[name]["environment"]["KEEPER_ID"]: name for name in KEEPERS}
    assert all(services[name]["hostname"] == name for name in (*NODES, *KEEPERS))


def test_images_are_pinned_and_services_watched(services: dict[str, Any]) -> None:
    images = [service["image"] for name, service in services.items() if name not in OURS]
    assert all(re.fullmatch(r"clickhouse/clickhouse-(server|keeper):\d+\.\d+(\.\d+)*", image) for image in images)
    assert all("healthcheck" in service and service["restart"] == "unless-stopped" for service in services.values())


def test_health_of_the_keepers_is_asked_for_as_busybox_understands_it(services: dict[str, Any]) -> None:
    for name in KEEPERS:
        _, command = services[name]["healthcheck"]["test"]
        assert re.findall(r"\s--?\w[\w-]*", command) == [" -q", " -O", " -q"]


def test_only_the_profile_starts_the_cluster(services: dict[str, Any]) -> None:
    assert {name for name, service in services.items() if "profiles" not in service} == {"clickhouse", "collector", "analyzer"}
    for name, service in services.items():
        needed = service.get("depends_on", {})
        assert all(services[other].get("profiles", service.get("profiles")) == service.get("profiles") for other in needed), name
        assert all(condition == {"condition": "service_healthy"} for condition in needed.values())


def test_every_volume_and_file_is_there(compose: dict[str, Any], services: dict[str, Any]) -> None:
    sources = [volume.split(":")[0] for service in services.values() for volume in service["volumes"]]
    named = {source for source in sources if not source.startswith(".")}
    assert named == set(compose["volumes"])
    assert all((ROOT / source).is_file() for source in sources if source.startswith("."))


@pytest.mark.parametrize("name", OURS)
def test_the_stop_is_given_longer_than_the_server_takes(name: str, services: dict[str, Any]) -> None:
    assert int(services[name]["stop_grace_period"].removesuffix("s")) > load_settings().stop_timeout_s


@pytest.mark.parametrize("name", OURS)
def test_the_dockerfile_is_where_compose_looks_for_it(name: str, services: dict[str, Any]) -> None:
    build = services[name]["build"]
    assert (ROOT / build["context"] / build["dockerfile"]).is_file()


def test_ports_are_open_on_this_machine_only_and_differ(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert len(set(ports)) == len(ports) == len(OURS)
