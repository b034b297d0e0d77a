-- Stage attempts whose longest task stands out, with their successful tasks in launch order and the slots of that time.
-- Parameters: app_id, attempt_id String; min_tasks, min_tail_ms, min_ratio, min_single_ratio Float64.
-- Result: stage_id, stage_attempt_id; stage_name; sql_execution_id (-1 for none); window_ms (first launch to last finish); cores_alive_ms (cores times ms
--   that executors were alive within the window); busy_ms (task time of all stages within the window);
--   arrays of one element a task: launches_ms (Unix ms), durations_ms, gc_ms, fetch_wait_ms, input_bytes, shuffle_bytes, records,
--   spilled_bytes, hosts, first_on_slot (0 or 1: among the first tasks of its executor, as many as that has cores).
--   20 rows at most: of the stages that pass, the ten with most task time and the ten with the longest tails.
WITH
  uneven AS (
    SELECT
      stage_id,
      stage_attempt_id,
      name,
      sql_execution_id,
      toUnixTimestamp64Milli(assumeNotNull(first_launch_time)) AS window_start_ms,
      toUnixTimestamp64Milli(assumeNotNull(last_finish_time))  AS window_end_ms,
      toFloat64(duration_ms_quantiles[8]) - duration_ms_quantiles[4] AS tail_ms,
      row_number() OVER (ORDER BY duration_ms DESC, stage_id, stage_attempt_id) AS nth_by_time,
      row_number() OVER (ORDER BY tail_ms DESC, stage_id, stage_attempt_id) AS nth_by_tail
    FROM stage_profiles FINAL
    WHERE app_id = {app_id:String}
      AND attempt_id = {attempt_id:String}
      AND tasks_succeeded >= {min_tasks:Float64}
      AND tail_ms >= {min_tail_ms:Float64}
      AND duration_ms_quantiles[8] > least({min_ratio:Float64}, {min_single_ratio:Float64}) * duration_ms_quantiles[4]
  ),
  candidates AS (
    SELECT stage_id, stage_attempt_id, name, sql_execution_id, window_start_ms, window_end_ms
    FROM uneven
    -- A long tail on many idle cores costs much, however little its stage ran in all.
    WHERE nth_by_time <= 10 OR nth_by_tail <= 10
  ),
  lives AS (
    SELECT
      executor_id,
      total_cores,
      toUnixTimestamp64Milli(coalesce(added_at, toDateTime64('1970-01-02 00:00:00', 3, 'UTC')))   AS added_ms,
      toUnixTimestamp64Milli(coalesce(removed_at, toDateTime64('2200-01-01 00:00:00', 3, 'UTC'))) AS removed_ms
    FROM executor_lifetimes
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  ),
  ends AS (
    SELECT
      stage_id,
      stage_attempt_id,
      task_id,
      status,
      executor_id,
      host,
      toUnixTimestamp64Milli(launch_time)                                            AS launch_ms,
      duration_ms,
      jvm_gc_time_ms                                                                 AS gc,
      shuffle_fetch_wait_time_ms                                                     AS fetch_wait,
      input_bytes_read                                                               AS input,
      shuffle_remote_bytes_read + shuffle_local_bytes_read                           AS shuffled,
      input_records_read + shuffle_records_read                                      AS records_read,
      disk_bytes_spilled                                                             AS spilled,
      row_number() OVER (PARTITION BY executor_id ORDER BY launch_time, task_id)     AS nth_on_executor
    FROM tasks FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  ),
  alive AS (
    SELECT
      candidates.stage_id         AS stage_id,
      candidates.stage_attempt_id AS stage_attempt_id,
      sum(lives.total_cores * greatest(0, least(lives.removed_ms, window_end_ms) - greatest(lives.added_ms, window_start_ms))) AS cores_alive_ms
    FROM candidates
    CROSS JOIN lives
    GROUP BY stage_id, stage_attempt_id
  ),
  busy AS (
    SELECT
      candidates.stage_id         AS stage_id,
      candidates.stage_attempt_id AS stage_attempt_id,
      sum(greatest(0, least(ends.launch_ms + toInt64(ends.duration_ms), window_end_ms) - greatest(ends.launch_ms, window_start_ms))) AS busy_ms
    FROM candidates
    CROSS JOIN ends
    GROUP BY stage_id, stage_attempt_id
  ),
  listed AS (
    SELECT
      stage_id,
      stage_attempt_id,
      arraySort(groupArray((launch_ms, ends.task_id, duration_ms, gc, fetch_wait, input, shuffled, records_read, spilled,
                            toString(ends.host), toUInt8(nth_on_executor <= greatest(1, lives.total_cores))))) AS sorted
    FROM ends
    LEFT JOIN lives ON lives.executor_id = ends.executor_id
    WHERE status = 'succeeded' AND (stage_id, stage_attempt_id) IN (SELECT stage_id, stage_attempt_id FROM candidates)
    GROUP BY stage_id, stage_attempt_id
  )
SELECT
  candidates.stage_id                        AS stage_id,
  candidates.stage_attempt_id                AS stage_attempt_id,
  candidates.name                            AS stage_name,
  candidates.sql_execution_id                AS sql_execution_id,
  window_end_ms - window_start_ms            AS window_ms,
  alive.cores_alive_ms                       AS cores_alive_ms,
  busy.busy_ms                               AS busy_ms,
  arrayMap(t -> tupleElement(t, 1), sorted)  AS launches_ms,
  arrayMap(t -> tupleElement(t, 3), sorted)  AS durations_ms,
  arrayMap(t -> tupleElement(t, 4), sorted)  AS gc_ms,
  arrayMap(t -> tupleElement(t, 5), sorted)  AS fetch_wait_ms,
  arrayMap(t -> tupleElement(t, 6), sorted)  AS input_bytes,
  arrayMap(t -> tupleElement(t, 7), sorted)  AS shuffle_bytes,
  arrayMap(t -> tupleElement(t, 8), sorted)  AS records,
  arrayMap(t -> tupleElement(t, 9), sorted)  AS spilled_bytes,
  arrayMap(t -> tupleElement(t, 10), sorted) AS hosts,
  arrayMap(t -> tupleElement(t, 11), sorted) AS first_on_slot
FROM candidates
INNER JOIN listed ON listed.stage_id = candidates.stage_id AND listed.stage_attempt_id = candidates.stage_attempt_id
LEFT JOIN alive ON alive.stage_id = candidates.stage_id AND alive.stage_attempt_id = candidates.stage_attempt_id
LEFT JOIN busy ON busy.stage_id = candidates.stage_id AND busy.stage_attempt_id = candidates.stage_attempt_id
ORDER BY stage_id, stage_attempt_id
