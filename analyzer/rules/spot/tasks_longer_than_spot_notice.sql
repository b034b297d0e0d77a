-- Task time by how it compares with the notice that Spot instances get, a row a stage.
-- Parameters: app_id, attempt_id String; notice_s Float64.
-- Result: stage_name String; tasks UInt64 (each once); task_ms (all task time); long_tasks UInt64; long_ms (time in tasks over the notice); lost_ms (what such
--   tasks run beyond the notice); rework_s2 (sum of d^2 - w^2 over them, in s^2); longest_ms; all_task_ms, hosts (of the application,
--   the same on every row). One row a stage name, those with most long task time first, 200 at most.
WITH
  -- Only a task with an end that is no success may have another.
  again AS (
    SELECT task_id
    FROM tasks
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND end_reason != 'Success'
  ),
  ends AS (
    SELECT
      stage_id,
      stage_attempt_id,
      duration_ms                                  AS duration,
      {notice_s:Float64} * 1000                    AS notice_ms
    FROM tasks FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND task_id NOT IN (SELECT task_id FROM again)
    UNION ALL
    SELECT
      stage_id,
      stage_attempt_id,
      max(duration_ms)                             AS duration,
      {notice_s:Float64} * 1000                    AS notice_ms
    FROM tasks FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND task_id IN (SELECT task_id FROM again)
    GROUP BY stage_id, stage_attempt_id, task_id
  ),
  stage_sums AS (
    SELECT
      stage_id,
      stage_attempt_id,
      count()                                                                    AS tasks,
      sum(duration)                                                              AS task_ms,
      countIf(duration > notice_ms)                                              AS long_tasks,
      sumIf(duration, duration > notice_ms)                                      AS long_ms,
      sumIf(duration - notice_ms, duration > notice_ms)                          AS lost_ms,
      sumIf((pow(duration, 2) - pow(notice_ms, 2)) / 1e6, duration > notice_ms)  AS rework_s2,
      max(duration)                                                              AS longest_ms
    FROM ends
    GROUP BY stage_id, stage_attempt_id
  ),
  names AS (
    SELECT stage_id, stage_attempt_id, name
    FROM stages FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  )
SELECT
  names.name                                                                     AS stage_name,
  sum(stage_sums.tasks)                                                          AS tasks,
  sum(stage_sums.task_ms)                                                        AS task_ms,
  sum(stage_sums.long_tasks)                                                     AS long_tasks,
  sum(stage_sums.long_ms)                                                        AS long_ms,
  sum(stage_sums.lost_ms)                                                        AS lost_ms,
  sum(stage_sums.rework_s2)                                                      AS rework_s2,
  max(stage_sums.longest_ms)                                                     AS longest_ms,
  sum(task_ms) OVER ()                                                           AS all_task_ms,
  (SELECT uniqExact(host) FROM tasks WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}) AS hosts
FROM stage_sums
LEFT JOIN names ON names.stage_id = stage_sums.stage_id AND names.stage_attempt_id = stage_sums.stage_attempt_id
GROUP BY stage_name
ORDER BY long_ms DESC, task_ms DESC, stage_name
LIMIT 200
