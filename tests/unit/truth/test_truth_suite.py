"""What the truth suite computes without Spark: labels, the words beside SQL, scores, savings."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

from analyzer.rules.registry import all_rules
from tests.truth.driver.sql_text import KEYS, spark_sql
from tests.truth.kept_runs import KeptRuns
from tests.truth.labels import BadLabel, Label, load_labels
from tests.truth.savings import saving_rows
from tests.truth.scores import figures, rule_rows
from tests.truth.tables import table_folder

MASK = 0xFFFFFFFF


def test_there_are_sixty_labels_and_more_with_faults_and_tempted() -> None:
    labels = load_labels()
    assert len(labels) >= 60
    assert {code for label in labels for code in label.must} <= {found.code for found in all_rules()}
    assert sum(bool(label.tempts) for label in labels) >= 30
    assert 2 <= sum(label.quick for label in labels) <= 4


def test_what_is_said_of_a_run_does_not_make_it_run_again() -> None:
    label = load_labels()[0]
    fields = {name: getattr(label, name) for name in Label.__slots__}
    assert Label(**{**fields, "must": {}, "why": "another"}).fingerprint == label.fingerprint
    assert Label(**{**fields, "master": "local[3]"}).fingerprint != label.fingerprint


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("- {name: a, master: 'local[2]', steps: [{pause_s: 1}]}", "`why`"),
        ("- {name: a, why: x, master: yarn, steps: [{pause_s: 1}]}", "`master`"),
        ("- {name: a, why: x, master: 'local[2]', steps: [{pause_s: 1}], must: {XXX999: []}}", "XXX999"),
        ("- {name: a, why: x, master: 'local[2]', steps: [{pause_s: 1}], must: {SKW001: []}, tempts: [SKW001]}", "look-alike"),
        ("- {name: a, why: x, master: 'local[2]', steps: [{pause_s: 1}], repairs: {of: b, rule: SKW001}}", "no label"),
    ],
)
def test_a_label_that_is_not_whole_is_refused(tmp_path: Path, entry: str, says: str) -> None:
    (tmp_path / "part.yaml").write_text(entry)
    with pytest.raises(BadLabel, match=says):
        load_labels(tmp_path)


def test_the_words_beside_sql_are_written_out() -> None:
    assert spark_sql("SELECT $sleep(if(id = (1), 2, 3)) AS s") == (
        "SELECT reflect('java.lang.Thread', 'sleep', CAST(if(id = (1), 2, 3) AS BIGINT)) AS s"
    )
    assert spark_sql("$key4(id % 4)") == "element_at(array(12, 6, 2, 0), CAST(id % 4 AS INT) + 1)"
    with pytest.raises(ValueError, match="not closed"):
        spark_sql("$sleep(1")


def test_keys_fall_into_the_partitions_that_they_are_named_for() -> None:
    assert (_spark_hash(0), _spark_hash(1)) == (933211791, -559580957)  # SELECT hash(0), hash(1)
    for partitions, keys in KEYS.items():
        assert [_spark_hash(key) % partitions for key in keys] == list(range(partitions))


def test_a_table_has_as_many_files_of_that_size_and_is_made_once(tmp_path: Path) -> None:
    spec = {"files": 7, "file_kib": 40, "partitions": 3}
    folder = table_folder(spec, tmp_path)
    files = sorted(folder.rglob("*.parquet"))
    assert len(files) == 7
    assert {path.parent.name for path in files} == {"day=1", "day=2", "day=3"}
    assert files[0].stat().st_size == pytest.approx(40 * 1024, rel=0.2)
    assert pq.read_table(files[0]).column_names[:4] == ["id", "kind", "amount", "payload"]
    made = files[0].stat().st_mtime_ns
    assert next(iter(sorted(table_folder(spec, tmp_path).rglob("*.parquet")))).stat().st_mtime_ns == made


def test_only_a_run_of_the_label_as_it_is_counts(tmp_path: Path) -> None:
    label, kept = load_labels()[0], KeptRuns("4.3.0", tmp_path)
    assert kept.of(label) is None
    folder = kept.folder / label.name
    folder.mkdir()
    (folder / "events").write_text("")
    record = '{"fingerprint": "%s", "spark": "4.3.0", "date": "2026-11-26", "app_id": "a", "took_s": 1, "error": "%s"}'
    (folder / "run.json").write_text(record % (label.fingerprint, ""))
    assert kept.of(label) is not None
    (folder / "run.json").write_text(record % ("another", ""))
    assert kept.of(label) is None
    (folder / "run.json").write_text(record % (label.fingerprint, "it broke"))
    assert kept.of(label) is None
    assert kept.failure(label) == "it broke"


def test_scores_count_what_was_found_missed_and_false() -> None:
    judgements: Any = [
        _judgement("a", must=["SKW001"], found=["SKW001"]),
        _judgement("b", must=["SKW001", "FLT001"], found=["FLT001"]),
        _judgement("c", must=[], false=["FLT001"]),
    ]
    rows = {row["rule"]: row for row in rule_rows(judgements)}
    assert (rows["SKW001"]["recall"], rows["SKW001"]["precision"], rows["SKW001"]["missed"]) == (0.5, 1.0, 1)
    assert (rows["FLT001"]["recall"], rows["FLT001"]["precision"], rows["FLT001"]["false"]) == (1.0, 0.5, 1)
    assert (rows["PAR001"]["recall"], rows["PAR001"]["precision"]) == (None, None)
    assert figures(list(rows.values())) == {"precision": 0.6667, "recall": 0.6667, "precision_min": 0.5, "recall_min": 0.5}


def test_a_saving_is_held_against_the_time_that_the_rule_claims_from() -> None:
    before = _judgement("a", must=["SKW001"], found=["SKW001"], allocated_core_s=200.0, busy_core_s=60.0, saving=(80.0, 120.0))
    after = _judgement("b", must=[], allocated_core_s=50.0, busy_core_s=60.0, repairs=("a", "SKW001"))
    (row,) = saving_rows([before, after])  # type: ignore[list-item]
    assert (row["measured_core_s"], row["error_of_range"], row["error_of_middle"]) == (150.0, 0.2, -0.333)
    assert saving_rows([after]) == []  # type: ignore[list-item]
    before.run.spark = "another"
    assert saving_rows([before, after]) == []  # type: ignore[list-item]


def _judgement(
    name: str,
    *,
    must: list[str],
    found: list[str] | None = None,
    false: list[str] | None = None,
    allocated_core_s: float = 1.0,
    busy_core_s: float = 1.0,
    saving: tuple[float, float] | None = None,
    repairs: tuple[str, str] | None = None,
) -> SimpleNamespace:
    claimed = saving and SimpleNamespace(low_core_s=saving[0], high_core_s=saving[1])
    fix = repairs and SimpleNamespace(of=repairs[0], rule=repairs[1])
    return SimpleNamespace(
        run=SimpleNamespace(spark="4.3.0", label=SimpleNamespace(name=name, must=must, tempts=[], repairs=fix)),
        findings=[SimpleNamespace(finding=SimpleNamespace(rule_code=code, saving=claimed)) for code in found or []],
        found=found or [],
        false=false or [],
        allocated_core_s=allocated_core_s,
        busy_core_s=busy_core_s,
    )


def _spark_hash(number: int) -> int:
    """Murmur3 of one 32-bit integer with seed 42, as Spark's `hash`; signed."""
    key = number * 0xCC9E2D51 & MASK
    key = _rotated(key, 15) * 0x1B873593 & MASK
    mixed = (_rotated(42 ^ key, 13) * 5 + 0xE6546B64) & MASK
    mixed ^= 4
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        mixed = (mixed ^ mixed >> shift) * factor & MASK
    return mixed - (1 << 32) if mixed >> 31 else mixed


def _rotated(number: int, by: int) -> int:
    return (number << by | number >> 32 - by) & MASK
