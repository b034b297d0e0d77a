-- Stage attempts whose longest task stands out, with their successful tasks and the slots of that time.
-- Parameters: app_id, attempt_id String; task_cpus, allocated_core_ms Float64 (of the application); min_tasks, min_tail_ms, min_ratio,
--   min_single_ratio, min_recoverable_share Float64.
-- Result: stage_id, stage_attempt_id; stage_name; sql_execution_id (-1 for none); window_ms (first launch to last finish); cores_alive_ms (cores times ms
--   that executors were alive within the window); busy_ms (task time of all stages within the window);
--   arrays of one element a task, in one order that is none: launches_ms (Unix ms), task_ids, durations_ms, gc_ms, fetch_wait_ms, input_bytes,
--   shuffle_bytes, records, spilled_bytes, hosts (a number for each), first_on_slot (0 or 1: among the first tasks of its executor, as many as
--   that has cores).
--   20 rows at most: of the stages that pass, the ten with most task time and the ten with the longest tails; of these, those in whose
--   window cores stood idle for long enough to matter.
-- What is in brackets is worked out once, however often it is read.
WITH
  (
    SELECT groupArray((stage_id, stage_attempt_id, name, sql_execution_id, window_start_ms, window_end_ms))
    FROM (
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
    )
    -- A long tail on many idle cores costs much, however little its stage ran in all.
    WHERE nth_by_time <= 10 OR nth_by_tail <= 10
  ) AS uneven,
  candidates AS (
    SELECT
      stage.1 AS stage_id,
      stage.2 AS stage_attempt_id,
      stage.3 AS name,
      stage.4 AS sql_execution_id,
      stage.5 AS window_start_ms,
      stage.6 AS window_end_ms
    FROM (SELECT arrayJoin(uneven) AS stage)
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
  alive AS (
    SELECT
      candidates.stage_id         AS stage_id,
      candidates.stage_attempt_id AS stage_attempt_id,
      sum(lives.total_cores * greatest(0, least(lives.removed_ms, window_end_ms) - greatest(lives.added_ms, window_start_ms))) AS cores_alive_ms
    FROM candidates
    CROSS JOIN lives
    GROUP BY stage_id, stage_attempt_id
  ),
  -- Each candidate beside the stage attempts, itself among them, that had tasks in its window.
  beside AS (
    SELECT
      candidates.stage_id         AS stage_id,
      candidates.stage_attempt_id AS stage_attempt_id,
      window_start_ms,
      window_end_ms,
      others.stage_id             AS other_id,
      others.stage_attempt_id     AS other_attempt_id,
      others.duration_ms          AS other_ms,
      others.first_ms >= window_start_ms AND others.last_ms <= window_end_ms AS whole
    FROM candidates
    CROSS JOIN (
      SELECT
        stage_id,
        stage_attempt_id,
        duration_ms,
        toUnixTimestamp64Milli(assumeNotNull(first_launch_time)) AS first_ms,
        toUnixTimestamp64Milli(assumeNotNull(last_finish_time))  AS last_ms
      FROM stage_profiles FINAL
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND task_ends > 0
    ) AS others
    WHERE others.first_ms <= window_end_ms AND others.last_ms >= window_start_ms
  ),
  -- Tasks need a look only where a window cuts their stage.
  busy AS (
    SELECT
      stage_id,
      stage_attempt_id,
      sum(part_ms) AS busy_ms
    FROM (
      SELECT stage_id, stage_attempt_id, toInt64(other_ms) AS part_ms
      FROM beside
      WHERE whole
      UNION ALL
      SELECT
        cut.stage_id         AS stage_id,
        cut.stage_attempt_id AS stage_attempt_id,
        greatest(0, least(ends.launch_ms + toInt64(ends.duration_ms), window_end_ms) - greatest(ends.launch_ms, window_start_ms)) AS part_ms
      FROM (
        SELECT stage_id, stage_attempt_id, toUnixTimestamp64Milli(launch_time) AS launch_ms, duration_ms
        FROM tasks FINAL
        WHERE app_id = {app_id:String}
          AND attempt_id = {attempt_id:String}
          AND (stage_id, stage_attempt_id) IN (SELECT other_id, other_attempt_id FROM beside WHERE NOT whole)
      ) AS ends
      INNER JOIN (SELECT * FROM beside WHERE NOT whole) AS cut
        ON cut.other_id = ends.stage_id AND cut.other_attempt_id = ends.stage_attempt_id
    )
    GROUP BY stage_id, stage_attempt_id
  ),
  -- Cores that stood idle bound what can be saved; a core-ms is left for rounding. Without a known life the cores are not known.
  (
    SELECT groupArray((
      candidates.stage_id,
      candidates.stage_attempt_id,
      candidates.name,
      candidates.sql_execution_id,
      window_end_ms - window_start_ms,
      alive.cores_alive_ms,
      busy.busy_ms
    ))
    FROM candidates
    LEFT JOIN alive ON alive.stage_id = candidates.stage_id AND alive.stage_attempt_id = candidates.stage_attempt_id
    LEFT JOIN busy ON busy.stage_id = candidates.stage_id AND busy.stage_attempt_id = candidates.stage_attempt_id
    WHERE alive.cores_alive_ms <= 0
      OR alive.cores_alive_ms - busy.busy_ms * {task_cpus:Float64} + 1 >= {min_recoverable_share:Float64} * {allocated_core_ms:Float64}
  ) AS idle_enough,
  worth AS (
    SELECT
      stage.1 AS stage_id,
      stage.2 AS stage_attempt_id,
      stage.3 AS name,
      stage.4 AS sql_execution_id,
      stage.5 AS window_ms,
      stage.6 AS cores_alive_ms,
      stage.7 AS busy_ms
    FROM (SELECT arrayJoin(idle_enough) AS stage)
  ),
  firsts AS (
    SELECT arrayJoin(arrayMap(t -> tupleElement(t, 2), arraySlice(arrayPartialSort(slots, launched), 1, slots))) AS task_id
    FROM (
      SELECT
        greatest(1, any(lives.total_cores))     AS slots,
        groupArray((launch_time, ends.task_id)) AS launched
      FROM (
        SELECT executor_id, launch_time, task_id
        FROM tasks FINAL
        WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND notEmpty(idle_enough)
      ) AS ends
      LEFT JOIN lives ON lives.executor_id = ends.executor_id
      GROUP BY ends.executor_id
    )
  ),
  listed AS (
    SELECT
      stage_id,
      stage_attempt_id,
      groupArray(toUnixTimestamp64Milli(launch_time))                               AS launches_ms,
      groupArray(task_id)                                                           AS task_ids,
      groupArray(duration_ms)                                                       AS durations_ms,
      groupArray(jvm_gc_time_ms)                                                    AS gc_ms,
      groupArray(shuffle_fetch_wait_time_ms)                                        AS fetch_wait_ms,
      groupArray(input_bytes_read)                                                  AS input_bytes,
      groupArray(shuffle_remote_bytes_read + shuffle_local_bytes_read)              AS shuffle_bytes,
      groupArray(input_records_read + shuffle_records_read)                         AS records,
      groupArray(disk_bytes_spilled)                                                AS spilled_bytes,
      groupArray(cityHash64(host))                                                  AS hosts,
      groupArray(toUInt8(task_id IN (SELECT task_id FROM firsts)))                  AS first_on_slot
    FROM tasks FINAL
    WHERE app_id = {app_id:String}
      AND attempt_id = {attempt_id:String}
      AND status = 'succeeded'
      AND (stage_id, stage_attempt_id) IN (SELECT stage_id, stage_attempt_id FROM worth)
    GROUP BY stage_id, stage_attempt_id
  )
SELECT
  worth.stage_id                             AS stage_id,
  worth.stage_attempt_id                     AS stage_attempt_id,
  worth.name                                 AS stage_name,
  worth.sql_execution_id                     AS sql_execution_id,
  worth.window_ms                            AS window_ms,
  worth.cores_alive_ms                       AS cores_alive_ms,
  worth.busy_ms                              AS busy_ms,
  listed.launches_ms                         AS launches_ms,
  listed.task_ids                            AS task_ids,
  listed.durations_ms                        AS durations_ms,
  listed.gc_ms                               AS gc_ms,
  listed.fetch_wait_ms                       AS fetch_wait_ms,
  listed.input_bytes                         AS input_bytes,
  listed.shuffle_bytes                       AS shuffle_bytes,
  listed.records                             AS records,
  listed.spilled_bytes                       AS spilled_bytes,
  listed.hosts                               AS hosts,
  listed.first_on_slot                       AS first_on_slot
FROM worth
INNER JOIN listed ON listed.stage_id = worth.stage_id AND listed.stage_attempt_id = worth.stage_attempt_id
ORDER BY stage_id, stage_attempt_id
