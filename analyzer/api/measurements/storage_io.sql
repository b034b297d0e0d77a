-- Totals of every counter of every file system, by process. Values are running totals, so the greatest is the total.
-- Parameters: app_id, attempt_id String; by_executor UInt8: 0 sums the processes; rows UInt32.
-- Result: executor_id ('' where summed), scheme, bucket, metric, value. At most `rows` rows.
SELECT
  if({by_executor:UInt8} = 1, executor_id, '') AS of_executor,
  scheme,
  bucket,
  metric,
  sum(total) AS value
FROM (
  SELECT
    executor_id,
    scheme,
    bucket,
    metric,
    max(value) AS total
  FROM storage_io
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  GROUP BY executor_id, scheme, bucket, metric
)
GROUP BY of_executor, scheme, bucket, metric
ORDER BY of_executor, scheme, bucket, metric
LIMIT {rows:UInt32}
