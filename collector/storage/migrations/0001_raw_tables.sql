-- Raw tables: what Spark said, one row an event or a part of one, keyed by (app_id, attempt_id).
-- Every table replaces by its key, so a batch that is sent twice changes nothing.
-- attempt_id is '' where Spark reports no attempt. Times are UTC with milliseconds.
-- Events that come in pairs (start and end) are two rows; views in later migrations join them.

CREATE TABLE IF NOT EXISTS applications {on_cluster} (
  app_id        String CODEC(ZSTD(1)),
  attempt_id    LowCardinality(String),
  event         Enum8('start' = 1, 'end' = 2, 'log_start' = 3),
  time          DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
  name          String CODEC(ZSTD(1)),
  user          LowCardinality(String),
  spark_version LowCardinality(String),
  exit_code     Nullable(Int32),
  received_at   DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = {replacing:received_at}
ORDER BY (app_id, attempt_id, event)
{table_settings};

CREATE TABLE IF NOT EXISTS environment {on_cluster} (
  app_id      LowCardinality(String),
  attempt_id  LowCardinality(String),
  section     LowCardinality(String),  -- 'jvm' or 'spark'
  key         LowCardinality(String),
  value       String CODEC(ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = {replacing:received_at}
ORDER BY (app_id, attempt_id, section, key)
{table_settings};

CREATE TABLE IF NOT EXISTS resource_profiles {on_cluster} (
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
) ENGINE = {replacing:received_at}
ORDER BY (app_id, attempt_id, resource_profile_id)
{table_settings};

CREATE TABLE IF NOT EXISTS executors {on_cluster} (
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
) ENGINE = {replacing:received_at}
ORDER BY (app_id, attempt_id, executor_id, event)
{table_settings};

CREATE TABLE IF NOT EXISTS jobs {on_cluster} (
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
) ENGINE = {replacing:received_at}
ORDER BY (app_id, attempt_id, job_id, event)
{table_settings};

-- A completed stage attempt (event_rank 2) holds all that its submission (event_rank 1) held, so it replaces it.
CREATE TABLE IF NOT EXISTS stages {on_cluster} (
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
) ENGINE = {replacing:event_rank}
ORDER BY (app_id, attempt_id, stage_id, stage_attempt_id)
{table_settings};

-- One row a task end. A task may end twice (a late success after its executor was lost, a resubmission), so the
-- reason is part of the key.
CREATE TABLE IF NOT EXISTS tasks {on_cluster} (
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
) ENGINE = {replacing:received_at}
PARTITION BY toDate(launch_time)
ORDER BY (app_id, attempt_id, stage_id, stage_attempt_id, task_id, end_reason)
{table_settings};

-- Peaks of one executor while a stage attempt ran (SparkListenerStageExecutorMetrics).
CREATE TABLE IF NOT EXISTS stage_executor_peaks {on_cluster} (
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
) ENGINE = {replacing:received_at}
ORDER BY (app_id, attempt_id, stage_id, stage_attempt_id, executor_id)
{table_settings};

CREATE TABLE IF NOT EXISTS sql_executions {on_cluster} (
  app_id            LowCardinality(String),
  attempt_id        LowCardinality(String),
  execution_id      Int64 CODEC(Delta, ZSTD(1)),
  event             Enum8('start' = 1, 'end' = 2),
  time              DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
  root_execution_id Int64 CODEC(T64, ZSTD(1)),  -- -1: unknown (Spark before 3.4)
  description       String CODEC(ZSTD(1)),      -- at most 2,000 characters
  error             String CODEC(ZSTD(1)),      -- '' where it succeeded, or on the start row
  received_at       DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = {replacing:received_at}
ORDER BY (app_id, attempt_id, execution_id, event)
{table_settings};

-- A plan is kept whole each time Spark sends it (start, then every adaptive update).
-- plan_order is the greatest accumulator id of that tree: adaptive updates only add ids, so the greatest is the final plan.
CREATE TABLE IF NOT EXISTS sql_plan_nodes {on_cluster} (
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
) ENGINE = {replacing:received_at}
ORDER BY (app_id, attempt_id, execution_id, plan_order, plan_hash, node_id)
{table_settings};

-- What an accumulator of a SQL plan means.
CREATE TABLE IF NOT EXISTS sql_metrics {on_cluster} (
  app_id         LowCardinality(String),
  attempt_id     LowCardinality(String),
  execution_id   Int64 CODEC(Delta, ZSTD(1)),
  accumulator_id Int64 CODEC(Delta, ZSTD(1)),
  name           LowCardinality(String),
  metric_type    LowCardinality(String),        -- sum, size, timing (ms), nsTiming, average (times 10), v2Custom_...
  received_at    DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = {replacing:received_at}
ORDER BY (app_id, attempt_id, execution_id, accumulator_id)
{table_settings};

-- Values of SQL metrics: running totals as a stage attempt completed ('stage'), or set by the driver ('driver').
-- The total of a metric is the greatest of its values: every report of an accumulator is a running total.
CREATE TABLE IF NOT EXISTS sql_metric_values {on_cluster} (
  app_id           LowCardinality(String),
  attempt_id       LowCardinality(String),
  accumulator_id   Int64 CODEC(Delta, ZSTD(1)),
  source           Enum8('stage' = 1, 'driver' = 2),
  stage_id         Int32 CODEC(T64, ZSTD(1)),   -- -1 for the driver
  stage_attempt_id Int32 CODEC(T64, ZSTD(1)),   -- -1 for the driver
  execution_id     Int64 CODEC(T64, ZSTD(1)),   -- -1 where a stage reported it
  value            Int64 CODEC(T64, ZSTD(1)),
  received_at      DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = {replacing:value}
ORDER BY (app_id, attempt_id, accumulator_id, source, stage_id, stage_attempt_id)
{table_settings};

-- File-system statistics per executor and interval, from the optional plugin.
CREATE TABLE IF NOT EXISTS storage_io {on_cluster} (
  app_id      LowCardinality(String),
  attempt_id  LowCardinality(String),
  executor_id LowCardinality(String),
  time        DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
  scheme      LowCardinality(String),
  metric      LowCardinality(String),
  value       Int64 CODEC(T64, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = {replacing:received_at}
ORDER BY (app_id, attempt_id, executor_id, scheme, metric, time)
{table_settings};

-- One row a batch that was acknowledged: what came, what could not be read, what the sender had to drop.
CREATE TABLE IF NOT EXISTS ingest_batches {on_cluster} (
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
) ENGINE = {replacing:received_at}
ORDER BY (app_id, attempt_id, source, batch_id)
{table_settings};
