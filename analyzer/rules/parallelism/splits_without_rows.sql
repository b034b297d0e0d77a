-- Reading stages of SQL executions that scan one Parquet or ORC table without pushed filters, with their tasks that got no row.
-- Parameters: app_id, attempt_id String; min_tasks Float64.
-- Result: execution_id Int64; location String; files, size_bytes Int64; stage_id, stage_attempt_id; stage_name; tasks, empty_tasks (succeeded),
--   task_ms, empty_ms (their durations). One row a stage attempt of at least min_tasks tasks, where it is its execution's only reader; 200 at most.
WITH
  scans AS (
    SELECT
      execution_id,
      any(location)                              AS location,
      any(files)                                 AS files,
      any(size_bytes)                            AS size_bytes
    FROM (
      SELECT execution_id, location, format, pushed_filters, files, size_bytes
      FROM file_scans
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
      ORDER BY execution_id, node_id
      LIMIT 1 BY files_accumulator_id
    )
    GROUP BY execution_id
    HAVING count() = 1 AND any(lower(format)) IN ('parquet', 'orc') AND any(pushed_filters) IN ('', '[]')
  ),
  readers AS (
    SELECT
      sql_execution_id,
      any(stage_id)                              AS stage_id,
      any(stage_attempt_id)                      AS stage_attempt_id,
      any(name)                                  AS stage_name
    FROM stage_profiles FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND input_bytes > 0 AND sql_execution_id >= 0
    GROUP BY sql_execution_id
    -- Tasks that read nothing but footers read far less than the others: without such there is no need to look at tasks. Where all read less
    -- than 1 MiB on average, no more than footers may have been counted (`analyzer.rules.storage.counted`).
    HAVING count() = 1
      AND any(tasks_succeeded) >= {min_tasks:Float64}
      AND (any(input_bytes_quantiles[3]) * 4 <= any(input_bytes_quantiles[8]) OR any(input_bytes) < any(tasks_succeeded) * 1048576)
  ),
  ends AS (
    SELECT
      stage_id,
      stage_attempt_id,
      count()                                    AS tasks,
      countIf(input_records_read = 0)            AS empty_tasks,
      sum(duration_ms)                           AS task_ms,
      sumIf(duration_ms, input_records_read = 0) AS empty_ms
    FROM tasks FINAL
    WHERE app_id = {app_id:String}
      AND attempt_id = {attempt_id:String}
      AND (stage_id, stage_attempt_id) IN (
        SELECT stage_id, stage_attempt_id FROM readers WHERE sql_execution_id IN (SELECT execution_id FROM scans)
      )
      AND status = 'succeeded'
    GROUP BY stage_id, stage_attempt_id
  )
SELECT
  scans.execution_id                             AS execution_id,
  scans.location                                 AS location,
  scans.files                                    AS files,
  scans.size_bytes                               AS size_bytes,
  ends.stage_id                                  AS stage_id,
  ends.stage_attempt_id                          AS stage_attempt_id,
  readers.stage_name                             AS stage_name,
  ends.tasks                                     AS tasks,
  ends.empty_tasks                               AS empty_tasks,
  ends.task_ms                                   AS task_ms,
  ends.empty_ms                                  AS empty_ms
FROM scans
INNER JOIN readers ON readers.sql_execution_id = scans.execution_id
INNER JOIN ends ON ends.stage_id = readers.stage_id AND ends.stage_attempt_id = readers.stage_attempt_id
ORDER BY empty_ms DESC, stage_id
LIMIT 200
