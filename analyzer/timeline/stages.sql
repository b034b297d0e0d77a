-- Stage attempts of an application, with the stages that Spark says they depend on.
-- Parameters: app_id String, attempt_id String.
-- Result: stage_id, stage_attempt_id UInt32; name String; submitted_ms, completed_ms Int64 (Unix ms, -1 where never seen);
--   parent_ids Array(UInt32). A row a stage attempt.
SELECT
  stage_id,
  stage_attempt_id,
  name,
  coalesce(toUnixTimestamp64Milli(submission_time), -1)   AS submitted_ms,
  coalesce(toUnixTimestamp64Milli(completion_time), -1)   AS completed_ms,
  parent_ids
FROM stages FINAL
WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
ORDER BY stage_id, stage_attempt_id
