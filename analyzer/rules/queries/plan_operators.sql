-- The final plans of SQL executions that hold an operator worth judging (a join, a broadcast, a Python function, a write), whole, with metrics.
-- Parameters: app_id, attempt_id String.
-- Result: execution_id, node_id, parent_id Int64; name, simple_string String; metric_names Array(String), metric_values Array(Int64) (totals
--   by display name, in the same order); execution_task_ms UInt64 (of the execution's stages); python_run_ms, python_wait_ms UInt64
--   (of those that run a Python function row by row: run time, and its part that is no CPU, garbage collection or fetch wait; no wait where no
--   CPU time is reported). Plans of the 100 executions with most task time,
--   those with most first, at most 20,000 nodes.
WITH
  nodes AS (
    SELECT execution_id, node_id, parent_id, name, simple_string, accumulator_ids
    FROM final_plan_nodes
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  ),
  spent AS (
    SELECT
      sql_execution_id,
      sum(duration_ms)                             AS task_ms,
      sumIf(run_time_ms, row_by_row)               AS run_ms,
      sumIf(
        greatest(0, toInt64(run_time_ms) - toInt64(intDiv(cpu_time_ns, 1000000)) - toInt64(gc_time_ms) - toInt64(fetch_wait_time_ms)),
        row_by_row AND cpu_time_ns > 0
      )                                            AS wait_ms
    FROM (
      SELECT *
      FROM stage_profiles FINAL
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND sql_execution_id >= 0
    ) AS profiles
    LEFT JOIN (
      SELECT stage_id, stage_attempt_id, arrayExists(scope -> position(scope, 'BatchEvalPython') > 0, rdd_scopes) AS row_by_row
      FROM stages FINAL
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
    ) AS attempts ON attempts.stage_id = profiles.stage_id AND attempts.stage_attempt_id = profiles.stage_attempt_id
    GROUP BY sql_execution_id
  ),
  chosen AS (
    SELECT found.execution_id AS execution_id, spent.task_ms AS task_ms, spent.run_ms AS run_ms, spent.wait_ms AS wait_ms
    FROM (
      SELECT DISTINCT execution_id
      FROM nodes
      WHERE match(name, 'Join$|CartesianProduct$|^BroadcastExchange$|Python|Pandas|^Execute Insert|^Execute Create')
    ) AS found
    LEFT JOIN spent ON spent.sql_execution_id = found.execution_id
    ORDER BY task_ms DESC, execution_id
    LIMIT 100
  ),
  totals AS (
    SELECT execution_id, accumulator_id, name, value
    FROM sql_metric_totals
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  )
SELECT
  plan.execution_id                                AS execution_id,
  plan.node_id                                     AS node_id,
  any(plan.parent_id)                              AS parent_id,
  any(plan.name)                                   AS name,
  any(plan.simple_string)                          AS simple_string,
  groupArrayIf(totals.name, totals.name != '')     AS metric_names,
  groupArrayIf(totals.value, totals.name != '')    AS metric_values,
  any(chosen.task_ms)                              AS execution_task_ms,
  any(chosen.run_ms)                               AS python_run_ms,
  any(chosen.wait_ms)                              AS python_wait_ms
FROM (
  SELECT execution_id, node_id, parent_id, name, simple_string, arrayJoin(emptyArrayToSingle(accumulator_ids)) AS accumulator_id
  FROM nodes
) AS plan
INNER JOIN chosen ON chosen.execution_id = plan.execution_id
LEFT JOIN totals ON totals.execution_id = plan.execution_id AND totals.accumulator_id = plan.accumulator_id
GROUP BY execution_id, node_id
-- The dearest first, so that what is cut off is of the cheapest.
ORDER BY execution_task_ms DESC, execution_id, node_id
LIMIT 20000
