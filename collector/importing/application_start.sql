-- When an attempt of an application started.
-- Parameters: app_id, attempt_id (String). At most one row: start_ms in milliseconds since 1970.
SELECT toUnixTimestamp64Milli(time) AS start_ms
FROM applications FINAL
WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND event = 'start'
LIMIT 1
