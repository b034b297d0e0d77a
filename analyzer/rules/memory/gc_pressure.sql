-- Run time and garbage collection of the successful tasks of an application, without short first tasks of executors.
-- Parameters: app_id, attempt_id String; start_up_s Float64 (as many tasks as an executor has cores are its first; shorter ones are left out).
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
    FROM (
      SELECT
        stage_id,
        stage_attempt_id,
        executor_id,
        status,
        duration_ms,
        executor_run_time_ms,
        jvm_gc_time_ms,
        row_number() OVER (PARTITION BY executor_id ORDER BY launch_time, task_id) AS nth_on_executor
      FROM tasks FINAL
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
    ) AS numbered
    LEFT JOIN (
      SELECT executor_id, total_cores
      FROM executor_lifetimes
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
    ) AS lives ON lives.executor_id = numbered.executor_id
    WHERE status = 'succeeded' AND (nth_on_executor > greatest(1, lives.total_cores) OR duration_ms >= {start_up_s:Float64} * 1000)
  ) AS ends
  LEFT JOIN (
    SELECT stage_id, stage_attempt_id, name
    FROM stages FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  ) AS names ON names.stage_id = ends.stage_id AND names.stage_attempt_id = ends.stage_attempt_id
  GROUP BY ends.stage_id, ends.stage_attempt_id
)
