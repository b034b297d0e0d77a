-- The import of a log by the digest of its content.
-- Parameters: batch_id (String). At most one row.
SELECT
  app_id,
  attempt_id,
  events,
  bad_lines,
  unknown_events,
  complete,
  first_error
FROM ingest_batches
WHERE source = 'log' AND batch_id = {batch_id:String}
ORDER BY received_at DESC
LIMIT 1
