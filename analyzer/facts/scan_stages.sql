-- Stage attempts that read input with a file scan among their RDDs (a scan of the cache is none), those with most input first.
-- Parameters: app_id String, attempt_id String.
-- Result: stage, attempt, tasks UInt; name String; input, input_max_per_task, sum_task_ms UInt64; input_median_per_task Float64 (the mean of
--   the middle two where the count is even): of successful tasks; cached Bool (an RDD of the stage is persisted). One row a stage attempt.
SELECT
  ends.stage_id                                                 AS stage,
  ends.stage_attempt_id                                         AS attempt,
  any(scans.name)                                               AS name,
  count()                                                       AS tasks,
  sum(input_bytes_read)                                         AS input,
  (quantileExactLow(0.5)(input_bytes_read) + quantileExactHigh(0.5)(input_bytes_read)) / 2 AS input_median_per_task,
  max(input_bytes_read)                                         AS input_max_per_task,
  sum(duration_ms)                                              AS sum_task_ms,
  any(scans.cached)                                             AS cached
FROM (
  SELECT stage_id, stage_attempt_id, input_bytes_read, duration_ms
  FROM tasks FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND status = 'succeeded'
) AS ends
INNER JOIN (
  SELECT stage_id, stage_attempt_id, name, has(rdd_cached, true) AS cached
  FROM stages FINAL
  WHERE app_id = {app_id:String}
    AND attempt_id = {attempt_id:String}
    AND (has(rdd_names, 'FileScanRDD') OR arrayExists(scope -> startsWith(scope, 'Scan') OR startsWith(scope, 'BatchScan'), rdd_scopes))
) AS scans ON scans.stage_id = ends.stage_id AND scans.stage_attempt_id = ends.stage_attempt_id
GROUP BY stage, attempt
HAVING input > 0
ORDER BY input DESC, stage, attempt
