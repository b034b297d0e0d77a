-- Spark properties of some applications that say how their files are split, and whether their bytes are counted.
-- Parameters: app_ids, keys Array(String). Result: app_id, attempt_id, key, value String. At most as many rows a run as there are keys.
SELECT
  app_id,
  attempt_id,
  key,
  value
FROM environment FINAL
WHERE app_id IN {app_ids:Array(String)} AND section = 'spark' AND key IN {keys:Array(String)}
