-- Totals of the file scan metrics of all SQL plans of an application.
-- Parameters: app_id String, attempt_id String. Result: name String, total Int64 (files, bytes or ms by name). Four rows at most.
SELECT
  name,
  sum(value) AS total
FROM (
  SELECT accumulator_id, name, max(value) AS value
  FROM sql_metric_totals
  WHERE app_id = {app_id:String}
    AND attempt_id = {attempt_id:String}
    AND name IN ('number of files read', 'size of files read', 'metadata time', 'scan time')
  GROUP BY accumulator_id, name
)
GROUP BY name
ORDER BY name
