-- Executors with their lifetimes, shapes and use. In local mode the driver is one of them.
-- Parameters: app_id String, attempt_id String.
-- Result: executor_id, host, removed_reason String; total_cores, resource_profile_id UInt32; added_ms, removed_ms Nullable(Int64), Unix ms;
--   task_ends UInt64; busy_ms UInt64 (sum of task durations, each task once); the memory columns of resource_profiles in bytes,
--   0 where unknown. One row an executor.
SELECT
  lives.executor_id                                    AS executor_id,
  lives.host                                           AS host,
  lives.removed_reason                                 AS removed_reason,
  lives.total_cores                                    AS total_cores,
  lives.resource_profile_id                            AS resource_profile_id,
  toUnixTimestamp64Milli(lives.added_at)               AS added_ms,
  toUnixTimestamp64Milli(lives.removed_at)             AS removed_ms,
  used.task_ends                                       AS task_ends,
  used.busy_ms                                         AS busy_ms,
  shapes.executor_memory_bytes                         AS executor_memory_bytes,
  shapes.executor_memory_overhead_bytes                AS executor_memory_overhead_bytes,
  shapes.executor_off_heap_bytes                       AS executor_off_heap_bytes,
  shapes.executor_pyspark_memory_bytes                 AS executor_pyspark_memory_bytes
FROM (
  SELECT executor_id, host, removed_reason, total_cores, resource_profile_id, added_at, removed_at
  FROM executor_lifetimes
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
) AS lives
LEFT JOIN (
  SELECT
    executor_id,
    sum(ends)        AS task_ends,
    sum(duration_ms) AS busy_ms
  FROM (
    SELECT executor_id, task_id, count() AS ends, max(duration_ms) AS duration_ms
    FROM tasks FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
    GROUP BY executor_id, task_id
  )
  GROUP BY executor_id
) AS used ON used.executor_id = lives.executor_id
LEFT JOIN (
  SELECT
    resource_profile_id,
    executor_memory_bytes,
    executor_memory_overhead_bytes,
    executor_off_heap_bytes,
    executor_pyspark_memory_bytes
  FROM resource_profiles FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
) AS shapes ON shapes.resource_profile_id = lives.resource_profile_id
ORDER BY added_ms, executor_id
