-- Buckets of S3 with what the plugin counted of requests, throttling and retries, over all processes.
-- Parameters: app_id, attempt_id String.
-- Result: bucket String; requests (GET, HEAD, LIST, PUT, COPY and DELETE), throttled, retries Int64. One row a bucket that throttled.
SELECT
  bucket,
  sumIf(total, metric IN (
    'action_http_get_request', 'action_http_head_request', 'object_list_request', 'object_continue_list_request', 'object_put_request',
    'object_copy_requests', 'object_delete_request', 'object_bulk_delete_request'
  ))                                                 AS requests,
  sumIf(total, metric = 'store_io_throttled')        AS throttled,
  sumIf(total, metric = 'store_io_retry')            AS retries
FROM (
  SELECT executor_id, scheme, bucket, metric, max(value) AS total
  FROM storage_io
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND scheme IN ('s3', 's3a', 's3n') AND bucket != ''
  GROUP BY executor_id, scheme, bucket, metric
)
GROUP BY bucket
HAVING throttled > 0
ORDER BY throttled DESC, bucket
LIMIT 100
