-- What each executor did with its life: slots busy, and time without any task by where it lies.
-- Parameters: app_id, attempt_id String; start_ms, end_ms Int64 (Unix ms of the application); idle_timeout_s Float64.
-- Result: cores UInt32; lifetime_ms; busy_ms (task time, each task once, at most lifetime x cores); ramp_up_ms (added to first launch, the whole
--   life where it never had a task); tail_ms (last finish to removal); between_ms (other times without a task); releasable_ms (what every
--   spell without a task exceeds the time-out by); active_ms (time in which any executor had a task, the same on every row);
--   releasable_unused_ms (the part of it before the executor's first task, when it holds no data yet);
--   cached, shuffled UInt8 (whether any stage held a persisted RDD, or wrote a shuffle; the same on every row). One row an executor.
WITH
  -- Only a task with an end that is no success may have another.
  again AS (
    SELECT task_id
    FROM tasks
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND end_reason != 'Success'
  ),
  ends AS (
    SELECT
      executor_id,
      toUnixTimestamp64Milli(launch_time)                                             AS launch_ms,
      launch_ms + toInt64(duration_ms)                                                AS finish_ms
    FROM tasks FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND task_id NOT IN (SELECT task_id FROM again)
    UNION ALL
    SELECT
      executor_id,
      toUnixTimestamp64Milli(min(launch_time))                                        AS launch_ms,
      max(toUnixTimestamp64Milli(launch_time) + toInt64(duration_ms))                 AS finish_ms
    FROM tasks FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND task_id IN (SELECT task_id FROM again)
    GROUP BY executor_id, task_id
  ),
  used AS (
    SELECT
      executor_id,
      sum(finish_ms - launch_ms)                                                      AS busy_ms,
      min(launch_ms)                                                                  AS first_launch_ms,
      max(finish_ms)                                                                  AS last_finish_ms,
      last_finish_ms - first_launch_ms - toInt64(intervalLengthSum(launch_ms, finish_ms)) AS between_ms,
      -- With every task drawn out by the time-out, what no task covers is what spells exceed it by.
      last_finish_ms + {idle_timeout_s:Float64} * 1000 - first_launch_ms
        - intervalLengthSum(toFloat64(launch_ms), finish_ms + {idle_timeout_s:Float64} * 1000) AS releasable_between_ms,
      count()                                                                         AS task_count
    FROM ends
    GROUP BY executor_id
  ),
  activity AS (
    SELECT toInt64(intervalLengthSum(launch_ms, launch_ms + toInt64(duration_ms)))    AS active_ms
    FROM (
      SELECT toUnixTimestamp64Milli(launch_time) AS launch_ms, duration_ms
      FROM tasks FINAL
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
    )
  ),
  lives AS (
    SELECT
      executor_id,
      total_cores,
      coalesce(toUnixTimestamp64Milli(added_at), {start_ms:Int64})                                  AS added_ms,
      greatest(added_ms, coalesce(toUnixTimestamp64Milli(removed_at), {end_ms:Int64}))              AS removed_ms
    FROM executor_lifetimes
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND executor_id != 'driver'
  )
SELECT
  lives.total_cores                                                                   AS cores,
  removed_ms - added_ms                                                               AS lifetime_ms,
  least(toInt64(used.busy_ms), toInt64(lives.total_cores) * lifetime_ms)              AS busy_ms,
  if(used.task_count = 0, lifetime_ms, greatest(0, used.first_launch_ms - added_ms))  AS ramp_up_ms,
  if(used.task_count = 0, 0, greatest(0, removed_ms - used.last_finish_ms))           AS tail_ms,
  toInt64(used.between_ms)                                                            AS between_ms,
  used.releasable_between_ms
    + greatest(0, ramp_up_ms - {idle_timeout_s:Float64} * 1000)
    + greatest(0, tail_ms - {idle_timeout_s:Float64} * 1000)                          AS releasable_ms,
  greatest(0, ramp_up_ms - {idle_timeout_s:Float64} * 1000)                           AS releasable_unused_ms,
  activity.active_ms                                                                  AS active_ms,
  toUInt8((
    SELECT countIf(arrayExists(persisted -> persisted, rdd_cached)) > 0
    FROM stages
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  ))                                                                                  AS cached,
  toUInt8((
    SELECT countIf(shuffle_write_bytes > 0) > 0
    FROM stage_profiles
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  ))                                                                                  AS shuffled
FROM lives
LEFT JOIN used ON used.executor_id = lives.executor_id
CROSS JOIN activity
ORDER BY added_ms, lives.executor_id
