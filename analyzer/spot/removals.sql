-- Reclaims and instance-hours of Spot capacity in the whole store: executors on one host that went within a minute of each other are one
-- reclaim.
-- An application counts where a node selector of its configuration asks for Spot, or where a reclaim was seen in it.
-- Parameters: app_id, attempt_id String (of the application in question, which always counts in `own_…`).
-- Result: reclaims UInt64, host_hours Float64, applications UInt64; own_reclaims UInt64, own_hosts UInt64. One row.
WITH
  lives AS (
    SELECT
      app_id,
      attempt_id,
      executor_id,
      if(host = '', executor_id, host)                                                           AS node,
      toUnixTimestamp64Milli(assumeNotNull(added_at))                                            AS added_ms,
      if(removed_at IS NULL, 0, toUnixTimestamp64Milli(assumeNotNull(removed_at)))               AS removed_ms,
      removed_at IS NOT NULL
        AND match(lower(removed_reason), 'spot|decommission|lost node|node lost|preempt|instance termination')
        AND NOT match(lower(removed_reason), 'scale down|idle|killed by driver')                 AS reclaimed
    FROM executor_lifetimes
    WHERE added_at IS NOT NULL AND executor_id != 'driver'
  ),
  marked AS (
    SELECT app_id, attempt_id
    FROM environment FINAL
    WHERE section = 'spark' AND match(lower(key), 'node\\.selector.*(capacity-?type)') AND lower(value) = 'spot'
    GROUP BY app_id, attempt_id
  ),
  ends AS (
    -- The last event where the end was not seen: executors lived as long at least.
    SELECT app_id, attempt_id, toUnixTimestamp64Milli(max(time)) AS ended_ms
    FROM (
      SELECT app_id, attempt_id, time FROM applications
      UNION ALL
      SELECT app_id, attempt_id, time FROM executors
      UNION ALL
      SELECT app_id, attempt_id, time FROM jobs
    )
    GROUP BY app_id, attempt_id
  ),
  nodes AS (
    SELECT
      lives.app_id                                                                               AS app_id,
      lives.attempt_id                                                                           AS attempt_id,
      node,
      min(added_ms)                                                                              AS from_ms,
      max(if(removed_ms > 0, removed_ms, greatest(ends.ended_ms, added_ms)))                     AS to_ms,
      arraySort(groupArrayIf(removed_ms, reclaimed))                                             AS reclaimed_ms,
      length(reclaimed_ms) > 0 ? 1 + arrayCount(gap -> gap > 60000, arrayDifference(reclaimed_ms)) : 0 AS node_reclaims
    FROM lives
    LEFT JOIN ends ON ends.app_id = lives.app_id AND ends.attempt_id = lives.attempt_id
    GROUP BY app_id, attempt_id, node
  ),
  runs AS (
    SELECT
      app_id,
      attempt_id,
      sum(node_reclaims)                                                                         AS run_reclaims,
      sum(to_ms - from_ms) / 3600000                                                             AS run_hours,
      count()                                                                                    AS run_nodes
    FROM nodes
    GROUP BY app_id, attempt_id
  )
SELECT
  sumIf(run_reclaims, counts)                                                                    AS reclaims,
  sumIf(run_hours, counts)                                                                       AS host_hours,
  countIf(counts)                                                                                AS applications,
  sumIf(run_reclaims, own)                                                                       AS own_reclaims,
  sumIf(run_nodes, own)                                                                          AS own_hosts
FROM (
  SELECT
    run_reclaims,
    run_hours,
    run_nodes,
    run_reclaims > 0 OR (app_id, attempt_id) IN (SELECT app_id, attempt_id FROM marked)          AS counts,
    app_id = {app_id:String} AND attempt_id = {attempt_id:String}                                AS own
  FROM runs
)
