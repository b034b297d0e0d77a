-- Whether one application attempt has data that no analysis has seen.
-- Parameters: app_id, attempt_id String.
-- Result: stale Bool. One row.
SELECT
  (SELECT max(received_at) FROM ingest_batches WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String})
  >= (SELECT max(analysed_at) FROM application_profiles WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}) AS stale
