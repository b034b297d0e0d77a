-- Who an application is, and the first and last time seen in any of its events.
-- Parameters: app_id String, attempt_id String.
-- Result: name, user, spark_version String; started_ms, ended_ms Nullable(Int64), Unix ms; exit_code Nullable(Int32);
--   first_seen_ms, last_seen_ms Nullable(Int64), Unix ms. One row always.
WITH
  run AS (
    SELECT
      max(name)                                      AS name,
      max(user)                                      AS user,
      max(spark_version)                             AS spark_version,
      min(toUnixTimestamp64Milli(started_at))        AS started_ms,
      max(toUnixTimestamp64Milli(ended_at))          AS ended_ms,
      max(exit_code)                                 AS exit_code
    FROM application_runs
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  ),
  seen AS (
    SELECT
      minOrNull(time_ms)                             AS first_seen_ms,
      maxOrNull(time_ms)                             AS last_seen_ms
    FROM (
      SELECT toUnixTimestamp64Milli(time) AS time_ms
      FROM applications
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND event != 'log_start'
      UNION ALL
      SELECT toUnixTimestamp64Milli(time)
      FROM executors
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
      UNION ALL
      SELECT toUnixTimestamp64Milli(time)
      FROM jobs
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
      UNION ALL
      SELECT toUnixTimestamp64Milli(time)
      FROM sql_executions
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
      UNION ALL
      SELECT arrayJoin([toUnixTimestamp64Milli(assumeNotNull(submission_time)),
                        toUnixTimestamp64Milli(coalesce(completion_time, submission_time))])
      FROM stages
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND submission_time IS NOT NULL
      UNION ALL
      SELECT arrayJoin([toUnixTimestamp64Milli(launch_time), toUnixTimestamp64Milli(launch_time) + toInt64(duration_ms)])
      FROM tasks
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
    )
    WHERE time_ms > 0
  )
SELECT
  name,
  user,
  spark_version,
  started_ms,
  ended_ms,
  exit_code,
  first_seen_ms,
  last_seen_ms
FROM run
CROSS JOIN seen
