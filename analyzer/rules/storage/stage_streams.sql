-- Stage attempts whose tasks asked S3 for data, with what the plugin counted of their streams.
-- Parameters: app_id, attempt_id String.
-- Result: stage_id, stage_attempt_id; stage_name; tasks (ends), counted_tasks (those that the counters cover); wait_ms (run time without CPU,
--   garbage collection and fetch wait; 0 where no CPU time is reported); sql_execution_id Int64 (-1 for none); scopes String (names of the
--   stage's operators); gets, first_byte_ms (of all GETs together, 0 where not timed), read_bytes, vectored (operations), analytics (streams
--   of that kind), aborted (GETs cut off), cut_off_bytes (what was left of them), drained_bytes, seek_bytes, gap_bytes (fetched and thrown
--   away: at a close, at a seek, between ranges). One row a stage attempt with a GET, the 2,000 with most at most.
SELECT
  streams.stage_id                                   AS stage_id,
  streams.stage_attempt_id                           AS stage_attempt_id,
  profiles.name                                      AS stage_name,
  profiles.task_ends                                 AS tasks,
  streams.counted_tasks                              AS counted_tasks,
  if(
    profiles.cpu_time_ns = 0,
    0,
    greatest(0, toInt64(profiles.run_time_ms) - toInt64(intDiv(profiles.cpu_time_ns, 1000000)) - toInt64(profiles.gc_time_ms)
      - toInt64(profiles.fetch_wait_time_ms))
  )                                                  AS wait_ms,
  profiles.sql_execution_id                          AS sql_execution_id,
  arrayStringConcat(attempts.rdd_scopes, ' ')        AS scopes,
  streams.gets                                       AS gets,
  streams.first_byte_ms                              AS first_byte_ms,
  streams.read_bytes                                 AS read_bytes,
  streams.vectored                                   AS vectored,
  streams.analytics                                  AS analytics,
  streams.aborted                                    AS aborted,
  streams.cut_off_bytes                              AS cut_off_bytes,
  streams.drained_bytes                              AS drained_bytes,
  streams.seek_bytes                                 AS seek_bytes,
  streams.gap_bytes                                  AS gap_bytes
FROM (
  SELECT
    stage_id,
    stage_attempt_id,
    sumIf(total, metric = 'tasks')                                              AS counted_tasks,
    sumIf(total, metric = 'action_http_get_request')                            AS gets,
    sumIf(total, metric = 'action_http_get_request.time_ms')                    AS first_byte_ms,
    sumIf(total, metric = 'stream_read_bytes')                                  AS read_bytes,
    sumIf(total, metric = 'stream_read_vectored_operations')                    AS vectored,
    sumIf(total, metric = 'stream_read_analytics_opened')                       AS analytics,
    sumIf(total, metric = 'stream_aborted')                                     AS aborted,
    sumIf(total, metric = 'stream_read_bytes_discarded_in_abort')               AS cut_off_bytes,
    sumIf(total, metric = 'stream_read_bytes_discarded_in_close')               AS drained_bytes,
    sumIf(total, metric = 'stream_read_seek_bytes_discarded')                   AS seek_bytes,
    sumIf(total, metric = 'stream_read_vectored_read_bytes_discarded')          AS gap_bytes
  FROM (
    SELECT stage_id, stage_attempt_id, executor_id, metric, max(value) AS total
    FROM stage_io
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
    GROUP BY stage_id, stage_attempt_id, executor_id, metric
  )
  GROUP BY stage_id, stage_attempt_id
  HAVING gets > 0
) AS streams
INNER JOIN (
  SELECT *
  FROM stage_profiles FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
) AS profiles ON profiles.stage_id = streams.stage_id AND profiles.stage_attempt_id = streams.stage_attempt_id
LEFT JOIN (
  SELECT stage_id, stage_attempt_id, rdd_scopes
  FROM stages FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
) AS attempts ON attempts.stage_id = streams.stage_id AND attempts.stage_attempt_id = streams.stage_attempt_id
ORDER BY gets DESC, stage_id, stage_attempt_id
LIMIT 2000
