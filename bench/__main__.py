"""Run one benchmark and record its figures: `python -m bench NAME [ARGUMENTS…]` writes `bench/results/NAME.json`."""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
BENCHMARKS = {
    "listener": "bench.listener",
    "stream": "bench.stream",
    "import": "bench.importing",
    "live": "bench.live",
    "storage": "bench.storage",
    "whatif": "bench.whatif",
}
VERSIONS_OF = ("pyspark", "chdb", "clickhouse-connect", "pyarrow", "msgspec")


def main(argv: Sequence[str]) -> int:
    """Run the named benchmark; 2 when the name is unknown."""
    if not argv or argv[0] not in BENCHMARKS:
        print(f"usage: python -m bench NAME, with NAME one of {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    name, arguments = argv[0], list(argv[1:])
    result: dict[str, Any] = importlib.import_module(BENCHMARKS[name]).run(arguments)
    RESULTS.mkdir(exist_ok=True)
    record = {
        "benchmark": name,
        "command": " ".join(["python -m bench", name, *arguments]),
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "machine": machine(),
        "versions": {package: metadata.version(package) for package in VERSIONS_OF},
        **result,
    }
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(record, indent=1) + "\n")
    print(f"wrote {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}", file=sys.stderr)
    return 0


def machine() -> str:
    """Processor, cores and memory, in words; no host name."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{_processor()}, {os.cpu_count()} cores, {memory_gib:.0f} GiB, Linux {platform.release()}, Python {platform.python_version()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
