-- What the optional plugin measures in executors and in the driver (executor_id 'driver').
-- Every number of storage_io and stage_io is a running total, so the total of a process is the greatest value, and a lost or repeated line
-- changes nothing.

-- Empty until this version: totals are kept by bucket too ('' where Hadoop counts a scheme as a whole).
ALTER TABLE storage_io {on_cluster}
  ADD COLUMN IF NOT EXISTS bucket LowCardinality(String) AFTER scheme,
  MODIFY ORDER BY (app_id, attempt_id, executor_id, scheme, metric, time, bucket);

-- What the tasks of a stage attempt did to file systems on one executor, over all schemes and buckets.
-- The metric 'tasks' counts the task ends that the others cover.
CREATE TABLE IF NOT EXISTS stage_io {on_cluster} (
  app_id           LowCardinality(String),
  attempt_id       LowCardinality(String),
  executor_id      LowCardinality(String),
  stage_id         UInt32 CODEC(Delta, ZSTD(1)),
  stage_attempt_id UInt32 CODEC(T64, ZSTD(1)),
  metric           LowCardinality(String),
  value            Int64 CODEC(T64, ZSTD(1)),
  received_at      DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = {replacing:value}
ORDER BY (app_id, attempt_id, stage_id, stage_attempt_id, executor_id, metric)
{table_settings};

-- Memory and CPU of a process and its control group at one moment; 0 where the system does not tell.
CREATE TABLE IF NOT EXISTS executor_samples {on_cluster} (
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
) ENGINE = {replacing:received_at}
ORDER BY (app_id, attempt_id, executor_id, time)
{table_settings};

-- The machine of a process, from its instance metadata.
CREATE TABLE IF NOT EXISTS executor_places {on_cluster} (
  app_id        LowCardinality(String),
  attempt_id    LowCardinality(String),
  executor_id   LowCardinality(String),
  provider      LowCardinality(String),                   -- 'aws'
  instance_type LowCardinality(String),
  zone          LowCardinality(String),
  life_cycle    LowCardinality(String),                   -- the metadata's word: 'spot', 'on-demand', 'scheduled' or 'capacity-block'
  received_at   DateTime64(3, 'UTC') CODEC(ZSTD(1))
) ENGINE = {replacing:received_at}
ORDER BY (app_id, attempt_id, executor_id)
{table_settings};
