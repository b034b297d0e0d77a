-- Applications with data that no analysis has seen, those first that no analysis knows or that have ended, then newest data first.
-- Parameters: analysed_before_ms Int64, Unix ms; started_before_ms Int64, Unix ms: runs that are known to have started then or later are left
--   out, none where it is no_bound_ms Int64; rows UInt32.
-- Result: app_id, attempt_id; going_on Bool: there is an analysis, and it saw no end; rested Bool: that analysis is older than
--   analysed_before_ms. At most `rows` rows.
SELECT
  received.app_id     AS app_id,
  received.attempt_id AS attempt_id,
  profiles.app_id != '' AND NOT profiles.ended AS going_on,
  profiles.analysed_at < fromUnixTimestamp64Milli({analysed_before_ms:Int64}, 'UTC') AS rested
FROM (SELECT app_id, attempt_id, max(received_at) AS last_received_at FROM ingest_batches GROUP BY app_id, attempt_id) AS received
LEFT JOIN (SELECT app_id, attempt_id, ended, analysed_at FROM application_profiles FINAL) AS profiles
  ON profiles.app_id = received.app_id AND profiles.attempt_id = received.attempt_id
WHERE received.last_received_at >= profiles.analysed_at
  -- Without a bound the starts, one row a run that ever was, are not read.
  AND ({started_before_ms:Int64} = {no_bound_ms:Int64} OR (received.app_id, received.attempt_id) NOT IN (
    SELECT app_id, attempt_id
    FROM applications
    WHERE event = 'start' AND time >= fromUnixTimestamp64Milli({started_before_ms:Int64}, 'UTC')
  ))
ORDER BY going_on, received.last_received_at DESC, app_id, attempt_id
LIMIT {rows:UInt32}
