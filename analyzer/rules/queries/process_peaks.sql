-- The greatest memory use that each process reported while a stage ran, the driver's included.
-- Parameters: app_id, attempt_id String.
-- Result: executor_id String (`driver` for the driver); heap_bytes, python_bytes, jvm_bytes UInt64 (used heap; resident memory of Python workers
--   and of the JVM, 0 where the process tree was not polled). One row a process that reported any.
SELECT
  executor_id,
  max(jvm_heap_memory_bytes)                       AS heap_bytes,
  max(process_tree_python_rss_memory_bytes)        AS python_bytes,
  max(process_tree_jvm_rss_memory_bytes)           AS jvm_bytes
FROM stage_executor_peaks
WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
GROUP BY executor_id
HAVING heap_bytes > 0 OR python_bytes > 0
ORDER BY executor_id
