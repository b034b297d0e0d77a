-- Stages that read files and nothing else, with the time in which their tasks neither computed nor collected.
-- Parameters: app_id, attempt_id String; min_run_s Float64.
-- Result: stage_id, stage_attempt_id; stage_name; tasks; run_ms, cpu_ms, gc_ms, write_ms (of shuffle data), input_bytes of the stage's task
--   ends; rdd_names and rdd_scopes Array(String); locations Array(String) (of the file scans of its SQL execution); scans Array(Tuple) of those, each once: format,
--   read_schema String, output_rows, files, size_bytes Int64; sql_execution_id Int64 (-1 for none). One row a stage attempt, without those that read a shuffle or a cache,
--   wrote output or spilled, or whose Spark reports no CPU time; 200 at most.
SELECT
  profiles.stage_id                             AS stage_id,
  profiles.stage_attempt_id                     AS stage_attempt_id,
  profiles.name                                 AS stage_name,
  profiles.task_ends                            AS tasks,
  profiles.run_time_ms                          AS run_ms,
  intDiv(profiles.cpu_time_ns, 1000000)         AS cpu_ms,
  profiles.gc_time_ms                           AS gc_ms,
  intDiv(profiles.shuffle_write_time_ns, 1000000) AS write_ms,
  profiles.input_bytes                          AS input_bytes,
  profiles.sql_execution_id                     AS sql_execution_id,
  attempts.rdd_names                            AS rdd_names,
  attempts.rdd_scopes                           AS rdd_scopes,
  scans.locations                               AS locations,
  scans.read                                    AS scans
FROM (
  SELECT *
  FROM stage_profiles FINAL
  WHERE app_id = {app_id:String}
    AND attempt_id = {attempt_id:String}
    AND (input_bytes > 0 OR input_records > 0)
    AND shuffle_read_bytes = 0
    AND output_bytes = 0
    AND memory_spilled_bytes = 0
    AND cpu_time_ns > 0
    AND run_time_ms >= {min_run_s:Float64} * 1000
) AS profiles
INNER JOIN (
  SELECT stage_id, stage_attempt_id, rdd_names, rdd_scopes, rdd_cached
  FROM stages FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
) AS attempts ON attempts.stage_id = profiles.stage_id AND attempts.stage_attempt_id = profiles.stage_attempt_id
LEFT JOIN (
  SELECT
    execution_id,
    groupUniqArray(location)                    AS locations,
    groupArray(CAST(
      (format, read_schema, output_rows, files, size_bytes),
      'Tuple(format String, read_schema String, output_rows Int64, files Int64, size_bytes Int64)'
    ))                                          AS read
  FROM (
    SELECT execution_id, location, format, read_schema, output_rows, files, size_bytes
    FROM file_scans
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
    ORDER BY execution_id, node_id
    LIMIT 1 BY execution_id, files_accumulator_id
  )
  GROUP BY execution_id
) AS scans ON scans.execution_id = profiles.sql_execution_id
WHERE NOT arrayExists(cached -> cached, attempts.rdd_cached)
  -- Without counted bytes, only files are what a stage waits for: rows come out of JDBC and of `range` as well.
  AND (profiles.input_bytes > 0 OR has(attempts.rdd_names, 'FileScanRDD'))
ORDER BY run_ms DESC, stage_id, stage_attempt_id
LIMIT 200
