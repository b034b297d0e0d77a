-- Executors with their lifetimes, shapes and use, those that only tasks name included. In local mode the driver is one of them.
-- Parameters: app_id String, attempt_id String.
-- Result: executor_id, removed_reason String; total_cores UInt32 (0 where the addition was never seen); added_ms, removed_ms Nullable(Int64),
--   Unix ms; task_ends UInt64; busy_ms UInt64 (sum of task durations, each task once); first_launch_ms, last_finish_ms Int64 (Unix ms, 0
--   without a task); the memory columns of resource_profiles in bytes, 0 where unknown. One row an executor.
WITH
  -- Only a task with an end that is no success may have another.
  again AS (
    SELECT task_id
    FROM tasks
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND end_reason != 'Success'
  )
SELECT
  if(lives.executor_id != '', lives.executor_id, used.executor_id) AS executor_id,
  lives.removed_reason                                 AS removed_reason,
  lives.total_cores                                    AS total_cores,
  toUnixTimestamp64Milli(lives.added_at)               AS added_ms,
  toUnixTimestamp64Milli(lives.removed_at)             AS removed_ms,
  used.task_ends                                       AS task_ends,
  used.busy_ms                                         AS busy_ms,
  used.first_launch_ms                                 AS first_launch_ms,
  used.last_finish_ms                                  AS last_finish_ms,
  shapes.executor_memory_bytes                         AS executor_memory_bytes,
  shapes.executor_memory_overhead_bytes                AS executor_memory_overhead_bytes,
  shapes.executor_off_heap_bytes                       AS executor_off_heap_bytes,
  shapes.executor_pyspark_memory_bytes                 AS executor_pyspark_memory_bytes
FROM (
  SELECT executor_id, removed_reason, total_cores, resource_profile_id, added_at, removed_at
  FROM executor_lifetimes
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
) AS lives
FULL JOIN (
  SELECT
    executor_id,
    sum(ends)                 AS task_ends,
    sum(task_ms)              AS busy_ms,
    min(launch_ms)            AS first_launch_ms,
    max(finish_ms)            AS last_finish_ms
  FROM (
    SELECT
      executor_id,
      1                                                               AS ends,
      duration_ms                                                     AS task_ms,
      toUnixTimestamp64Milli(launch_time)                             AS launch_ms,
      toUnixTimestamp64Milli(launch_time) + toInt64(duration_ms)      AS finish_ms
    FROM tasks FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND task_id NOT IN (SELECT task_id FROM again)
    UNION ALL
    SELECT
      executor_id,
      count()                                                         AS ends,
      max(duration_ms)                                                AS task_ms,
      min(toUnixTimestamp64Milli(launch_time))                        AS launch_ms,
      max(toUnixTimestamp64Milli(launch_time) + toInt64(duration_ms)) AS finish_ms
    FROM tasks FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND task_id IN (SELECT task_id FROM again)
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
