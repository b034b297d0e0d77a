-- When an application attempt started.
-- Parameters: app_id, attempt_id String.
-- Result: start_ms Int64, Unix ms. One row at most.
SELECT toUnixTimestamp64Milli(time) AS start_ms
FROM applications FINAL
WHERE app_id = {app_id:String}
  AND attempt_id = {attempt_id:String}
  AND event = 'start'
LIMIT 1
