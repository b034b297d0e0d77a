-- The Spark properties of an application that passed the sender's allow-list.
-- Parameters: app_id String, attempt_id String. Result: key, value String. At most a few hundred rows.
SELECT
  key,
  value
FROM environment FINAL
WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND section = 'spark'
ORDER BY key
