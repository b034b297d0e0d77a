-- Applications without an end that nothing came of for a while, and that are not marked as lost yet.
-- Parameters: silent_since_ms Int64, Unix ms; rows UInt32.
-- Result: app_id, attempt_id. At most `rows` rows.
SELECT
  app_id,
  attempt_id
FROM application_profiles FINAL
WHERE NOT ended
  AND NOT closed_by_timeout
  AND (app_id, attempt_id) IN (
    SELECT app_id, attempt_id
    FROM ingest_batches
    GROUP BY app_id, attempt_id
    HAVING max(received_at) <= fromUnixTimestamp64Milli({silent_since_ms:Int64}, 'UTC')
  )
ORDER BY app_id, attempt_id
LIMIT {rows:UInt32}
