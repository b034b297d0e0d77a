-- Which attempts of some applications have an end among their events.
-- Parameters: app_ids Array(String).
-- Result: app_id, attempt_id. One row an attempt that ended.
SELECT DISTINCT
  app_id,
  attempt_id
FROM applications
WHERE app_id IN {app_ids:Array(String)}
  AND event = 'end'
ORDER BY app_id, attempt_id
