"""What the plugin reads of the kernel, on file trees that stand for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.jvm.java_probe import Probe

MIB = 1 << 20


@pytest.fixture(scope="module")
def printed(jar: Path, tmp_path_factory: pytest.TempPathFactory) -> Probe:
    return Probe("PrintMeasurements", jar, tmp_path_factory.mktemp("probe"))


def tree(root: Path, files: dict[str, str]) -> Path:
    """A folder with these files."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def test_control_groups_of_version_2(printed: Probe, tmp_path: Path) -> None:
    membership = tree(tmp_path, {"membership": "0::/pod/container\n"}) / "membership"
    root = tree(
        tmp_path / "cgroup",
        {
            "pod/container/memory.current": f"{700 * MIB}\n",
            "pod/container/memory.peak": f"{900 * MIB}\n",
            "pod/container/memory.max": f"{1024 * MIB}\n",
            "pod/container/memory.stat": f"anon 1\nfile 2\ninactive_file {100 * MIB}\n",
            "pod/container/memory.events": "low 0\noom 2\noom_kill 1\noom_group_kill 0\n",
            "pod/container/cpu.stat": "usage_usec 5000\nnr_periods 40\nnr_throttled 3\nthrottled_usec 700\n",
        },
    )
    assert printed("cgroup", membership, root) == {
        "Cgroup Memory": 700 * MIB,
        "Cgroup Peak Memory": 900 * MIB,
        "Cgroup Memory Limit": 1024 * MIB,
        "Cgroup Working Set": 600 * MIB,
        "Cgroup OOM Kills": 1,
        "Cgroup CPU Time": 5_000_000,
        "Cgroup CPU Periods": 40,
        "Cgroup Throttled Periods": 3,
        "Cgroup Throttled Time": 700_000,
    }


def test_a_container_that_sees_only_its_own_group_and_has_no_limit(printed: Probe, tmp_path: Path) -> None:
    membership = tree(tmp_path, {"membership": "0::/kubepods/pod1\n"}) / "membership"
    root = tree(tmp_path / "cgroup", {"memory.current": "4096\n", "memory.max": "max\n"})
    assert printed("cgroup", membership, root) == {"Cgroup Memory": 4096}


def test_control_groups_of_version_1(printed: Probe, tmp_path: Path) -> None:
    membership = tree(tmp_path, {"membership": "9:memory:/yarn/c1\n4:cpu,cpuacct:/yarn/c1\n0::/\n"}) / "membership"
    root = tree(
        tmp_path / "cgroup",
        {
            "memory/yarn/c1/memory.usage_in_bytes": f"{700 * MIB}\n",
            "memory/yarn/c1/memory.max_usage_in_bytes": f"{900 * MIB}\n",
            "memory/yarn/c1/memory.limit_in_bytes": "9223372036854771712\n",
            "memory/yarn/c1/memory.stat": f"inactive_file 5\ntotal_inactive_file {100 * MIB}\n",
            "memory/yarn/c1/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
            "cpu/yarn/c1/cpu.stat": "nr_periods 40\nnr_throttled 3\nthrottled_time 700\n",
            "cpu/yarn/c1/cpuacct.usage": "12345\n",
        },
    )
    assert printed("cgroup", membership, root) == {
        "Cgroup Memory": 700 * MIB,
        "Cgroup Peak Memory": 900 * MIB,
        "Cgroup Working Set": 600 * MIB,
        "Cgroup OOM Kills": 2,
        "Cgroup CPU Time": 12345,
        "Cgroup CPU Periods": 40,
        "Cgroup Throttled Periods": 3,
        "Cgroup Throttled Time": 700,
    }


def test_a_system_that_tells_nothing(printed: Probe, tmp_path: Path) -> None:
    assert printed("cgroup", tmp_path / "none", tmp_path) == {}
    assert printed("proc", tmp_path / "none") == {}


def _stat(pid: int, parent: int, pages: int) -> str:
    return f"{pid} (a (b) c) S {parent} " + " ".join(["0"] * 19) + f" {pages} 0\n"


def test_children_and_theirs_are_summed_in_pages_of_the_right_size(printed: Probe, tmp_path: Path) -> None:
    pages_of_64_kib = {
        "self/status": "Name:\tjava\nPid:\t10\nVmHWM:\t  12800 kB\nVmRSS:\t    6400 kB\n",
        "self/stat": _stat(10, 1, 100),
        "10/stat": _stat(10, 1, 100),
        "11/stat": _stat(11, 10, 3),
        "12/stat": _stat(12, 11, 4),
        "13/stat": _stat(13, 1, 50),
    }
    assert printed("proc", tree(tmp_path, pages_of_64_kib)) == {
        "Process RSS": 6400 * 1024,
        "Process Peak RSS": 12800 * 1024,
        "Child Processes": 2,
        "Child RSS": 7 * 64 * 1024,
    }


def test_processes_that_seem_to_descend_from_each_other_are_summed_once(printed: Probe, tmp_path: Path) -> None:
    files = {
        "self/status": "Name:\tjava\nPid:\t10\nVmHWM:\t  400 kB\nVmRSS:\t    400 kB\n",
        "self/stat": _stat(10, 12, 100),
        "10/stat": _stat(10, 12, 100),
        "11/stat": _stat(11, 10, 3),
        "12/stat": _stat(12, 11, 4),
        "13/stat": _stat(13, 14, 5),
        "14/stat": _stat(14, 13, 6),
    }
    measured = printed("proc", tree(tmp_path, files))
    assert (measured["Child Processes"], measured["Child RSS"]) == (2, 7 * 4096)


@pytest.mark.parametrize(
    ("files", "asks"),
    [
        ({"class/dmi/id/sys_vendor": "Amazon EC2\n"}, True),
        ({"hypervisor/uuid": "ec2e1916-9099-7caf-fd21-012345abcdef\n"}, True),
        ({"class/dmi/id/bios_version": "4.11.amazon\n"}, True),
        ({"class/dmi/id/sys_vendor": "Google\n", "class/dmi/id/bios_version": "Google\n"}, False),
        ({}, False),
    ],
)
def test_instance_metadata_is_asked_for_on_ec2_only(printed: Probe, tmp_path: Path, files: dict[str, str], asks: bool) -> None:
    assert printed("place", tree(tmp_path / "sys", files)) == {"Asks": asks}
