-- How much memory the processes of each executor used while tasks ran.
-- Parameters: app_id, attempt_id String.
-- Result: executor_id String; peak_bytes (greatest of any task's window), mean_bytes (means of the windows' peaks, weighted by task time)
--   Float64: heap and other JVM memory, and Python where the process tree was polled. One row an executor that reported any.
SELECT
  executor_id,
  toFloat64(max(used))                                      AS peak_bytes,
  sum(used * toFloat64(duration_ms)) / sum(duration_ms)     AS mean_bytes
FROM (
  SELECT
    executor_id,
    duration_ms,
    jvm_heap_memory_bytes + jvm_off_heap_memory_bytes + process_tree_python_rss_memory_bytes AS used
  FROM tasks FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND jvm_heap_memory_bytes > 0 AND duration_ms > 0
)
GROUP BY executor_id
ORDER BY executor_id
