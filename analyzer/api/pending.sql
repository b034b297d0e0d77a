-- Applications with data that no analysis has seen, newest data first.
-- Parameters: analysed_before_ms Int64, Unix ms: a run whose end did not come yet is due again only when its analysis is older;
--   started_before_ms Int64, Unix ms: runs that are known to have started then or later are left out; rows UInt32.
-- Result: app_id, attempt_id. At most `rows` rows.
SELECT
  received.app_id     AS app_id,
  received.attempt_id AS attempt_id
FROM (SELECT app_id, attempt_id, max(received_at) AS last_received_at FROM ingest_batches GROUP BY app_id, attempt_id) AS received
LEFT JOIN (SELECT app_id, attempt_id, analysed_at FROM application_profiles FINAL) AS profiles
  ON profiles.app_id = received.app_id AND profiles.attempt_id = received.attempt_id
WHERE received.last_received_at >= profiles.analysed_at
  AND (
    profiles.analysed_at < fromUnixTimestamp64Milli({analysed_before_ms:Int64}, 'UTC')
    OR (received.app_id, received.attempt_id) IN (SELECT app_id, attempt_id FROM applications WHERE event = 'end')
  )
  AND (received.app_id, received.attempt_id) NOT IN (
    SELECT app_id, attempt_id
    FROM applications
    WHERE event = 'start' AND time >= fromUnixTimestamp64Milli({started_before_ms:Int64}, 'UTC')
  )
ORDER BY received.last_received_at DESC, app_id, attempt_id
LIMIT {rows:UInt32}
