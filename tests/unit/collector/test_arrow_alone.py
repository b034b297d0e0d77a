"""pandas is not imported by what never uses it. Each case is a process of its own: an import cannot be taken back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pandas")

DECODE = """
from collector.importing import import_sources
from collector.importing.decoders import DecodeHere
from collector.eventlog.sources import find_logs
from concurrent.futures import Future

class Nowhere:
    opening = False
    def known_log(self, digest): return None
    def start_ms(self, identity): return None
    def write(self, tables):
        done = Future()
        done.set_result(None)
        return done

(log,) = import_sources(list(find_logs(sys.argv[1])), Nowhere(), Nowhere(), DecodeHere())
assert log.events == 3, log
"""
ARRAYS = """
import numpy as np
import pyarrow as pa
from collector.arrow_alone import keep_pandas_out
keep_pandas_out()
made = [pa.array(["a"]), pa.array([1], pa.int64()), pa.array(np.array([1.5])), pa.table({"a": ["x"]})]
assert [len(m) for m in made] == [1, 1, 1, 1]
"""
LATER = """
frame = pa.table({"a": [1, 2]}).to_pandas()
assert frame["a"].tolist() == [1, 2]
assert pa.array(frame["a"]).to_pylist() == [1, 2]
"""


def loaded(code: str, *arguments: str) -> bool:
    """Whether pandas is there after some code."""
    script = f"import sys\n{code}\nprint('pandas' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip() == "True"


def test_an_import_needs_no_pandas(tmp_path: Path) -> None:
    end = {"Event": "SparkListenerTaskEnd", "Stage ID": 0, "Task End Reason": {"Reason": "Success"}}
    events = [
        {"Event": "SparkListenerApplicationStart", "App ID": "app-1", "App Name": "n", "Timestamp": 5},
        {**end, "Task Info": {"Task ID": 1, "Launch Time": 5, "Finish Time": 6}},
        {"Event": "SparkListenerJobStart", "Job ID": 0, "Stage IDs": [0], "Properties": {}},
    ]
    (tmp_path / "app-1").write_text("".join(json.dumps(event) + "\n" for event in events))
    assert not loaded(DECODE, str(tmp_path / "app-1"))


def test_arrays_of_every_kind_need_no_pandas() -> None:
    assert not loaded(ARRAYS)


def test_who_wants_pandas_later_gets_it() -> None:
    assert loaded(ARRAYS + LATER)
