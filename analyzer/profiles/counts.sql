-- How many jobs, stages and SQL executions an application had, and how complete its events are.
-- Parameters: app_id String, attempt_id String. Result: counts as named. One row.
WITH
  job AS (
    SELECT
      count()                                            AS jobs,
      countIf(result NOT IN ('', 'JobSucceeded'))        AS jobs_failed,
      countIf(streaming_query_id != '' OR startsWith(description, 'Streaming job')) AS streaming_jobs,
      argMax(result, job_id) NOT IN ('', 'JobSucceeded') AS last_job_failed
    FROM job_runs
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND started_at IS NOT NULL
  ),
  stage AS (
    SELECT
      uniqExact(stage_id)                                AS stages_submitted,
      count()                                            AS stage_attempts_submitted,
      countIf(event_rank = 2)                            AS stage_attempts_completed,
      countIf(failure_reason != '')                      AS stage_attempts_failed,
      -- 0 where every stage that was submitted also completed.
      minIf(toUnixTimestamp64Milli(assumeNotNull(submission_time)), event_rank = 1 AND submission_time IS NOT NULL) AS open_since_ms
    FROM stages FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  ),
  planned AS (
    SELECT uniqExact(stage_id) AS stages_planned_not_run
    FROM (
      SELECT arrayJoin(stage_ids) AS stage_id
      FROM job_runs
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
    )
    WHERE stage_id NOT IN (SELECT stage_id FROM stages WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String})
  ),
  execution AS (
    SELECT
      countIf(started_at IS NOT NULL)                    AS sql_executions,
      countIf(error != '')                               AS sql_failed
    FROM sql_execution_runs
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  ),
  peaks AS (
    SELECT count() AS stage_executor_metrics_events
    FROM stage_executor_peaks FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  ),
  ingest AS (
    SELECT
      sum(events)            AS events_total,
      sum(bad_lines)         AS bad_lines,
      max(dropped_events)    AS dropped_events,
      sum(truncated_batches) AS truncated_batches,
      max(last_received_at)  AS last_received_at
    FROM ingest_totals
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  ),
  -- A listener numbers its batches from 1; numbers below the greatest that never came are missing.
  numbered AS (
    SELECT max(seq) - uniqExact(seq) AS missing_batches
    FROM ingest_batches
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND source = 'listener' AND seq > 0
  )
SELECT
  jobs,
  jobs_failed,
  streaming_jobs,
  last_job_failed,
  stages_submitted,
  stage_attempts_submitted,
  stage_attempts_completed,
  stage_attempts_failed,
  open_since_ms,
  stages_planned_not_run,
  sql_executions,
  sql_failed,
  stage_executor_metrics_events,
  events_total,
  bad_lines,
  dropped_events,
  truncated_batches,
  last_received_at,
  missing_batches
FROM job
CROSS JOIN stage
CROSS JOIN planned
CROSS JOIN execution
CROSS JOIN peaks
CROSS JOIN ingest
CROSS JOIN numbered
