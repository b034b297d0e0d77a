-- File scans of some applications, each with what its execution's reading stages read, divided over the execution's scans by their size.
-- Parameters: app_ids Array(String); rows UInt32.
-- Result: app_id, attempt_id; location, partition_filters, format, read_schema String; files, size_bytes, output_rows Int64; counted_bytes, tasks,
--   run_ms Float64. One row a scan, a cached one once; the largest first, at most `rows` rows.
SELECT
  scans.app_id                                   AS app_id,
  scans.attempt_id                               AS attempt_id,
  scans.location                                 AS location,
  scans.partition_filters                        AS partition_filters,
  scans.format                                   AS format,
  scans.read_schema                              AS read_schema,
  scans.output_rows                              AS output_rows,
  scans.files                                    AS files,
  scans.size_bytes                               AS size_bytes,
  scans.size_bytes / greatest(1, scans.listed_bytes)             AS part,
  stages.read_input_bytes * part                 AS counted_bytes,
  stages.tasks * part                            AS tasks,
  stages.run_ms * part                           AS run_ms
FROM (
  SELECT *, sum(size_bytes) OVER (PARTITION BY app_id, attempt_id, execution_id) AS listed_bytes
  FROM (
    SELECT app_id, attempt_id, execution_id, location, partition_filters, format, read_schema, output_rows, files, size_bytes
    FROM file_scans
    WHERE app_id IN {app_ids:Array(String)}
    ORDER BY execution_id, node_id
    LIMIT 1 BY app_id, attempt_id, files_accumulator_id
  )
) AS scans
INNER JOIN (
  SELECT app_id, attempt_id, sql_execution_id, sum(input_bytes) AS read_input_bytes, sum(task_ends) AS tasks, sum(run_time_ms) AS run_ms
  FROM stage_profiles FINAL
  WHERE app_id IN {app_ids:Array(String)} AND sql_execution_id >= 0 AND input_bytes > 0
  GROUP BY app_id, attempt_id, sql_execution_id
) AS stages
  ON stages.app_id = scans.app_id AND stages.attempt_id = scans.attempt_id AND stages.sql_execution_id = scans.execution_id
ORDER BY size_bytes DESC, app_id, attempt_id, location
LIMIT {rows:UInt32}
