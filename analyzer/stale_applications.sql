-- Application attempts with events that no analysis has seen, newest events first.
-- Parameters: rows UInt32. Result: app_id, attempt_id String. At most `rows` rows.
SELECT
  received.app_id     AS app_id,
  received.attempt_id AS attempt_id
FROM (
  SELECT app_id, attempt_id, max(received_at) AS last_received_at
  FROM ingest_batches
  GROUP BY app_id, attempt_id
) AS received
LEFT JOIN (
  SELECT app_id, attempt_id, analysed_at
  FROM application_profiles FINAL
) AS profiles ON profiles.app_id = received.app_id AND profiles.attempt_id = received.attempt_id
WHERE received.last_received_at >= profiles.analysed_at
ORDER BY received.last_received_at DESC, app_id, attempt_id
LIMIT {rows:UInt32}
