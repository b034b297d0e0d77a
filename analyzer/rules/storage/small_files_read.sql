-- File scans with the files they opened.
-- Parameters: app_id, attempt_id String; min_files Float64.
-- Result: execution_id, node_id; location, format String; files, size_bytes Int64; scan_run_ms UInt64 (executor run time of the stages of that
--   execution that read input, 0 where none is known). One row a scan, a cached one once; the 200 with most files.
SELECT
  scans.execution_id            AS execution_id,
  scans.node_id                 AS node_id,
  scans.location                AS location,
  scans.format                  AS format,
  scans.files                   AS files,
  scans.size_bytes              AS size_bytes,
  stages.scan_run_ms            AS scan_run_ms
FROM (
  SELECT execution_id, node_id, location, format, files, size_bytes, files_accumulator_id
  FROM file_scans
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND files > {min_files:Float64}
  ORDER BY execution_id, node_id
  LIMIT 1 BY files_accumulator_id
) AS scans
LEFT JOIN (
  SELECT sql_execution_id, sum(run_time_ms) AS scan_run_ms
  FROM stage_profiles FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND input_bytes > 0
  GROUP BY sql_execution_id
) AS stages ON stages.sql_execution_id = scans.execution_id
ORDER BY files DESC, execution_id, node_id
LIMIT 200
