-- Run time and garbage collection of all successful tasks of an application.
-- Parameters: app_id, attempt_id String.
-- Result: run_ms, gc_ms UInt64; worst_stage_name String, worst_stage_gc_ms, worst_stage_run_ms UInt64: of the stage with most collection. One row.
SELECT
  sum(run)                         AS run_ms,
  sum(gc)                          AS gc_ms,
  argMax(stage_name, gc)           AS worst_stage_name,
  max(gc)                          AS worst_stage_gc_ms,
  argMax(run, gc)                  AS worst_stage_run_ms
FROM (
  SELECT
    any(names.name)                AS stage_name,
    sum(executor_run_time_ms)      AS run,
    sum(jvm_gc_time_ms)            AS gc
  FROM (
    SELECT stage_id, stage_attempt_id, executor_run_time_ms, jvm_gc_time_ms
    FROM tasks FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND status = 'succeeded'
  ) AS ends
  LEFT JOIN (
    SELECT stage_id, stage_attempt_id, name
    FROM stages FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  ) AS names ON names.stage_id = ends.stage_id AND names.stage_attempt_id = ends.stage_attempt_id
  GROUP BY ends.stage_id, ends.stage_attempt_id
)
