-- Run time and garbage collection of the successful tasks of an application, without short first tasks of executors.
-- Parameters: app_id, attempt_id String; start_up_s Float64 (as many tasks as an executor has cores are its first; shorter ones are left out).
-- Result: run_ms, gc_ms UInt64; worst_stage_name String, worst_stage_gc_ms, worst_stage_run_ms UInt64: of the stage with most collection. One row.
WITH firsts AS (
  SELECT arrayJoin(arrayMap(t -> tupleElement(t, 2), arraySlice(arrayPartialSort(slots, launched), 1, slots))) AS task_id
  FROM (
    SELECT
      greatest(1, any(lives.total_cores))     AS slots,
      groupArray((launch_time, ends.task_id)) AS launched
    FROM (
      SELECT executor_id, launch_time, task_id
      FROM tasks FINAL
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
    ) AS ends
    LEFT JOIN (
      SELECT executor_id, total_cores
      FROM executor_lifetimes
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
    ) AS lives ON lives.executor_id = ends.executor_id
    GROUP BY ends.executor_id
  )
)
SELECT
  sum(ends.run)                    AS run_ms,
  sum(ends.gc)                     AS gc_ms,
  argMax(names.name, ends.gc)      AS worst_stage_name,
  max(ends.gc)                     AS worst_stage_gc_ms,
  argMax(ends.run, ends.gc)        AS worst_stage_run_ms
FROM (
  SELECT
    stage_id,
    stage_attempt_id,
    sum(executor_run_time_ms)      AS run,
    sum(jvm_gc_time_ms)            AS gc
  FROM tasks FINAL
  WHERE app_id = {app_id:String}
    AND attempt_id = {attempt_id:String}
    AND status = 'succeeded'
    AND (duration_ms >= {start_up_s:Float64} * 1000 OR task_id NOT IN (SELECT task_id FROM firsts))
  GROUP BY stage_id, stage_attempt_id
) AS ends
LEFT JOIN (
  SELECT stage_id, stage_attempt_id, name
  FROM stages FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
) AS names ON names.stage_id = ends.stage_id AND names.stage_attempt_id = ends.stage_attempt_id
