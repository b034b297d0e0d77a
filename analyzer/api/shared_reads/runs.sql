-- The newest applications of a time.
-- Parameters: team, pipeline String ('' for any); since_ms, until_ms Int64: start, Unix ms, until exclusive; rows UInt32.
-- Result: app_id, attempt_id, pipeline, spark_version; started_ms Int64. At most `rows` rows.
SELECT
  app_id,
  attempt_id,
  pipeline,
  spark_version,
  toUnixTimestamp64Milli(started_at)             AS started_ms
FROM application_profiles FINAL
WHERE started_at >= fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC')
  AND started_at < fromUnixTimestamp64Milli({until_ms:Int64}, 'UTC')
  AND ({team:String} = '' OR team = {team:String})
  AND ({pipeline:String} = '' OR pipeline = {pipeline:String})
ORDER BY started_at DESC, app_id, attempt_id
LIMIT {rows:UInt32}
