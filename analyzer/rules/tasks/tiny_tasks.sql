-- Stage attempts of many short tasks.
-- Parameters: app_id, attempt_id String; min_tasks, max_p50_ms, max_p95_ms Float64.
-- Result: stage_id, stage_attempt_id; stage_name; tasks, duration_ms, run_ms UInt64 (sums over task ends); p50_ms, p95_ms UInt64;
--   merges UInt8 (whether it reads a shuffle of a SQL execution, so that adaptive execution could merge its partitions). 200 at most.
SELECT
  stage_id,
  stage_attempt_id,
  name                             AS stage_name,
  tasks_succeeded                  AS tasks,
  duration_ms,
  run_time_ms                      AS run_ms,
  duration_ms_quantiles[4]         AS p50_ms,
  duration_ms_quantiles[6]         AS p95_ms,
  toUInt8(sql_execution_id >= 0 AND shuffle_read_bytes > 0) AS merges
FROM stage_profiles FINAL
WHERE app_id = {app_id:String}
  AND attempt_id = {attempt_id:String}
  AND tasks_succeeded >= {min_tasks:Float64}
  AND duration_ms_quantiles[4] <= {max_p50_ms:Float64}
  AND duration_ms_quantiles[6] <= {max_p95_ms:Float64}
ORDER BY duration_ms DESC, stage_id, stage_attempt_id
LIMIT 200
