-- Fills stage_profiles for one application attempt.
-- Parameters: app_id, attempt_id String; analysed_at_ms Int64, Unix ms.
INSERT INTO stage_profiles
WITH
  keys AS (
    SELECT stage_id, stage_attempt_id FROM stages WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
    UNION DISTINCT
    SELECT stage_id, stage_attempt_id FROM tasks WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  ),
  attempts AS (
    SELECT stage_id, stage_attempt_id, name, number_of_tasks, submission_time, completion_time, failure_reason
    FROM stages FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  ),
  -- A stage runs for the first job that lists it; later jobs that list it skip it.
  executions AS (
    SELECT stage_id, argMin(sql_execution_id, job_id) AS sql_execution_id
    FROM (
      SELECT arrayJoin(stage_ids) AS stage_id, job_id, sql_execution_id
      FROM job_runs
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
    )
    GROUP BY stage_id
  ),
  heaps AS (
    SELECT stage_id, stage_attempt_id, max(jvm_heap_memory_bytes) AS heap
    FROM stage_executor_peaks
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
    GROUP BY stage_id, stage_attempt_id
  ),
  ends AS (
    SELECT
      stage_id,
      stage_attempt_id,
      count()                                                              AS task_ends,
      countIf(status = 'succeeded')                                        AS succeeded,
      countIf(status = 'failed')                                           AS failed,
      countIf(status = 'killed')                                           AS killed,
      countIf(end_reason = 'Resubmitted')                                  AS resubmitted,
      countIf(speculative)                                                 AS speculated,
      uniqExact(executor_id)                                               AS executors,
      min(toNullable(launch_time))                                         AS first_launch,
      max(toNullable(launch_time + toIntervalMillisecond(duration_ms)))    AS last_finish,
      sum(duration_ms)                                                     AS duration,
      sumIf(duration_ms, status != 'succeeded')                            AS unsuccessful_duration,
      sum(executor_deserialize_time_ms)                                    AS deserialize,
      sum(executor_run_time_ms)                                            AS run,
      sum(executor_cpu_time_ns)                                            AS cpu,
      sum(jvm_gc_time_ms)                                                  AS gc,
      sum(shuffle_fetch_wait_time_ms)                                      AS fetch_wait,
      sum(shuffle_write_time_ns)                                           AS write_time,
      sum(input_bytes_read)                                                AS input,
      sum(input_records_read)                                              AS input_rows,
      sum(output_bytes_written)                                            AS output,
      sum(output_records_written)                                          AS output_rows,
      sum(shuffle_remote_bytes_read + shuffle_local_bytes_read)            AS shuffle_read,
      sum(shuffle_records_read)                                            AS shuffle_read_rows,
      sum(shuffle_bytes_written)                                           AS shuffle_write,
      sum(shuffle_records_written)                                         AS shuffle_write_rows,
      sum(memory_bytes_spilled)                                            AS memory_spilled,
      sum(disk_bytes_spilled)                                              AS disk_spilled,
      max(peak_execution_memory_bytes)                                     AS execution_memory,
      max(jvm_heap_memory_bytes)                                           AS heap,
      quantilesExactIf(0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1)(duration_ms, status = 'succeeded') AS of_duration,
      quantilesExactIf(0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1)(executor_run_time_ms, status = 'succeeded') AS of_run,
      quantilesExactIf(0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1)(jvm_gc_time_ms, status = 'succeeded') AS of_gc,
      quantilesExactIf(0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1)(input_bytes_read, status = 'succeeded') AS of_input,
      quantilesExactIf(0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1)(shuffle_remote_bytes_read + shuffle_local_bytes_read, status = 'succeeded') AS of_shuffle_read,
      quantilesExactIf(0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1)(shuffle_bytes_written, status = 'succeeded') AS of_shuffle_write,
      quantilesExactIf(0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1)(disk_bytes_spilled, status = 'succeeded') AS of_disk_spilled,
      -- Element i counts durations of [2^(i-1), 2^i) ms.
      countIfResample(1, 49, 1)(status = 'succeeded', greatest(1, least(48, toUInt8(ceil(log2(duration_ms + 1)))))) AS histogram,
      quantilesDDStateIf(0.01, 0.5, 0.95, 0.99)(duration_ms, status = 'succeeded') AS duration_state,
      quantilesDDStateIf(0.01, 0.5, 0.95, 0.99)(shuffle_remote_bytes_read + shuffle_local_bytes_read, status = 'succeeded') AS shuffle_read_state
    FROM tasks FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
    GROUP BY stage_id, stage_attempt_id
  )
SELECT
  {app_id:String}                                      AS app_id,
  {attempt_id:String}                                  AS attempt_id,
  keys.stage_id,
  keys.stage_attempt_id,
  attempts.name,
  attempts.number_of_tasks,
  attempts.submission_time,
  attempts.completion_time,
  attempts.failure_reason,
  if(executions.stage_id = keys.stage_id, executions.sql_execution_id, -1) AS sql_execution_id,
  ends.task_ends,
  ends.succeeded,
  ends.failed,
  ends.killed,
  ends.resubmitted,
  ends.speculated,
  ends.executors,
  ends.first_launch,
  ends.last_finish,
  ends.duration,
  ends.unsuccessful_duration,
  ends.deserialize,
  ends.run,
  ends.cpu,
  ends.gc,
  ends.fetch_wait,
  ends.write_time,
  ends.input,
  ends.input_rows,
  ends.output,
  ends.output_rows,
  ends.shuffle_read,
  ends.shuffle_read_rows,
  ends.shuffle_write,
  ends.shuffle_write_rows,
  ends.memory_spilled,
  ends.disk_spilled,
  ends.execution_memory,
  greatest(ends.heap, heaps.heap)                      AS peak_jvm_heap_bytes,
  [0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]            AS quantile_levels,
  if(ends.succeeded > 0, ends.of_duration, []) AS of_duration,
  if(ends.succeeded > 0, ends.of_run, []) AS of_run,
  if(ends.succeeded > 0, ends.of_gc, []) AS of_gc,
  if(ends.succeeded > 0, ends.of_input, []) AS of_input,
  if(ends.succeeded > 0, ends.of_shuffle_read, []) AS of_shuffle_read,
  if(ends.succeeded > 0, ends.of_shuffle_write, []) AS of_shuffle_write,
  if(ends.succeeded > 0, ends.of_disk_spilled, []) AS of_disk_spilled,
  fromUnixTimestamp64Milli({analysed_at_ms:Int64}, 'UTC') AS analysed_at,
  if(ends.succeeded > 0, ends.histogram, []) AS duration_ms_histogram,
  ends.duration_state,
  ends.shuffle_read_state
FROM keys
LEFT JOIN attempts ON attempts.stage_id = keys.stage_id AND attempts.stage_attempt_id = keys.stage_attempt_id
LEFT JOIN executions ON executions.stage_id = keys.stage_id
LEFT JOIN heaps ON heaps.stage_id = keys.stage_id AND heaps.stage_attempt_id = keys.stage_attempt_id
LEFT JOIN ends ON ends.stage_id = keys.stage_id AND ends.stage_attempt_id = keys.stage_attempt_id
