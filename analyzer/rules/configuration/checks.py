"""What is wrong with a Spark configuration, as data: one entry a check, each with its source.

`contradiction`: settings that fight each other or make a run dearer or less safe. `no_effect`: settings that Spark does not
look at beside others that are set. `obsolete`: keys that the Spark in use has given up or renamed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from analyzer.cost.executor_memory import parse_bytes
from analyzer.rules.base import Application

Kind = Literal["contradiction", "no_effect", "obsolete"]
MIB, GIB = 1 << 20, 1 << 30
GUIDE = "Apache Spark, configuration guide"
SQL_GUIDE = "Apache Spark, SQL performance tuning guide"


@dataclass(frozen=True, slots=True)
class Check:
    """One check. It looks at the settings of `keys`, and applies where one of them is set and `when` holds."""

    kind: Kind
    keys: tuple[str, ...]
    when: Callable[[Application], bool]
    says: str
    source: str
    change: Mapping[str, str] = field(default_factory=dict)
    sql_only: bool = False
    """Whether it matters only to an application that ran SQL or DataFrames."""

    def keys_set(self, application: Application) -> list[str]:
        """The keys among `keys` that are set; one that ends with `.` stands for all that begin so."""
        return [key for key in sorted(application.conf) if any(key == k or (k.endswith(".") and key.startswith(k)) for k in self.keys)]


def _off(key: str) -> Callable[[Application], bool]:
    return lambda a: not a.enabled(key, default=True)


def _bytes(application: Application, key: str, *, bare_unit: int = 1) -> int:
    return parse_bytes(application.conf.get(key), bare_unit=bare_unit) or 0


def _number(application: Application, key: str) -> float:
    try:
        return float(application.conf.get(key, "nan"))
    except ValueError:
        return float("nan")


def _has(*keys: str) -> Callable[[Application], bool]:
    return lambda a: all(key in a.conf for key in keys)


_DYNAMIC, _SERVICE = "spark.dynamicAllocation.", "spark.shuffle.service.enabled"
_ADAPTIVE = "spark.sql.adaptive."
_COMMITTER = "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version"
_DECOMMISSION = "spark.storage.decommission."

CHECKS: tuple[Check, ...] = (
    # Settings that fight each other, or make a run dearer or less safe.
    Check(
        "contradiction",
        (_COMMITTER, "spark.speculation"),
        lambda a: a.conf.get(_COMMITTER) == "2" and a.enabled("spark.speculation", default=False),
        "with version 2 of the file output committer two copies of a task both write into the final directory",
        "SPARK-33019; Apache Hadoop, FileOutputCommitter",
        {_COMMITTER: "1"},
    ),
    Check(
        "contradiction",
        ("spark.shuffle.compress",),
        _off("spark.shuffle.compress"),
        "shuffle data is written and sent uncompressed",
        GUIDE,
        {"spark.shuffle.compress": "true"},
    ),
    Check(
        "contradiction",
        ("spark.shuffle.spill.compress",),
        _off("spark.shuffle.spill.compress"),
        "spilled data is written uncompressed",
        GUIDE,
        {"spark.shuffle.spill.compress": "true"},
    ),
    Check(
        "contradiction",
        ("spark.broadcast.compress",),
        _off("spark.broadcast.compress"),
        "broadcast data is sent uncompressed",
        GUIDE,
        {"spark.broadcast.compress": "true"},
    ),
    Check(
        "contradiction",
        ("spark.python.worker.reuse",),
        _off("spark.python.worker.reuse"),
        "every Python task starts a process of its own",
        GUIDE,
        {"spark.python.worker.reuse": "true"},
    ),
    Check(
        "contradiction",
        ("spark.memory.fraction",),
        lambda a: _number(a, "spark.memory.fraction") > 0.8,
        "little heap is left for the objects of the program itself: long collections or OutOfMemoryError",
        "Apache Spark, tuning guide (memory management)",
        {"spark.memory.fraction": "0.6"},
    ),
    Check(
        "contradiction",
        ("spark.executor.memoryOverhead",),
        lambda a: (
            a.platform.rstrip("?") not in ("standalone", "local", "databricks")
            and 0
            < _bytes(a, "spark.executor.memoryOverhead", bare_unit=MIB)
            < (_bytes(a, "spark.executor.minMemoryOverhead", bare_unit=MIB) or 384 * MIB)
        ),
        "less overhead than Spark's own least: containers may be killed",
        GUIDE,
        {"spark.executor.memoryOverhead": "384m"},
    ),
    Check(
        "contradiction",
        ("spark.cores.max", "spark.executor.cores"),
        lambda a: (
            a.platform.startswith("standalone")
            and _number(a, "spark.executor.cores") > 0
            and _number(a, "spark.cores.max") % _number(a, "spark.executor.cores") > 0
        ),
        "cores that are no multiple of an executor's are never used",
        GUIDE,
    ),
    Check(
        "contradiction",
        ("spark.driver.maxResultSize",),
        lambda a: a.conf.get("spark.driver.maxResultSize", "").strip() == "0",
        "nothing keeps a collect from filling the driver's heap",
        GUIDE,
        {"spark.driver.maxResultSize": "2g"},
    ),
    Check(
        "contradiction",
        ("spark.sql.autoBroadcastJoinThreshold",),
        lambda a: _bytes(a, "spark.sql.autoBroadcastJoinThreshold") >= GIB,
        "tables of a gigabyte by estimate are sent to every executor; in memory they are several times as large",
        SQL_GUIDE,
        {"spark.sql.autoBroadcastJoinThreshold": str(100 * MIB)},
        sql_only=True,
    ),
    Check(
        "contradiction",
        ("spark.sql.autoBroadcastJoinThreshold",),
        # At run time another threshold decides: that of adaptive execution, where it is set, or one that Databricks has of its own.
        lambda a: (
            a.conf.get("spark.sql.autoBroadcastJoinThreshold", "").strip().startswith("-")
            and _ADAPTIVE + "autoBroadcastJoinThreshold" not in a.conf
            and a.platform != "databricks"
        ),
        "no join is broadcast without a hint, however small a side is",
        SQL_GUIDE,
        {"spark.sql.autoBroadcastJoinThreshold": str(10 * MIB)},
        sql_only=True,
    ),
    Check(
        "contradiction",
        ("spark.sql.files.maxPartitionBytes",),
        lambda a: _bytes(a, "spark.sql.files.maxPartitionBytes") > 2 * GIB,
        "input splits of gibibytes: few, long tasks",
        SQL_GUIDE,
        {"spark.sql.files.maxPartitionBytes": str(128 * MIB)},
        sql_only=True,
    ),
    Check(
        "contradiction",
        ("spark.sql.files.maxPartitionBytes",),
        lambda a: 0 < _bytes(a, "spark.sql.files.maxPartitionBytes") < 8 * MIB,
        "input splits below a range request of S3: many tasks that mostly wait",
        "AWS, S3 performance guidelines (range requests of 8 to 16 MB)",
        {"spark.sql.files.maxPartitionBytes": str(128 * MIB)},
        sql_only=True,
    ),
    *(
        Check("contradiction", (key,), _off(key), says, source, {key: "true"}, sql_only=True)
        for key, says, source in (
            ("spark.sql.codegen.wholeStage", "operators pass rows one by one instead of running as one function", "Apache Spark, SQLConf"),
            ("spark.sql.parquet.filterPushdown", "Parquet readers skip no row group", "Apache Spark, Parquet guide"),
            ("spark.sql.orc.filterPushdown", "ORC readers skip no stripe", "Apache Spark, ORC guide"),
            ("spark.sql.parquet.enableVectorizedReader", "Parquet is decoded row by row", "Apache Spark, SQLConf"),
            ("spark.sql.hive.metastorePartitionPruning", "all partitions are fetched from the metastore", "Apache Spark, SQLConf"),
            ("spark.sql.optimizer.dynamicPartitionPruning.enabled", "joins prune no partition", SQL_GUIDE),
            ("spark.sql.inMemoryColumnarStorage.compressed", "cached tables take several times the memory", SQL_GUIDE),
        )
    ),
    Check(
        "contradiction",
        ("spark.sql.hive.convertMetastoreParquet",),
        lambda a: (
            not a.enabled("spark.sql.hive.convertMetastoreParquet", default=True)
            and "hudi" not in a.conf.get("spark.sql.extensions", "").lower()
        ),
        # No value is proposed: of a table of Hudi, Spark's own reader would return every version of a row.
        "Hive's reader takes the place of Spark's own; only tables of Apache Hudi need that",
        "Apache Spark, Parquet guide; Apache Hudi, quick start",
        sql_only=True,
    ),
    # Settings that Spark does not look at.
    Check(
        "no_effect",
        ("spark.executor.instances",),
        lambda a: a.dynamic_allocation,
        "with dynamic allocation it is the number at the start, no more",
        GUIDE,
    ),
    Check(
        "no_effect",
        tuple(
            _DYNAMIC + key
            for key in ("minExecutors", "maxExecutors", "initialExecutors", "executorIdleTimeout", "cachedExecutorIdleTimeout")
        ),
        lambda a: not a.dynamic_allocation and not a.local and not a.workers_fixed,
        # No switch is proposed: without a shuffle service, tracking or decommissioning an application with it alone does not start.
        "dynamic allocation is off",
        GUIDE,
    ),
    Check(
        "no_effect",
        (_DYNAMIC + "shuffleTracking.enabled", _DYNAMIC + "shuffleTracking.timeout"),
        lambda a: a.enabled(_DYNAMIC + "shuffleTracking.enabled", default=False) and a.enabled(_SERVICE, default=False),
        "the external shuffle service is on, so no shuffle is tracked",
        "Apache Spark, ExecutorMonitor",
    ),
    Check(
        "no_effect",
        (_DYNAMIC + "initialExecutors",),
        lambda a: _number(a, _DYNAMIC + "initialExecutors") < _number(a, _DYNAMIC + "minExecutors"),
        "the least number is larger",
        GUIDE,
    ),
    Check(
        "no_effect",
        tuple(f"spark.speculation.{key}" for key in ("multiplier", "quantile", "interval", "minTaskRuntime")),
        lambda a: not a.enabled("spark.speculation", default=False),
        "speculation is off",
        GUIDE,
    ),
    Check(
        "no_effect",
        tuple(_ADAPTIVE + key for key in ("skewJoin.", "coalescePartitions.", "advisoryPartitionSizeInBytes", "localShuffleReader.")),
        lambda a: a.can_adapt and not a.adaptive,
        "adaptive execution is off",
        SQL_GUIDE,
        {"spark.sql.adaptive.enabled": "true"},
        sql_only=True,
    ),
    Check(
        "no_effect",
        ("spark.sql.shuffle.partitions",),
        lambda a: a.merges_partitions and not a.streaming and _has(_ADAPTIVE + "coalescePartitions.initialPartitionNum")(a),
        "adaptive execution begins with `coalescePartitions.initialPartitionNum` instead",
        SQL_GUIDE,
        sql_only=True,
    ),
    Check(
        "no_effect",
        ("spark.executor.memoryOverheadFactor",),
        _has("spark.executor.memoryOverhead"),
        "`spark.executor.memoryOverhead` is set and wins",
        GUIDE,
    ),
    Check(
        "no_effect",
        ("spark.memory.offHeap.size",),
        lambda a: _bytes(a, "spark.memory.offHeap.size") > 0 and not a.enabled("spark.memory.offHeap.enabled", default=False),
        "off-heap memory is off",
        GUIDE,
    ),
    Check(
        "no_effect",
        (_DECOMMISSION + "enabled",),
        lambda a: a.enabled(_DECOMMISSION + "enabled", default=False) and not a.enabled("spark.decommission.enabled", default=False),
        "decommissioning itself is off, so no block is moved",
        GUIDE,
        {"spark.decommission.enabled": "true"},
    ),
    Check(
        "no_effect",
        (_DECOMMISSION + "shuffleBlocks.enabled", _DECOMMISSION + "rddBlocks.enabled"),
        lambda a: not a.enabled(_DECOMMISSION + "enabled", default=False),
        "migration at decommissioning is off",
        GUIDE,
        {_DECOMMISSION + "enabled": "true"},
    ),
    Check(
        "no_effect",
        ("spark.hadoop.fs.s3a.input.fadvise",),
        lambda a: True,
        "S3A reads `fs.s3a.experimental.input.fadvise`, and no key of this name",
        "Apache Hadoop, constants of S3A 3.3.4 and 3.5.0",
    ),
    # Keys that were given up or renamed.
    *(
        Check(
            "obsolete",
            (old,),
            lambda a, since=since: a.spark_line >= since,  # type: ignore[misc]
            f"since Spark {since[0]}.{since[1]} " + (f"it is `{new}`" if new else "it does nothing"),
            source,
        )
        for old, new, since, source in (
            ("spark.storage.memoryFraction", "", (3, 0), "Apache Spark, core migration guide"),
            ("spark.shuffle.memoryFraction", "", (3, 0), "Apache Spark, core migration guide"),
            ("spark.storage.unrollFraction", "", (3, 0), "Apache Spark, core migration guide"),
            ("spark.shuffle.spill", "", (1, 6), "Apache Spark, SortShuffleManager"),
            ("spark.shuffle.consolidateFiles", "", (1, 6), "Apache Spark, SparkConf"),
            ("spark.cleaner.ttl", "", (2, 0), "Apache Spark, SparkConf"),
            (
                "spark.sql.adaptive.shuffle.targetPostShuffleInputSize",
                "spark.sql.adaptive.advisoryPartitionSizeInBytes",
                (3, 0),
                "Apache Spark, SQLConf",
            ),
            ("spark.sql.execution.arrow.enabled", "spark.sql.execution.arrow.pyspark.enabled", (3, 0), "Apache Spark, SQLConf"),
            ("spark.sql.tungsten.enabled", "", (1, 6), "Apache Spark, SQL migration guide"),
        )
    ),
    Check(
        "obsolete",
        (_ADAPTIVE + "coalescePartitions.minPartitionNum",),
        lambda a: a.spark_line >= (3, 2),
        "deprecated since Spark 3.2, though still heeded; in its place stands `coalescePartitions.minPartitionSize`, a size and no number",
        "Apache Spark, SQLConf",
    ),
)
