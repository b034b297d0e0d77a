-- Stage attempts that read input or wrote output, with the time in which their tasks neither computed, nor collected garbage, nor fetched.
-- Parameters: app_id, attempt_id String.
-- Result: stage_id, stage_attempt_id; name String; tasks (ends); wait_ms (0 where no CPU time is reported), input_bytes, output_bytes;
--   sql_execution_id Int64 (-1 for none); path String (of an RDD on S3, '' for none); reads_files UInt8 (0 where its input can come from a
--   cache only). The 5,000 with most task time at most.
SELECT
  profiles.stage_id                                                AS stage_id,
  profiles.stage_attempt_id                                        AS stage_attempt_id,
  profiles.name                                                    AS name,
  profiles.task_ends                                               AS tasks,
  if(
    profiles.cpu_time_ns = 0,
    0,
    greatest(0, toInt64(profiles.run_time_ms) - toInt64(intDiv(profiles.cpu_time_ns, 1000000)) - toInt64(profiles.gc_time_ms)
      - toInt64(profiles.fetch_wait_time_ms))
  )                                                                AS wait_ms,
  profiles.input_bytes                                             AS input_bytes,
  profiles.output_bytes                                            AS output_bytes,
  profiles.sql_execution_id                                        AS sql_execution_id,
  arrayFirst(rdd -> match(rdd, '(?i)^s3[an]?://'), attempts.rdd_names) AS path,
  toUInt8(
    empty(attempts.rdd_names)
    OR path != ''
    OR hasAny(attempts.rdd_names, ['FileScanRDD', 'DataSourceRDD', 'HadoopRDD', 'NewHadoopRDD'])
  )                                                                AS reads_files
FROM (
  SELECT *
  FROM stage_profiles FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND input_bytes + output_bytes > 0
) AS profiles
LEFT JOIN (
  SELECT stage_id, stage_attempt_id, rdd_names
  FROM stages FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
) AS attempts ON attempts.stage_id = profiles.stage_id AND attempts.stage_attempt_id = profiles.stage_attempt_id
ORDER BY profiles.duration_ms DESC, stage_id, stage_attempt_id
LIMIT 5000
