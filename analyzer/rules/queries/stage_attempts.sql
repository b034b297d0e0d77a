-- Stage attempts that had tasks, as their profiles have them.
-- Parameters: app_id, attempt_id String.
-- Result: stage_id, stage_attempt_id; stage_name, failure_reason String; tasks (succeeded), task_ends; first_launch_ms, last_finish_ms (Unix ms);
--   duration_ms, run_ms, cpu_ms, gc_ms, fetch_wait_ms (sums over task ends); input_bytes, output_bytes, shuffle_read_bytes, shuffle_write_bytes,
--   disk_spilled_bytes; p50_ms, longest_ms, p50_input_bytes, p50_shuffle_bytes, p50_disk_spilled_bytes (of successful tasks, 0 where none was);
--   sql_execution_id (-1 for none); scans, cached UInt8 (whether it reads files, whether it holds a persisted RDD). The 10,000 longest at most.
SELECT
  profiles.stage_id                                                        AS stage_id,
  profiles.stage_attempt_id                                                AS stage_attempt_id,
  profiles.name                                                            AS stage_name,
  profiles.failure_reason                                                  AS failure_reason,
  profiles.tasks_succeeded                                                 AS tasks,
  profiles.task_ends                                                       AS task_ends,
  toUnixTimestamp64Milli(assumeNotNull(profiles.first_launch_time))        AS first_launch_ms,
  toUnixTimestamp64Milli(assumeNotNull(profiles.last_finish_time))         AS last_finish_ms,
  profiles.duration_ms                                                     AS duration_ms,
  profiles.run_time_ms                                                     AS run_ms,
  intDiv(profiles.cpu_time_ns, 1000000)                                    AS cpu_ms,
  profiles.gc_time_ms                                                      AS gc_ms,
  profiles.fetch_wait_time_ms                                              AS fetch_wait_ms,
  profiles.input_bytes                                                     AS input_bytes,
  profiles.output_bytes                                                    AS output_bytes,
  profiles.shuffle_read_bytes                                              AS shuffle_read_bytes,
  profiles.shuffle_write_bytes                                             AS shuffle_write_bytes,
  profiles.disk_spilled_bytes                                              AS disk_spilled_bytes,
  profiles.duration_ms_quantiles[4]                                        AS p50_ms,
  profiles.duration_ms_quantiles[8]                                        AS longest_ms,
  profiles.input_bytes_quantiles[4]                                        AS p50_input_bytes,
  profiles.shuffle_read_bytes_quantiles[4]                                 AS p50_shuffle_bytes,
  profiles.disk_spilled_bytes_quantiles[4]                                 AS p50_disk_spilled_bytes,
  profiles.sql_execution_id                                                AS sql_execution_id,
  attempts.scans                                                           AS scans,
  attempts.cached                                                          AS cached
FROM (
  SELECT *
  FROM stage_profiles FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND task_ends > 0
) AS profiles
LEFT JOIN (
  SELECT
    stage_id,
    stage_attempt_id,
    toUInt8(arrayExists(name -> name IN ('FileScanRDD', 'DataSourceRDD', 'HadoopRDD', 'NewHadoopRDD'), rdd_names)) AS scans,
    toUInt8(arrayExists(persisted -> persisted, rdd_cached))                AS cached
  FROM stages FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
) AS attempts ON attempts.stage_id = profiles.stage_id AND attempts.stage_attempt_id = profiles.stage_attempt_id
ORDER BY duration_ms DESC, stage_id, stage_attempt_id
LIMIT 10000
