-- Totals of every counter of every stage attempt over its executors.
-- Parameters: app_id, attempt_id String; rows UInt32.
-- Result: stage_id, stage_attempt_id, metric, value; the metric 'tasks' counts task ends. At most `rows` rows.
SELECT
  stage_id,
  stage_attempt_id,
  metric,
  sum(total) AS value
FROM (
  SELECT
    stage_id,
    stage_attempt_id,
    executor_id,
    metric,
    max(value) AS total
  FROM stage_io
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  GROUP BY stage_id, stage_attempt_id, executor_id, metric
)
GROUP BY stage_id, stage_attempt_id, metric
ORDER BY stage_id, stage_attempt_id, metric
LIMIT {rows:UInt32}
