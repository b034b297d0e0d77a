-- Jobs of an application whose start was seen; Spark before 1.3 gives them no time, which reads as 0.
-- Parameters: app_id String, attempt_id String.
-- Result: job_id UInt32; started_ms Int64; ended_ms Int64 (-1 where the end was never seen), Unix ms; stage_ids Array(UInt32). A row a job.
SELECT
  job_id,
  toUnixTimestamp64Milli(assumeNotNull(started_at))   AS started_ms,
  if(toUnixTimestamp64Milli(ended_at) > 0, toUnixTimestamp64Milli(assumeNotNull(ended_at)), -1) AS ended_ms,
  stage_ids
FROM job_runs
WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND toUnixTimestamp64Milli(started_at) > 0
ORDER BY started_at, job_id
