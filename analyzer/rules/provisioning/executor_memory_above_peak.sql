-- The greatest memory use that executors of an application reported, and signs of memory pressure.
-- Parameters: app_id, attempt_id String.
-- Result: peak_heap_bytes, peak_unified_bytes (execution + storage, on heap) UInt64; executors_reporting, executors_used UInt64;
--   gc_ms, run_ms, memory_spilled_bytes UInt64, of all task ends. One row.
WITH
  reported AS (
    SELECT executor_id, jvm_heap_memory_bytes AS heap, on_heap_unified_memory_bytes AS unified
    FROM tasks
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND jvm_heap_memory_bytes > 0 AND executor_id != 'driver'
    UNION ALL
    SELECT executor_id, jvm_heap_memory_bytes, on_heap_unified_memory_bytes
    FROM stage_executor_peaks
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND jvm_heap_memory_bytes > 0 AND executor_id != 'driver'
  ),
  peaks AS (
    SELECT max(heap) AS peak_heap_bytes, max(unified) AS peak_unified_bytes, uniqExact(executor_id) AS executors_reporting
    FROM reported
  ),
  pressure AS (
    SELECT
      uniqExact(executor_id)          AS executors_used,
      sum(jvm_gc_time_ms)             AS gc_ms,
      sum(executor_run_time_ms)       AS run_ms,
      sum(memory_bytes_spilled)       AS memory_spilled_bytes
    FROM tasks FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  )
SELECT
  peak_heap_bytes,
  peak_unified_bytes,
  executors_reporting,
  executors_used,
  gc_ms,
  run_ms,
  memory_spilled_bytes
FROM peaks
CROSS JOIN pressure
