-- How the driver's clock compares with the collector's: the least time from an event to its arrival.
-- Parameters: app_id, attempt_id String.
-- Result: offset_ms Nullable(Int64): below 0 where the driver's clock is ahead. One row. Only for events that came live.
SELECT minOrNull(age_ms) AS offset_ms
FROM (
  SELECT toUnixTimestamp64Milli(received_at) - toUnixTimestamp64Milli(time) AS age_ms
  FROM applications
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND event != 'log_start'
  UNION ALL
  SELECT toUnixTimestamp64Milli(received_at) - toUnixTimestamp64Milli(time)
  FROM executors
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  UNION ALL
  SELECT toUnixTimestamp64Milli(received_at) - toUnixTimestamp64Milli(time)
  FROM jobs
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  UNION ALL
  SELECT toUnixTimestamp64Milli(received_at) - toUnixTimestamp64Milli(assumeNotNull(coalesce(completion_time, submission_time)))
  FROM stages
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND submission_time IS NOT NULL
)
