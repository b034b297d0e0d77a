-- Task time that brought nothing: tasks that never succeeded, and tasks whose output was lost and computed again. A row a reason.
-- Parameters: app_id, attempt_id String.
-- Result: end_reason, error String (the most frequent one); tasks UInt64; lost_ms UInt64; speculative_ms, speculative_tasks UInt64 (the part in copies that
--   lost a race of speculation); stage_name String, of the stage with most lost time. Each task once, by its last reason that is no success. 200 at most.
SELECT
  reason                                             AS end_reason,
  topKIf(1)(message, message != '')[1]               AS error,
  count()                                            AS tasks,
  sum(duration)                                      AS lost_ms,
  sumIf(duration, raced)                             AS speculative_ms,
  countIf(raced)                                     AS speculative_tasks,
  argMax(stage_name, duration)                       AS stage_name
FROM (
  SELECT
    ends.task_id                                     AS task_id,
    max(ends.duration_ms)                            AS duration,
    argMaxIf(toString(ends.end_reason), ends.launch_time, ends.status != 'succeeded') AS reason,
    argMaxIf(ends.error, ends.launch_time, ends.status != 'succeeded') AS message,
    countIf(ends.status = 'succeeded') > 0           AS succeeded,
    countIf(ends.end_reason = 'Resubmitted') > 0     AS resubmitted,
    countIf(ends.status = 'killed') > 0              AS killed,
    killed AND (max(ends.speculative) OR position(lower(message), 'another attempt succeeded') > 0) AS raced,
    any(names.name)                                  AS stage_name
  FROM (
    SELECT stage_id, stage_attempt_id, task_id, duration_ms, end_reason, error, launch_time, status, speculative
    FROM tasks FINAL
    WHERE app_id = {app_id:String}
      AND attempt_id = {attempt_id:String}
      AND task_id IN (
        SELECT task_id
        FROM tasks
        WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND (status != 'succeeded' OR end_reason = 'Resubmitted')
      )
  ) AS ends
  LEFT JOIN (
    SELECT stage_id, stage_attempt_id, name
    FROM stages FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  ) AS names ON names.stage_id = ends.stage_id AND names.stage_attempt_id = ends.stage_attempt_id
  GROUP BY ends.task_id
)
WHERE NOT succeeded OR resubmitted
GROUP BY reason
ORDER BY lost_ms DESC, end_reason
LIMIT 200
