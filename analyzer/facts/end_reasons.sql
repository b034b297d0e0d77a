-- How task ends are spread over Spark's end reasons.
-- Parameters: app_id String, attempt_id String. Result: end_reason String, ends UInt64. A dozen rows at most.
SELECT
  end_reason,
  count() AS ends
FROM tasks FINAL
WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
GROUP BY end_reason
ORDER BY ends DESC, end_reason
