"""Rights of the three users, by what ClickHouse asks for."""

from __future__ import annotations

from collector.storage.grants import MIGRATOR, READER, WRITER, grant_statements
from collector.storage.targets import SERVER, Target, cluster


def granted(target: Target, user: str) -> set[str]:
    found = [
        statement for statement in grant_statements("ledger", target) if statement.startswith("GRANT") and statement.endswith(f" TO {user}")
    ]
    return {statement.removesuffix(f" TO {user}").removeprefix(f"GRANT {target.on_cluster}".rstrip() + " ") for statement in found}


def test_only_who_migrates_a_cluster_may_speak_to_its_servers() -> None:
    """ON CLUSTER needs the right CLUSTER, and a table with the engine Distributed the right REMOTE."""
    assert granted(cluster("ledger"), MIGRATOR) - granted(SERVER, MIGRATOR) == {"CLUSTER, REMOTE ON *.*"}
    for target in (SERVER, cluster("ledger")):
        assert granted(target, WRITER) == {"SELECT, INSERT ON `ledger`.*"}
        assert granted(target, READER) == {"SELECT ON `ledger`.*"}
