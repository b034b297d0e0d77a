-- The account of a log that was imported, by the digest of its content.
-- Parameters: digest String.
-- Result: one row at most; counts of the log's content.
SELECT
  app_id,
  attempt_id,
  events,
  bad_lines,
  unknown_events,
  complete,
  first_error
FROM ingest_batches FINAL
WHERE source = 'log'
  AND batch_id = {digest:String}
ORDER BY received_at DESC
LIMIT 1
