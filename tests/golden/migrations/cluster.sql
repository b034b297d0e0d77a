CREATE TABLE IF NOT EXISTS schema_migrations_local ON CLUSTER 'ledger' (
  version    UInt32,
  name       String,
  checksum   String,
  applied_at DateTime64(3, 'UTC')
) ENGINE = ReplicatedReplacingMergeTree(applied_at)
ORDER BY version;

CREATE TABLE IF NOT EXISTS schema_migrations ON CLUSTER 'ledger' AS schema_migrations_local
ENGINE = Distributed('ledger', currentDatabase(), schema_migrations_local, cityHash64(version));

-- 0001_raw_tables

-- Raw tables: what Spark said, one row an event or a part of one, keyed by (app_id, attempt_id).
-- Every table replaces by its key, so a batch that is sent twice changes nothing.
-- attempt_id is '' where Spark reports no attempt. Times are UTC with milliseconds.
-- Events that come in pairs (start and end) are two rows; views in later migrations join them.

CREATE TABLE IF NOT EXISTS applications_local ON CLUSTER 'ledger' (
  app_id        String CODEC(ZSTD(1)),
  attempt_id    LowCardinality(String),
  event         Enum8('start' = 1, 'end' = 2, 'log_start' = 3),
  time          DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
  name          String CODEC(ZSTD(1)),
  user          LowCardinality(String),
  spark_version LowCardinality(String),
  exit_code     Nullable(Int32),
  received_at   DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(received_at)
ORDER BY (app_id, attempt_id, event);

CREATE TABLE IF NOT EXISTS applications ON CLUSTER 'ledger' AS applications_local
ENGINE = Distributed('ledger', currentDatabase(), applications_local, cityHash64(app_id));

CREATE TABLE IF NOT EXISTS environment_local ON CLUSTER 'ledger' (
  app_id      LowCardinality(String),
  attempt_id  LowCardinality(String),
  section     LowCardinality(String),  -- 'jvm' or 'spark'
  key         LowCardinality(String),
  value       String CODEC(ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(received_at)
ORDER BY (app_id, attempt_id, section, key);

CREATE TABLE IF NOT EXISTS environment ON CLUSTER 'ledger' AS environment_local
ENGINE = Distributed('ledger', currentDatabase(), environment_local, cityHash64(app_id));

CREATE TABLE IF NOT EXISTS resource_profiles_local ON CLUSTER 'ledger' (
  app_id                       LowCardinality(String),
  attempt_id                   LowCardinality(String),
  resource_profile_id          UInt32,
  executor_cores               UInt32,   -- 0 where the profile does not name it
  executor_memory_bytes        UInt64,   -- heap
  executor_memory_overhead_bytes UInt64, -- 0 where left to Spark's factor
  executor_off_heap_bytes      UInt64,
  executor_pyspark_memory_bytes UInt64,
  task_cpus                    Float64,
  received_at                  DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(received_at)
ORDER BY (app_id, attempt_id, resource_profile_id);

CREATE TABLE IF NOT EXISTS resource_profiles ON CLUSTER 'ledger' AS resource_profiles_local
ENGINE = Distributed('ledger', currentDatabase(), resource_profiles_local, cityHash64(app_id));

CREATE TABLE IF NOT EXISTS executors_local ON CLUSTER 'ledger' (
  app_id              LowCardinality(String),
  attempt_id          LowCardinality(String),
  executor_id         LowCardinality(String),
  event               Enum8('added' = 1, 'removed' = 2),
  time                DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
  host                LowCardinality(String),
  total_cores         UInt32 CODEC(T64, ZSTD(1)),
  resource_profile_id UInt32 CODEC(T64, ZSTD(1)),
  removed_reason      String CODEC(ZSTD(1)),
  received_at         DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(received_at)
ORDER BY (app_id, attempt_id, executor_id, event);

CREATE TABLE IF NOT EXISTS executors ON CLUSTER 'ledger' AS executors_local
ENGINE = Distributed('ledger', currentDatabase(), executors_local, cityHash64(app_id));

CREATE TABLE IF NOT EXISTS jobs_local ON CLUSTER 'ledger' (
  app_id                LowCardinality(String),
  attempt_id            LowCardinality(String),
  job_id                UInt32 CODEC(Delta, ZSTD(1)),
  event                 Enum8('start' = 1, 'end' = 2),
  time                  DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
  stage_ids             Array(UInt32) CODEC(ZSTD(1)),
  sql_execution_id      Int64 CODEC(T64, ZSTD(1)),       -- -1: not part of a SQL execution
  sql_root_execution_id Int64 CODEC(T64, ZSTD(1)),       -- -1: unknown (Spark before 3.4)
  job_group             String CODEC(ZSTD(1)),
  description           String CODEC(ZSTD(1)),
  pool                  LowCardinality(String),
  tags                  String CODEC(ZSTD(1)),
  streaming_query_id    String CODEC(ZSTD(1)),
  streaming_batch_id    Int64 CODEC(T64, ZSTD(1)),       -- -1: not a streaming batch
  result                LowCardinality(String),          -- 'JobSucceeded' or 'JobFailed', '' on the start row
  error                 String CODEC(ZSTD(1)),
  received_at           DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(received_at)
ORDER BY (app_id, attempt_id, job_id, event);

CREATE TABLE IF NOT EXISTS jobs ON CLUSTER 'ledger' AS jobs_local
ENGINE = Distributed('ledger', currentDatabase(), jobs_local, cityHash64(app_id));

-- A completed stage attempt (event_rank 2) holds all that its submission (event_rank 1) held, so it replaces it.
CREATE TABLE IF NOT EXISTS stages_local ON CLUSTER 'ledger' (
  app_id                LowCardinality(String),
  attempt_id            LowCardinality(String),
  stage_id              UInt32 CODEC(Delta, ZSTD(1)),
  stage_attempt_id      UInt32 CODEC(T64, ZSTD(1)),
  event_rank            UInt8,
  name                  String CODEC(ZSTD(1)),
  number_of_tasks       UInt32 CODEC(T64, ZSTD(1)),
  parent_ids            Array(UInt32) CODEC(ZSTD(1)),
  rdd_ids               Array(UInt32) CODEC(ZSTD(1)),
  rdd_names             Array(String) CODEC(ZSTD(1)),
  rdd_scopes            Array(String) CODEC(ZSTD(1)),    -- operator name of the RDD's scope, '' where none
  rdd_cached            Array(Bool) CODEC(ZSTD(1)),      -- persisted in memory or on disk
  rdd_cached_partitions Array(UInt32) CODEC(ZSTD(1)),
  resource_profile_id   UInt32 CODEC(T64, ZSTD(1)),
  submission_time       Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
  completion_time       Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
  failure_reason        String CODEC(ZSTD(1)),           -- '' where the attempt did not fail
  received_at           DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(event_rank)
ORDER BY (app_id, attempt_id, stage_id, stage_attempt_id);

CREATE TABLE IF NOT EXISTS stages ON CLUSTER 'ledger' AS stages_local
ENGINE = Distributed('ledger', currentDatabase(), stages_local, cityHash64(app_id));

-- One row a task end. A task may end twice (a late success after its executor was lost, a resubmission), so the
-- reason is part of the key.
CREATE TABLE IF NOT EXISTS tasks_local ON CLUSTER 'ledger' (
  app_id           LowCardinality(String),
  attempt_id       LowCardinality(String),
  stage_id         UInt32 CODEC(Delta, ZSTD(1)),
  stage_attempt_id UInt32 CODEC(T64, ZSTD(1)),
  task_id          UInt64 CODEC(DoubleDelta, ZSTD(1)),
  end_reason       LowCardinality(String),               -- Spark's: Success, TaskKilled, ExceptionFailure, Resubmitted, ...
  status           LowCardinality(String),               -- 'succeeded', 'killed' or 'failed' (any other reason)
  error            String CODEC(ZSTD(1)),                -- at most 500 characters
  task_type        LowCardinality(String),
  task_index       UInt32 CODEC(Delta, ZSTD(1)),
  task_attempt     UInt32 CODEC(T64, ZSTD(1)),
  partition_id     Int32 CODEC(T64, ZSTD(1)),            -- -1 where Spark does not report it (before 3.3)
  executor_id      LowCardinality(String),
  host             LowCardinality(String),
  locality         LowCardinality(String),
  speculative      Bool,
  launch_time      DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
  duration_ms      UInt64 CODEC(T64, ZSTD(1)),           -- finish time - launch time, as the scheduler saw it
  getting_result_ms UInt64 CODEC(T64, ZSTD(1)),          -- finish time - getting result time; 0 where the result came inline
  has_metrics      Bool,

  executor_deserialize_time_ms     UInt64 CODEC(T64, ZSTD(1)),
  executor_deserialize_cpu_time_ns UInt64 CODEC(T64, ZSTD(1)),
  executor_run_time_ms             UInt64 CODEC(T64, ZSTD(1)),
  executor_cpu_time_ns             UInt64 CODEC(T64, ZSTD(1)),
  result_size_bytes                UInt64 CODEC(T64, ZSTD(1)),
  jvm_gc_time_ms                   UInt64 CODEC(T64, ZSTD(1)),
  result_serialization_time_ms     UInt64 CODEC(T64, ZSTD(1)),
  memory_bytes_spilled             UInt64 CODEC(T64, ZSTD(1)),
  disk_bytes_spilled               UInt64 CODEC(T64, ZSTD(1)),
  peak_execution_memory_bytes          UInt64 CODEC(T64, ZSTD(1)),
  peak_on_heap_execution_memory_bytes  UInt64 CODEC(T64, ZSTD(1)),
  peak_off_heap_execution_memory_bytes UInt64 CODEC(T64, ZSTD(1)),

  input_bytes_read      UInt64 CODEC(T64, ZSTD(1)),
  input_records_read    UInt64 CODEC(T64, ZSTD(1)),
  output_bytes_written  UInt64 CODEC(T64, ZSTD(1)),
  output_records_written UInt64 CODEC(T64, ZSTD(1)),

  shuffle_remote_blocks_fetched     UInt64 CODEC(T64, ZSTD(1)),
  shuffle_local_blocks_fetched      UInt64 CODEC(T64, ZSTD(1)),
  shuffle_fetch_wait_time_ms        UInt64 CODEC(T64, ZSTD(1)),
  shuffle_remote_bytes_read         UInt64 CODEC(T64, ZSTD(1)),
  shuffle_remote_bytes_read_to_disk UInt64 CODEC(T64, ZSTD(1)),
  shuffle_local_bytes_read          UInt64 CODEC(T64, ZSTD(1)),
  shuffle_records_read              UInt64 CODEC(T64, ZSTD(1)),
  shuffle_remote_requests_duration_ms UInt64 CODEC(T64, ZSTD(1)),
  shuffle_corrupt_merged_block_chunks   UInt64 CODEC(T64, ZSTD(1)),
  shuffle_merged_fetch_fallback_count   UInt64 CODEC(T64, ZSTD(1)),
  shuffle_merged_remote_blocks_fetched  UInt64 CODEC(T64, ZSTD(1)),
  shuffle_merged_local_blocks_fetched   UInt64 CODEC(T64, ZSTD(1)),
  shuffle_merged_remote_chunks_fetched  UInt64 CODEC(T64, ZSTD(1)),
  shuffle_merged_local_chunks_fetched   UInt64 CODEC(T64, ZSTD(1)),
  shuffle_merged_remote_bytes_read      UInt64 CODEC(T64, ZSTD(1)),
  shuffle_merged_local_bytes_read       UInt64 CODEC(T64, ZSTD(1)),
  shuffle_merged_remote_requests_duration_ms UInt64 CODEC(T64, ZSTD(1)),
  shuffle_bytes_written   UInt64 CODEC(T64, ZSTD(1)),
  shuffle_write_time_ns   UInt64 CODEC(T64, ZSTD(1)),
  shuffle_records_written UInt64 CODEC(T64, ZSTD(1)),

  -- Peaks of the executor while this task ran; all 0 where no poll fell into the task.
  jvm_heap_memory_bytes                    UInt64 CODEC(T64, ZSTD(1)),
  jvm_off_heap_memory_bytes                UInt64 CODEC(T64, ZSTD(1)),
  on_heap_execution_memory_bytes           UInt64 CODEC(T64, ZSTD(1)),
  off_heap_execution_memory_bytes          UInt64 CODEC(T64, ZSTD(1)),
  on_heap_storage_memory_bytes             UInt64 CODEC(T64, ZSTD(1)),
  off_heap_storage_memory_bytes            UInt64 CODEC(T64, ZSTD(1)),
  on_heap_unified_memory_bytes             UInt64 CODEC(T64, ZSTD(1)),
  off_heap_unified_memory_bytes            UInt64 CODEC(T64, ZSTD(1)),
  direct_pool_memory_bytes                 UInt64 CODEC(T64, ZSTD(1)),
  mapped_pool_memory_bytes                 UInt64 CODEC(T64, ZSTD(1)),
  process_tree_jvm_virtual_memory_bytes    UInt64 CODEC(T64, ZSTD(1)),
  process_tree_jvm_rss_memory_bytes        UInt64 CODEC(T64, ZSTD(1)),
  process_tree_python_virtual_memory_bytes UInt64 CODEC(T64, ZSTD(1)),
  process_tree_python_rss_memory_bytes     UInt64 CODEC(T64, ZSTD(1)),
  process_tree_other_virtual_memory_bytes  UInt64 CODEC(T64, ZSTD(1)),
  process_tree_other_rss_memory_bytes      UInt64 CODEC(T64, ZSTD(1)),
  minor_gc_count      UInt64 CODEC(T64, ZSTD(1)),
  minor_gc_time_ms    UInt64 CODEC(T64, ZSTD(1)),
  major_gc_count      UInt64 CODEC(T64, ZSTD(1)),
  major_gc_time_ms    UInt64 CODEC(T64, ZSTD(1)),
  total_gc_time_ms    UInt64 CODEC(T64, ZSTD(1)),
  concurrent_gc_count UInt64 CODEC(T64, ZSTD(1)),
  concurrent_gc_time_ms UInt64 CODEC(T64, ZSTD(1)),

  received_at DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(received_at)
PARTITION BY toDate(launch_time)
ORDER BY (app_id, attempt_id, stage_id, stage_attempt_id, task_id, end_reason);

CREATE TABLE IF NOT EXISTS tasks ON CLUSTER 'ledger' AS tasks_local
ENGINE = Distributed('ledger', currentDatabase(), tasks_local, cityHash64(app_id));

-- Peaks of one executor while a stage attempt ran (SparkListenerStageExecutorMetrics).
CREATE TABLE IF NOT EXISTS stage_executor_peaks_local ON CLUSTER 'ledger' (
  app_id           LowCardinality(String),
  attempt_id       LowCardinality(String),
  stage_id         UInt32 CODEC(Delta, ZSTD(1)),
  stage_attempt_id UInt32 CODEC(T64, ZSTD(1)),
  executor_id      LowCardinality(String),
  jvm_heap_memory_bytes                    UInt64 CODEC(T64, ZSTD(1)),
  jvm_off_heap_memory_bytes                UInt64 CODEC(T64, ZSTD(1)),
  on_heap_execution_memory_bytes           UInt64 CODEC(T64, ZSTD(1)),
  off_heap_execution_memory_bytes          UInt64 CODEC(T64, ZSTD(1)),
  on_heap_storage_memory_bytes             UInt64 CODEC(T64, ZSTD(1)),
  off_heap_storage_memory_bytes            UInt64 CODEC(T64, ZSTD(1)),
  on_heap_unified_memory_bytes             UInt64 CODEC(T64, ZSTD(1)),
  off_heap_unified_memory_bytes            UInt64 CODEC(T64, ZSTD(1)),
  direct_pool_memory_bytes                 UInt64 CODEC(T64, ZSTD(1)),
  mapped_pool_memory_bytes                 UInt64 CODEC(T64, ZSTD(1)),
  process_tree_jvm_virtual_memory_bytes    UInt64 CODEC(T64, ZSTD(1)),
  process_tree_jvm_rss_memory_bytes        UInt64 CODEC(T64, ZSTD(1)),
  process_tree_python_virtual_memory_bytes UInt64 CODEC(T64, ZSTD(1)),
  process_tree_python_rss_memory_bytes     UInt64 CODEC(T64, ZSTD(1)),
  process_tree_other_virtual_memory_bytes  UInt64 CODEC(T64, ZSTD(1)),
  process_tree_other_rss_memory_bytes      UInt64 CODEC(T64, ZSTD(1)),
  minor_gc_count      UInt64 CODEC(T64, ZSTD(1)),
  minor_gc_time_ms    UInt64 CODEC(T64, ZSTD(1)),
  major_gc_count      UInt64 CODEC(T64, ZSTD(1)),
  major_gc_time_ms    UInt64 CODEC(T64, ZSTD(1)),
  total_gc_time_ms    UInt64 CODEC(T64, ZSTD(1)),
  concurrent_gc_count UInt64 CODEC(T64, ZSTD(1)),
  concurrent_gc_time_ms UInt64 CODEC(T64, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(received_at)
ORDER BY (app_id, attempt_id, stage_id, stage_attempt_id, executor_id);

CREATE TABLE IF NOT EXISTS stage_executor_peaks ON CLUSTER 'ledger' AS stage_executor_peaks_local
ENGINE = Distributed('ledger', currentDatabase(), stage_executor_peaks_local, cityHash64(app_id));

CREATE TABLE IF NOT EXISTS sql_executions_local ON CLUSTER 'ledger' (
  app_id            LowCardinality(String),
  attempt_id        LowCardinality(String),
  execution_id      Int64 CODEC(Delta, ZSTD(1)),
  event             Enum8('start' = 1, 'end' = 2),
  time              DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
  root_execution_id Int64 CODEC(T64, ZSTD(1)),  -- -1: unknown (Spark before 3.4)
  description       String CODEC(ZSTD(1)),      -- at most 2,000 characters
  error             String CODEC(ZSTD(1)),      -- '' where it succeeded, or on the start row
  received_at       DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(received_at)
ORDER BY (app_id, attempt_id, execution_id, event);

CREATE TABLE IF NOT EXISTS sql_executions ON CLUSTER 'ledger' AS sql_executions_local
ENGINE = Distributed('ledger', currentDatabase(), sql_executions_local, cityHash64(app_id));

-- A plan is kept whole each time Spark sends it (start, then every adaptive update).
-- plan_order is the greatest accumulator id of that tree: adaptive updates only add ids, so the greatest is the final plan.
CREATE TABLE IF NOT EXISTS sql_plan_nodes_local ON CLUSTER 'ledger' (
  app_id        LowCardinality(String),
  attempt_id    LowCardinality(String),
  execution_id  Int64 CODEC(Delta, ZSTD(1)),
  plan_order    Int64 CODEC(Delta, ZSTD(1)),
  plan_hash     UInt64 CODEC(ZSTD(1)),          -- of the tree's names and strings; tells trees of one order apart
  node_id       UInt32 CODEC(Delta, ZSTD(1)),   -- position in a depth-first walk, root 0
  parent_id     Int32 CODEC(T64, ZSTD(1)),      -- -1 for the root
  name          LowCardinality(String),
  simple_string String CODEC(ZSTD(1)),          -- at most 2,000 characters
  metadata      Map(LowCardinality(String), String) CODEC(ZSTD(1)),  -- of a file scan: Location, ReadSchema, PushedFilters, ...
  accumulator_ids Array(Int64) CODEC(ZSTD(1)),
  received_at   DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(received_at)
ORDER BY (app_id, attempt_id, execution_id, plan_order, plan_hash, node_id);

CREATE TABLE IF NOT EXISTS sql_plan_nodes ON CLUSTER 'ledger' AS sql_plan_nodes_local
ENGINE = Distributed('ledger', currentDatabase(), sql_plan_nodes_local, cityHash64(app_id));

-- What an accumulator of a SQL plan means.
CREATE TABLE IF NOT EXISTS sql_metrics_local ON CLUSTER 'ledger' (
  app_id         LowCardinality(String),
  attempt_id     LowCardinality(String),
  execution_id   Int64 CODEC(Delta, ZSTD(1)),
  accumulator_id Int64 CODEC(Delta, ZSTD(1)),
  name           LowCardinality(String),
  metric_type    LowCardinality(String),        -- sum, size, timing (ms), nsTiming, average (times 10), v2Custom_...
  received_at    DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(received_at)
ORDER BY (app_id, attempt_id, execution_id, accumulator_id);

CREATE TABLE IF NOT EXISTS sql_metrics ON CLUSTER 'ledger' AS sql_metrics_local
ENGINE = Distributed('ledger', currentDatabase(), sql_metrics_local, cityHash64(app_id));

-- Values of SQL metrics: running totals as a stage attempt completed ('stage'), or set by the driver ('driver').
-- The total of a metric is the greatest of its values: every report of an accumulator is a running total.
CREATE TABLE IF NOT EXISTS sql_metric_values_local ON CLUSTER 'ledger' (
  app_id           LowCardinality(String),
  attempt_id       LowCardinality(String),
  accumulator_id   Int64 CODEC(Delta, ZSTD(1)),
  source           Enum8('stage' = 1, 'driver' = 2),
  stage_id         Int32 CODEC(T64, ZSTD(1)),   -- -1 for the driver
  stage_attempt_id Int32 CODEC(T64, ZSTD(1)),   -- -1 for the driver
  execution_id     Int64 CODEC(T64, ZSTD(1)),   -- -1 where a stage reported it
  value            Int64 CODEC(T64, ZSTD(1)),
  received_at      DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(value)
ORDER BY (app_id, attempt_id, accumulator_id, source, stage_id, stage_attempt_id);

CREATE TABLE IF NOT EXISTS sql_metric_values ON CLUSTER 'ledger' AS sql_metric_values_local
ENGINE = Distributed('ledger', currentDatabase(), sql_metric_values_local, cityHash64(app_id));

-- File-system statistics per executor and interval, from the optional plugin.
CREATE TABLE IF NOT EXISTS storage_io_local ON CLUSTER 'ledger' (
  app_id      LowCardinality(String),
  attempt_id  LowCardinality(String),
  executor_id LowCardinality(String),
  time        DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
  scheme      LowCardinality(String),
  metric      LowCardinality(String),
  value       Int64 CODEC(T64, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(received_at)
ORDER BY (app_id, attempt_id, executor_id, scheme, metric, time);

CREATE TABLE IF NOT EXISTS storage_io ON CLUSTER 'ledger' AS storage_io_local
ENGINE = Distributed('ledger', currentDatabase(), storage_io_local, cityHash64(app_id));

-- One row a batch that was acknowledged: what came, what could not be read, what the sender had to drop.
CREATE TABLE IF NOT EXISTS ingest_batches_local ON CLUSTER 'ledger' (
  app_id         LowCardinality(String),
  attempt_id     LowCardinality(String),
  source         LowCardinality(String),         -- 'listener', 'post' or 'log'
  batch_id       String CODEC(ZSTD(1)),          -- the listener's sequence number, else a digest of the content
  seq            UInt64 CODEC(T64, ZSTD(1)),     -- 0 where the sender does not count
  events         UInt64 CODEC(T64, ZSTD(1)),
  bad_lines      UInt64 CODEC(T64, ZSTD(1)),
  unknown_events UInt64 CODEC(T64, ZSTD(1)),
  dropped_events UInt64 CODEC(T64, ZSTD(1)),     -- the sender's running count of events it had to give up
  body_bytes     UInt64 CODEC(T64, ZSTD(1)),     -- uncompressed
  path           String CODEC(ZSTD(1)),          -- of an imported log
  complete       Bool,                           -- false: the log ended inside a line or a compressed block
  first_error    String CODEC(ZSTD(1)),
  received_at    DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(received_at)
ORDER BY (app_id, attempt_id, source, batch_id);

CREATE TABLE IF NOT EXISTS ingest_batches ON CLUSTER 'ledger' AS ingest_batches_local
ENGINE = Distributed('ledger', currentDatabase(), ingest_batches_local, cityHash64(app_id));

-- 0002_derived_tables

-- What is read off the raw tables: views that join start and end rows, and derived tables that an analysis fills.
-- A derived row carries analysed_at and replaces the row of an earlier analysis. application_profiles is written last, so an
-- application is analysed as of the analysed_at of its profile.

CREATE VIEW IF NOT EXISTS application_runs ON CLUSTER 'ledger' AS
SELECT
  app_id,
  attempt_id,
  anyIf(name, event = 'start')                       AS name,
  anyIf(user, event = 'start')                       AS user,
  max(spark_version)                                 AS spark_version,
  minIf(toNullable(time), event = 'start')           AS started_at,  -- NULL where the start was never seen
  maxIf(toNullable(time), event = 'end')             AS ended_at,    -- NULL while it runs, or where it died silently
  countIf(event = 'end') > 0                         AS ended,
  anyIf(exit_code, event = 'end')                    AS exit_code
FROM applications FINAL
GROUP BY app_id, attempt_id;

CREATE VIEW IF NOT EXISTS executor_lifetimes ON CLUSTER 'ledger' AS
SELECT
  app_id,
  attempt_id,
  executor_id,
  anyIf(host, event = 'added')                       AS host,
  maxIf(total_cores, event = 'added')                AS total_cores,
  maxIf(resource_profile_id, event = 'added')        AS resource_profile_id,
  minIf(toNullable(time), event = 'added')           AS added_at,    -- NULL where the addition was never seen
  maxIf(toNullable(time), event = 'removed')         AS removed_at,  -- NULL where it lived to the end
  anyIf(removed_reason, event = 'removed')           AS removed_reason
FROM executors FINAL
GROUP BY app_id, attempt_id, executor_id;

CREATE VIEW IF NOT EXISTS job_runs ON CLUSTER 'ledger' AS
SELECT
  app_id,
  attempt_id,
  job_id,
  minIf(toNullable(time), event = 'start')           AS started_at,
  maxIf(toNullable(time), event = 'end')             AS ended_at,
  anyIf(stage_ids, event = 'start')                  AS stage_ids,
  maxIf(sql_execution_id, event = 'start')           AS sql_execution_id,
  maxIf(sql_root_execution_id, event = 'start')      AS sql_root_execution_id,
  anyIf(job_group, event = 'start')                  AS job_group,
  anyIf(description, event = 'start')                AS description,
  anyIf(pool, event = 'start')                       AS pool,
  anyIf(tags, event = 'start')                       AS tags,
  anyIf(streaming_query_id, event = 'start')         AS streaming_query_id,
  maxIf(streaming_batch_id, event = 'start')         AS streaming_batch_id,
  anyIf(result, event = 'end')                       AS result,      -- '' where the job did not end
  anyIf(error, event = 'end')                        AS error
FROM jobs FINAL
GROUP BY app_id, attempt_id, job_id;

CREATE VIEW IF NOT EXISTS sql_execution_runs ON CLUSTER 'ledger' AS
SELECT
  app_id,
  attempt_id,
  execution_id,
  minIf(toNullable(time), event = 'start')           AS started_at,
  maxIf(toNullable(time), event = 'end')             AS ended_at,
  maxIf(root_execution_id, event = 'start')          AS root_execution_id,
  anyIf(description, event = 'start')                AS description,
  anyIf(error, event = 'end')                        AS error
FROM sql_executions FINAL
GROUP BY app_id, attempt_id, execution_id;

-- The nodes of the plan that ran: the adaptive plan that calls itself final, else the latest.
CREATE VIEW IF NOT EXISTS final_plan_nodes ON CLUSTER 'ledger' AS
SELECT
  nodes.app_id          AS app_id,
  nodes.attempt_id      AS attempt_id,
  nodes.execution_id    AS execution_id,
  nodes.node_id         AS node_id,
  nodes.parent_id       AS parent_id,
  nodes.name            AS name,
  nodes.simple_string   AS simple_string,
  nodes.metadata        AS metadata,
  nodes.accumulator_ids AS accumulator_ids
FROM (SELECT * FROM sql_plan_nodes FINAL) AS nodes
INNER JOIN (
  SELECT
    app_id,
    attempt_id,
    execution_id,
    tupleElement(max((is_final, plan_order, plan_hash)), 2) AS final_order,
    tupleElement(max((is_final, plan_order, plan_hash)), 3) AS final_hash
  FROM (
    SELECT
      app_id,
      attempt_id,
      execution_id,
      plan_order,
      plan_hash,
      countIf(position(simple_string, 'isFinalPlan=false') > 0) = 0 AS is_final
    FROM sql_plan_nodes FINAL
    GROUP BY app_id, attempt_id, execution_id, plan_order, plan_hash
  )
  GROUP BY app_id, attempt_id, execution_id
) AS final_plans
  ON final_plans.app_id = nodes.app_id
  AND final_plans.attempt_id = nodes.attempt_id
  AND final_plans.execution_id = nodes.execution_id
  AND final_plans.final_order = nodes.plan_order
  AND final_plans.final_hash = nodes.plan_hash;

-- One value a SQL metric of an execution: the greatest of its running totals.
CREATE VIEW IF NOT EXISTS sql_metric_totals ON CLUSTER 'ledger' AS
SELECT
  metrics.app_id         AS app_id,
  metrics.attempt_id     AS attempt_id,
  metrics.execution_id   AS execution_id,
  metrics.accumulator_id AS accumulator_id,
  metrics.name           AS name,
  metrics.metric_type    AS metric_type,
  totals.value           AS value
FROM (
  SELECT app_id, attempt_id, execution_id, accumulator_id, name, metric_type
  FROM sql_metrics FINAL
) AS metrics
INNER JOIN (
  SELECT app_id, attempt_id, accumulator_id, max(value) AS value
  FROM sql_metric_values FINAL
  GROUP BY app_id, attempt_id, accumulator_id
) AS totals
  ON totals.app_id = metrics.app_id AND totals.attempt_id = metrics.attempt_id AND totals.accumulator_id = metrics.accumulator_id;

-- File scans of final plans with their totals. A cached relation shows its scan in every plan that uses it, with the same
-- accumulators: count a scan once by files_accumulator_id.
CREATE VIEW IF NOT EXISTS file_scans ON CLUSTER 'ledger' AS
SELECT
  nodes.app_id                                                      AS app_id,
  nodes.attempt_id                                                  AS attempt_id,
  nodes.execution_id                                                AS execution_id,
  nodes.node_id                                                     AS node_id,
  any(nodes.parent_id)                                              AS parent_id,
  any(nodes.name)                                                   AS name,
  any(nodes.metadata['Location'])                                   AS location,           -- Spark cuts it
  any(nodes.metadata['Format'])                                     AS format,
  any(nodes.metadata['ReadSchema'])                                 AS read_schema,
  any(nodes.metadata['PartitionFilters'])                           AS partition_filters,  -- '[]' where there is none
  any(nodes.metadata['PushedFilters'])                              AS pushed_filters,
  any(nodes.metadata['DataFilters'])                                AS data_filters,
  maxIf(totals.value, totals.name IN ('number of files read', 'number of result data files')) AS files,
  maxIf(totals.value, totals.name IN ('size of files read', 'total data file size (bytes)'))  AS size_bytes,
  maxIf(totals.value, totals.name = 'number of partitions read')    AS partitions,         -- 0 where the table has none
  countIf(totals.name = 'number of partitions read') > 0            AS partitioned,
  maxIf(totals.value, totals.name = 'number of output rows')        AS output_rows,
  maxIf(totals.value, totals.name = 'metadata time')                AS metadata_ms,
  minIf(totals.accumulator_id, totals.name IN ('number of files read', 'number of result data files')) AS files_accumulator_id
FROM (
  SELECT
    app_id,
    attempt_id,
    execution_id,
    node_id,
    parent_id,
    name,
    metadata,
    arrayJoin(accumulator_ids) AS accumulator_id
  FROM final_plan_nodes
  WHERE startsWith(name, 'Scan ') OR startsWith(name, 'BatchScan')
) AS nodes
INNER JOIN sql_metric_totals AS totals
  ON totals.app_id = nodes.app_id
  AND totals.attempt_id = nodes.attempt_id
  AND totals.execution_id = nodes.execution_id
  AND totals.accumulator_id = nodes.accumulator_id
GROUP BY app_id, attempt_id, execution_id, node_id
HAVING files_accumulator_id > 0;

-- How complete an application's events are, by the fullest account of the run: all batches that its listener sent, all that were
-- posted, or one log. Copies of a log, and a log of a run that was sent live, are the same events again.
CREATE VIEW IF NOT EXISTS ingest_totals ON CLUSTER 'ledger' AS
SELECT
  app_id,
  attempt_id,
  max(account_events)                               AS events,
  argMax(account_bad_lines, account_events)         AS bad_lines,
  argMax(account_unknown_events, account_events)    AS unknown_events,
  argMax(account_dropped_events, account_events)    AS dropped_events,
  argMax(account_truncated_batches, account_events) AS truncated_batches,
  max(account_received_at)                          AS last_received_at
FROM (
  SELECT
    app_id,
    attempt_id,
    sum(events)             AS account_events,
    sum(bad_lines)          AS account_bad_lines,
    sum(unknown_events)     AS account_unknown_events,
    max(dropped_events)     AS account_dropped_events,     -- the sender's running count
    countIf(NOT complete)   AS account_truncated_batches,
    max(received_at)        AS account_received_at
  FROM ingest_batches FINAL
  GROUP BY app_id, attempt_id, source, if(source = 'log', batch_id, '')
)
GROUP BY app_id, attempt_id;

-- One row a stage attempt. Counts and sums are over all task ends; quantiles are exact, over successful tasks only,
-- at the levels 0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1 (an empty array where no task succeeded).
CREATE TABLE IF NOT EXISTS stage_profiles_local ON CLUSTER 'ledger' (
  app_id             LowCardinality(String),
  attempt_id         LowCardinality(String),
  stage_id           UInt32 CODEC(Delta, ZSTD(1)),
  stage_attempt_id   UInt32 CODEC(T64, ZSTD(1)),
  name               String CODEC(ZSTD(1)),
  number_of_tasks    UInt32 CODEC(T64, ZSTD(1)),             -- as submitted
  submission_time    Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
  completion_time    Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
  failure_reason     String CODEC(ZSTD(1)),
  sql_execution_id   Int64 CODEC(T64, ZSTD(1)),              -- -1: not part of a SQL execution
  task_ends          UInt64 CODEC(T64, ZSTD(1)),
  tasks_succeeded    UInt64 CODEC(T64, ZSTD(1)),
  tasks_failed       UInt64 CODEC(T64, ZSTD(1)),             -- Resubmitted ends included, as Spark's UI counts them
  tasks_killed       UInt64 CODEC(T64, ZSTD(1)),
  tasks_resubmitted  UInt64 CODEC(T64, ZSTD(1)),
  tasks_speculative  UInt64 CODEC(T64, ZSTD(1)),
  executors_used     UInt32 CODEC(T64, ZSTD(1)),
  first_launch_time  Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
  last_finish_time   Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
  duration_ms        UInt64 CODEC(T64, ZSTD(1)),             -- sum of task durations
  unsuccessful_duration_ms UInt64 CODEC(T64, ZSTD(1)),       -- the part of it in failed and killed tasks
  deserialize_time_ms UInt64 CODEC(T64, ZSTD(1)),
  run_time_ms        UInt64 CODEC(T64, ZSTD(1)),
  cpu_time_ns        UInt64 CODEC(T64, ZSTD(1)),
  gc_time_ms         UInt64 CODEC(T64, ZSTD(1)),
  fetch_wait_time_ms UInt64 CODEC(T64, ZSTD(1)),
  shuffle_write_time_ns UInt64 CODEC(T64, ZSTD(1)),
  input_bytes        UInt64 CODEC(T64, ZSTD(1)),
  input_records      UInt64 CODEC(T64, ZSTD(1)),
  output_bytes       UInt64 CODEC(T64, ZSTD(1)),
  output_records     UInt64 CODEC(T64, ZSTD(1)),
  shuffle_read_bytes UInt64 CODEC(T64, ZSTD(1)),             -- remote + local
  shuffle_read_records UInt64 CODEC(T64, ZSTD(1)),
  shuffle_write_bytes UInt64 CODEC(T64, ZSTD(1)),
  shuffle_write_records UInt64 CODEC(T64, ZSTD(1)),
  memory_spilled_bytes UInt64 CODEC(T64, ZSTD(1)),
  disk_spilled_bytes UInt64 CODEC(T64, ZSTD(1)),
  peak_execution_memory_bytes UInt64 CODEC(T64, ZSTD(1)),    -- greatest of one task
  peak_jvm_heap_bytes UInt64 CODEC(T64, ZSTD(1)),            -- greatest of one executor, 0 where not reported
  quantile_levels    Array(Float64) CODEC(ZSTD(1)),
  duration_ms_quantiles Array(UInt64) CODEC(ZSTD(1)),
  run_time_ms_quantiles Array(UInt64) CODEC(ZSTD(1)),
  gc_time_ms_quantiles Array(UInt64) CODEC(ZSTD(1)),
  input_bytes_quantiles Array(UInt64) CODEC(ZSTD(1)),
  shuffle_read_bytes_quantiles Array(UInt64) CODEC(ZSTD(1)),
  shuffle_write_bytes_quantiles Array(UInt64) CODEC(ZSTD(1)),
  disk_spilled_bytes_quantiles Array(UInt64) CODEC(ZSTD(1)),
  analysed_at        DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(analysed_at)
ORDER BY (app_id, attempt_id, stage_id, stage_attempt_id);

CREATE TABLE IF NOT EXISTS stage_profiles ON CLUSTER 'ledger' AS stage_profiles_local
ENGINE = Distributed('ledger', currentDatabase(), stage_profiles_local, cityHash64(app_id));

CREATE TABLE IF NOT EXISTS application_profiles_local ON CLUSTER 'ledger' (
  app_id             String CODEC(ZSTD(1)),
  attempt_id         LowCardinality(String),
  name               String CODEC(ZSTD(1)),
  user               LowCardinality(String),
  team               LowCardinality(String),                 -- 'unowned' where nothing names one
  team_source        LowCardinality(String),                 -- the rule that named it
  pipeline           String CODEC(ZSTD(1)),
  pipeline_source    LowCardinality(String),
  spark_version      LowCardinality(String),
  platform           LowCardinality(String),                 -- local, yarn, k8s, standalone, databricks, emr(yarn), emr(k8s), emr(serverless); with ? where it is a guess
  started_at         DateTime64(3, 'UTC') CODEC(ZSTD(1)),    -- of the first event where the start was never seen
  ended_at           DateTime64(3, 'UTC') CODEC(ZSTD(1)),    -- of the last event where the end was never seen
  ended              Bool,
  failed             Bool,                                   -- the last job failed, or the exit code is not 0
  wall_ms            UInt64 CODEC(T64, ZSTD(1)),

  executors_added    UInt32 CODEC(T64, ZSTD(1)),
  executors_peak     UInt32 CODEC(T64, ZSTD(1)),
  executors_lost     UInt32 CODEC(T64, ZSTD(1)),             -- removed for another reason than idleness or shutdown
  allocated_core_ms  UInt64 CODEC(T64, ZSTD(1)),             -- sum of executor lifetime times cores; in local mode the driver's
  busy_core_ms       UInt64 CODEC(T64, ZSTD(1)),             -- sum of task durations times the cores of a task
  idle_core_ms       UInt64 CODEC(T64, ZSTD(1)),             -- allocated without a task, never below 0
  unsuccessful_core_ms UInt64 CODEC(T64, ZSTD(1)),           -- busy with tasks that failed, were killed or had to be re-run
  gc_ms              UInt64 CODEC(T64, ZSTD(1)),             -- of successful tasks, as are the next two
  fetch_wait_ms      UInt64 CODEC(T64, ZSTD(1)),
  cpu_ms             UInt64 CODEC(T64, ZSTD(1)),
  allocated_memory_gb_s Float64,                             -- sum of executor lifetime times memory with overhead, GB = 2^30 bytes
  jobs               UInt32 CODEC(T64, ZSTD(1)),
  jobs_failed        UInt32 CODEC(T64, ZSTD(1)),
  stage_attempts     UInt32 CODEC(T64, ZSTD(1)),
  task_ends          UInt64 CODEC(T64, ZSTD(1)),
  tasks_failed       UInt64 CODEC(T64, ZSTD(1)),
  tasks_killed       UInt64 CODEC(T64, ZSTD(1)),
  input_bytes        UInt64 CODEC(T64, ZSTD(1)),
  output_bytes       UInt64 CODEC(T64, ZSTD(1)),
  shuffle_read_bytes UInt64 CODEC(T64, ZSTD(1)),
  shuffle_write_bytes UInt64 CODEC(T64, ZSTD(1)),
  disk_spilled_bytes UInt64 CODEC(T64, ZSTD(1)),
  peak_jvm_heap_bytes UInt64 CODEC(T64, ZSTD(1)),

  cost_low_usd       Float64,
  cost_usd           Float64,
  cost_high_usd      Float64,
  cost_target        LowCardinality(String),                 -- emr-ec2, emr-eks or emr-serverless
  price_book         LowCardinality(String),
  findings           UInt32,
  highest_severity   LowCardinality(String),                 -- '' without a finding
  waste_low_core_s   Float64,                                -- of all findings together, no core-second blamed twice
  waste_high_core_s  Float64,
  waste_low_usd      Float64,
  waste_high_usd     Float64,

  events             UInt64 CODEC(T64, ZSTD(1)),
  dropped_events     UInt64 CODEC(T64, ZSTD(1)),
  bad_lines          UInt64 CODEC(T64, ZSTD(1)),
  completeness       String CODEC(ZSTD(1)),                  -- 'complete', else what is missing, in words
  rule_errors        Map(LowCardinality(String), String),    -- code of a rule that failed -> its error
  analysed_at        DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(analysed_at)
ORDER BY (app_id, attempt_id);

CREATE TABLE IF NOT EXISTS application_profiles ON CLUSTER 'ledger' AS application_profiles_local
ENGINE = Distributed('ledger', currentDatabase(), application_profiles_local, cityHash64(app_id));

-- Read findings through current_findings: rows that an analysis no longer found stay here until their application is deleted.
CREATE TABLE IF NOT EXISTS findings_local ON CLUSTER 'ledger' (
  app_id             LowCardinality(String),
  attempt_id         LowCardinality(String),
  rule_code          LowCardinality(String),
  fingerprint        String CODEC(ZSTD(1)),                  -- of rule, pipeline and subject: the same fault in every run
  category           LowCardinality(String),
  severity           Enum8('info' = 0, 'low' = 1, 'medium' = 2, 'high' = 3),
  subject            String CODEC(ZSTD(1)),
  title              String CODEC(ZSTD(1)),
  team               LowCardinality(String),
  pipeline           String CODEC(ZSTD(1)),
  application_started_at DateTime64(3, 'UTC') CODEC(ZSTD(1)),
  stage_id           Nullable(UInt32) CODEC(ZSTD(1)),
  stage_attempt_id   Nullable(UInt32) CODEC(ZSTD(1)),
  sql_execution_id   Nullable(Int64) CODEC(ZSTD(1)),
  causes             Array(LowCardinality(String)),
  occurrences        UInt32,                                 -- how often the fault was met in this application
  evidence           String CODEC(ZSTD(1)),                  -- JSON array of {name, value, unit}
  change             String CODEC(ZSTD(1)),                  -- JSON object {summary, conf, effort, risk, rollback}
  saving_low_core_s  Nullable(Float64),                      -- all savings are NULL where none is claimed
  saving_high_core_s Nullable(Float64),
  saving_low_memory_gb_s  Nullable(Float64),
  saving_high_memory_gb_s Nullable(Float64),
  saving_low_usd     Nullable(Float64),
  saving_high_usd    Nullable(Float64),
  saving_basis       String CODEC(ZSTD(1)),
  share              Float64,                                -- high saving as a share (0 to 1) of the application's cost
  completeness       String CODEC(ZSTD(1)),                  -- as in application_profiles
  price_book         LowCardinality(String),
  thresholds         String CODEC(ZSTD(1)),                  -- JSON object of the thresholds that were in force
  analysed_at        DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(analysed_at)
ORDER BY (app_id, attempt_id, rule_code, fingerprint);

CREATE TABLE IF NOT EXISTS findings ON CLUSTER 'ledger' AS findings_local
ENGINE = Distributed('ledger', currentDatabase(), findings_local, cityHash64(app_id));

-- The findings of each application's last analysis. A finding newer than the profile is shown, so that a reader never sees an
-- application without findings while its analysis is being written.
CREATE VIEW IF NOT EXISTS current_findings ON CLUSTER 'ledger' AS
SELECT findings.*
FROM (SELECT * FROM findings FINAL) AS findings
INNER JOIN (
  SELECT
    app_id,
    attempt_id,
    analysed_at
  FROM application_profiles FINAL
) AS profiles
  ON profiles.app_id = findings.app_id AND profiles.attempt_id = findings.attempt_id
WHERE findings.analysed_at >= profiles.analysed_at;

-- A digest as it was sent, so that it can be shown and compared again.
CREATE TABLE IF NOT EXISTS digests_local ON CLUSTER 'ledger' (
  team               LowCardinality(String),                 -- '' for the digest of all teams
  period_start       Date,
  period_end         Date,                                   -- exclusive
  content            String CODEC(ZSTD(1)),                  -- JSON of the digest model
  created_at         DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(created_at)
ORDER BY (team, period_start, period_end);

CREATE TABLE IF NOT EXISTS digests ON CLUSTER 'ledger' AS digests_local
ENGINE = Distributed('ledger', currentDatabase(), digests_local, cityHash64(team));

-- 0003_executor_measurements

-- What the optional plugin measures in executors and in the driver (executor_id 'driver').
-- Every number of storage_io and stage_io is a running total, so the total of a process is the greatest value, and a lost or repeated line
-- changes nothing.

-- Empty until this version: totals are kept by bucket too ('' where Hadoop counts a scheme as a whole).
ALTER TABLE storage_io_local ON CLUSTER 'ledger'
  ADD COLUMN IF NOT EXISTS bucket LowCardinality(String) AFTER scheme,
  MODIFY ORDER BY (app_id, attempt_id, executor_id, scheme, metric, time, bucket);

-- What the optional plugin measures in executors and in the driver (executor_id 'driver').
-- Every number of storage_io and stage_io is a running total, so the total of a process is the greatest value, and a lost or repeated line
-- changes nothing.

-- Empty until this version: totals are kept by bucket too ('' where Hadoop counts a scheme as a whole).
ALTER TABLE storage_io ON CLUSTER 'ledger'
  ADD COLUMN IF NOT EXISTS bucket LowCardinality(String) AFTER scheme;

-- What the tasks of a stage attempt did to file systems on one executor, over all schemes and buckets.
-- The metric 'tasks' counts the task ends that the others cover.
CREATE TABLE IF NOT EXISTS stage_io_local ON CLUSTER 'ledger' (
  app_id           LowCardinality(String),
  attempt_id       LowCardinality(String),
  executor_id      LowCardinality(String),
  stage_id         UInt32 CODEC(Delta, ZSTD(1)),
  stage_attempt_id UInt32 CODEC(T64, ZSTD(1)),
  metric           LowCardinality(String),
  value            Int64 CODEC(T64, ZSTD(1)),
  received_at      DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(value)
ORDER BY (app_id, attempt_id, stage_id, stage_attempt_id, executor_id, metric);

CREATE TABLE IF NOT EXISTS stage_io ON CLUSTER 'ledger' AS stage_io_local
ENGINE = Distributed('ledger', currentDatabase(), stage_io_local, cityHash64(app_id));

-- Memory and CPU of a process and its control group at one moment; 0 where the system does not tell.
CREATE TABLE IF NOT EXISTS executor_samples_local ON CLUSTER 'ledger' (
  app_id      LowCardinality(String),
  attempt_id  LowCardinality(String),
  executor_id LowCardinality(String),
  time        DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  jvm_heap_used_bytes       UInt64 CODEC(T64, ZSTD(1)),
  jvm_heap_committed_bytes  UInt64 CODEC(T64, ZSTD(1)),
  jvm_heap_max_bytes        UInt64 CODEC(T64, ZSTD(1)),
  jvm_heap_after_gc_bytes   UInt64 CODEC(T64, ZSTD(1)),   -- after the latest collection of any kind
  jvm_non_heap_used_bytes   UInt64 CODEC(T64, ZSTD(1)),
  direct_buffers_bytes      UInt64 CODEC(T64, ZSTD(1)),
  gc_count                  UInt64 CODEC(T64, ZSTD(1)),   -- running total
  gc_time_ms                UInt64 CODEC(T64, ZSTD(1)),   -- running total
  process_cpu_time_ns       UInt64 CODEC(T64, ZSTD(1)),   -- running total
  process_rss_bytes         UInt64 CODEC(T64, ZSTD(1)),
  process_peak_rss_bytes    UInt64 CODEC(T64, ZSTD(1)),
  child_processes           UInt32 CODEC(T64, ZSTD(1)),   -- started by the process, such as Python workers
  child_rss_bytes           UInt64 CODEC(T64, ZSTD(1)),   -- sum of theirs; pages that they share count for each
  cgroup_memory_bytes       UInt64 CODEC(T64, ZSTD(1)),
  cgroup_peak_memory_bytes  UInt64 CODEC(T64, ZSTD(1)),
  cgroup_memory_limit_bytes UInt64 CODEC(T64, ZSTD(1)),   -- 0: no limit, so the group may be more than this process's container
  cgroup_working_set_bytes  UInt64 CODEC(T64, ZSTD(1)),
  cgroup_oom_kills          UInt64 CODEC(T64, ZSTD(1)),   -- running total
  cgroup_cpu_time_ns        UInt64 CODEC(T64, ZSTD(1)),   -- running total
  cgroup_cpu_periods        UInt64 CODEC(T64, ZSTD(1)),   -- running total
  cgroup_throttled_periods  UInt64 CODEC(T64, ZSTD(1)),   -- running total
  cgroup_throttled_time_ns  UInt64 CODEC(T64, ZSTD(1)),   -- running total
  received_at DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(received_at)
ORDER BY (app_id, attempt_id, executor_id, time);

CREATE TABLE IF NOT EXISTS executor_samples ON CLUSTER 'ledger' AS executor_samples_local
ENGINE = Distributed('ledger', currentDatabase(), executor_samples_local, cityHash64(app_id));

-- The machine of a process, from its instance metadata.
CREATE TABLE IF NOT EXISTS executor_places_local ON CLUSTER 'ledger' (
  app_id        LowCardinality(String),
  attempt_id    LowCardinality(String),
  executor_id   LowCardinality(String),
  provider      LowCardinality(String),                   -- 'aws'
  instance_type LowCardinality(String),
  zone          LowCardinality(String),
  life_cycle    LowCardinality(String),                   -- the metadata's word: 'spot', 'on-demand', 'scheduled' or 'capacity-block'
  received_at   DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree(received_at)
ORDER BY (app_id, attempt_id, executor_id);

CREATE TABLE IF NOT EXISTS executor_places ON CLUSTER 'ledger' AS executor_places_local
ENGINE = Distributed('ledger', currentDatabase(), executor_places_local, cityHash64(app_id));

-- 0004_profiles_for_history

-- What pages and comparisons over many runs need without reading tasks, and how an application ended.

-- Distributions of the durations and shuffle reads of successful tasks, in forms that add up over stages and runs.
-- duration_ms_histogram: element i counts tasks of [2^(i-1), 2^i) ms, i from 1; the first holds those below 1 ms as well.
-- The states are DDSketches with a relative error of 1 %: read them with quantilesDDMerge(0.01, ...).
ALTER TABLE stage_profiles_local ON CLUSTER 'ledger'
  ADD COLUMN IF NOT EXISTS duration_ms_histogram Array(UInt64) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS duration_ms_state AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), UInt64) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS shuffle_read_bytes_state AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), UInt64) CODEC(ZSTD(1));

-- What pages and comparisons over many runs need without reading tasks, and how an application ended.

-- Distributions of the durations and shuffle reads of successful tasks, in forms that add up over stages and runs.
-- duration_ms_histogram: element i counts tasks of [2^(i-1), 2^i) ms, i from 1; the first holds those below 1 ms as well.
-- The states are DDSketches with a relative error of 1 %: read them with quantilesDDMerge(0.01, ...).
ALTER TABLE stage_profiles ON CLUSTER 'ledger'
  ADD COLUMN IF NOT EXISTS duration_ms_histogram Array(UInt64) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS duration_ms_state AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), UInt64) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS shuffle_read_bytes_state AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), UInt64) CODEC(ZSTD(1));

-- closed_by_timeout: no end was seen and nothing came for as long as the settings allow. ended_at is then the last event's.
ALTER TABLE application_profiles_local ON CLUSTER 'ledger'
  ADD COLUMN IF NOT EXISTS closed_by_timeout Bool,
  ADD COLUMN IF NOT EXISTS last_received_at DateTime64(3, 'UTC') CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS missing_batches UInt64 CODEC(T64, ZSTD(1));

-- closed_by_timeout: no end was seen and nothing came for as long as the settings allow. ended_at is then the last event's.
ALTER TABLE application_profiles ON CLUSTER 'ledger'
  ADD COLUMN IF NOT EXISTS closed_by_timeout Bool,
  ADD COLUMN IF NOT EXISTS last_received_at DateTime64(3, 'UTC') CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS missing_batches UInt64 CODEC(T64, ZSTD(1));

-- 0005_access_tokens

-- Who may send and read. The secret itself is nowhere: token_hash is the SHA-256 of it.
CREATE TABLE IF NOT EXISTS access_tokens_local ON CLUSTER 'ledger' (
  token_id   String,                               -- for people: names a token without giving it away
  token_hash FixedString(64),                      -- hexadecimal
  name       String,
  scopes     Array(String),                        -- ingest, read, admin
  owner_team String,                               -- '' for all teams
  origin     LowCardinality(String),               -- created, or first_run: made by the server for its own machine
  created_at DateTime64(3, 'UTC'),
  revoked    Bool,
  changed_at DateTime64(3, 'UTC')                  -- the row of the last change counts; a revocation is never taken back
) ENGINE = ReplicatedReplacingMergeTree(changed_at)
ORDER BY token_id;

CREATE TABLE IF NOT EXISTS access_tokens ON CLUSTER 'ledger' AS access_tokens_local
ENGINE = Distributed('ledger', currentDatabase(), access_tokens_local, cityHash64(token_id));

-- 0006_contents_of_batches

-- What a batch or an imported log was, beyond how many events it held.
ALTER TABLE ingest_batches_local ON CLUSTER 'ledger'
  ADD COLUMN IF NOT EXISTS counted_events Map(LowCardinality(String), UInt64) CODEC(ZSTD(1)),  -- known events that no table holds, by name
  ADD COLUMN IF NOT EXISTS malformed_lines UInt64 CODEC(T64, ZSTD(1)),    -- of bad_lines: JSON, but not the event that it names
  ADD COLUMN IF NOT EXISTS last_line_cut Bool,                            -- the log ends inside a line
  ADD COLUMN IF NOT EXISTS stream_errors Array(String) CODEC(ZSTD(1)),    -- damage to a log's compressed parts
  ADD COLUMN IF NOT EXISTS codecs Map(LowCardinality(String), UInt64) CODEC(ZSTD(1)),          -- parts of a log by codec
  ADD COLUMN IF NOT EXISTS stored_bytes UInt64 CODEC(T64, ZSTD(1));

-- What a batch or an imported log was, beyond how many events it held.
ALTER TABLE ingest_batches ON CLUSTER 'ledger'
  ADD COLUMN IF NOT EXISTS counted_events Map(LowCardinality(String), UInt64) CODEC(ZSTD(1)),  -- known events that no table holds, by name
  ADD COLUMN IF NOT EXISTS malformed_lines UInt64 CODEC(T64, ZSTD(1)),    -- of bad_lines: JSON, but not the event that it names
  ADD COLUMN IF NOT EXISTS last_line_cut Bool,                            -- the log ends inside a line
  ADD COLUMN IF NOT EXISTS stream_errors Array(String) CODEC(ZSTD(1)),    -- damage to a log's compressed parts
  ADD COLUMN IF NOT EXISTS codecs Map(LowCardinality(String), UInt64) CODEC(ZSTD(1)),          -- parts of a log by codec
  ADD COLUMN IF NOT EXISTS stored_bytes UInt64 CODEC(T64, ZSTD(1));

-- 0007_looking_up_batches

-- Batches are many: a run that is sent live has one a second.

-- When data last came of each application, which every list of applications asks for.
ALTER TABLE ingest_batches_local ON CLUSTER 'ledger' MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

ALTER TABLE ingest_batches_local ON CLUSTER 'ledger'
  ADD PROJECTION IF NOT EXISTS last_received (SELECT app_id, attempt_id, max(received_at) GROUP BY app_id, attempt_id);

ALTER TABLE ingest_batches_local ON CLUSTER 'ledger' MATERIALIZE PROJECTION last_received;

-- Whether a log was imported before is asked by its content: only among logs, and not among all that was sent live.
ALTER TABLE ingest_batches_local ON CLUSTER 'ledger' ADD INDEX IF NOT EXISTS sources source TYPE set(0) GRANULARITY 1;

ALTER TABLE ingest_batches_local ON CLUSTER 'ledger' MATERIALIZE INDEX sources;
