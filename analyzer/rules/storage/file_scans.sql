-- File scans of the final plans of an application, with the nearest filter above each.
-- Parameters: app_id, attempt_id String.
-- Result: execution_id, node_id; location, table_name (of a BatchScan, as of Iceberg, whose plan tells no location; '' for others), format, read_schema, partition_filters, pushed_filters, data_filters String; files, size_bytes,
--   output_rows, partitions, partitioned, metadata_ms as in file_scans; filters (the nearest Filter above the scan, at most six nodes up, '' for none), filtered_rows
--   Int64 (rows that it let through, -1 for none); scan_tasks, scan_task_ms, scan_run_ms, scan_wait_ms, scan_input_bytes, scan_passed_bytes
--   UInt64 (task ends, task time, run time, the part of it that is no CPU, garbage collection or fetch wait (all where no CPU time is reported), input, and shuffle
--   writes and output of the stages of that execution that read input). One row a scan, a cached one once; the 1,000 dearest at most, by size and 4 MiB a file (spark.sql.files.openCostInBytes).
WITH
  scans AS (
    SELECT *
    FROM file_scans
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
    ORDER BY execution_id, node_id
    LIMIT 1 BY files_accumulator_id
  ),
  nodes AS (
    SELECT
      plan.execution_id                          AS execution_id,
      plan.node_id                               AS node_id,
      any(plan.parent_id)                        AS parent_id,
      any(plan.simple_string)                    AS condition,
      any(plan.name) = 'Filter'                  AS is_filter,
      max(totals.value)                          AS rows_out
    FROM (
      SELECT execution_id, node_id, parent_id, name, simple_string, arrayJoin(emptyArrayToSingle(accumulator_ids)) AS accumulator_id
      FROM final_plan_nodes
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
    ) AS plan
    LEFT JOIN (
      SELECT execution_id, accumulator_id, value
      FROM sql_metric_totals
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND name = 'number of output rows'
    ) AS totals ON totals.execution_id = plan.execution_id AND totals.accumulator_id = plan.accumulator_id
    GROUP BY execution_id, node_id
  ),
  paths AS (
    SELECT
      scans.execution_id                         AS execution_id,
      scans.node_id                              AS node_id,
      any(scans.location)                        AS location,
      any(if(scans.location = '' AND startsWith(scans.name, 'BatchScan '), trim(substring(scans.name, 11)), '')) AS table_name,
      any(scans.format)                          AS format,
      any(scans.files)                           AS files,
      any(scans.size_bytes)                      AS size_bytes,
      any(scans.output_rows)                     AS output_rows,
      any(scans.partitions)                      AS partitions,
      any(scans.partitioned)                     AS partitioned,
      any(scans.partition_filters)               AS partition_filters,
      any(scans.pushed_filters)                  AS pushed_filters,
      any(scans.data_filters)                    AS data_filters,
      any(scans.read_schema)                     AS read_schema,
      any(scans.metadata_ms)                     AS metadata_ms,
      arraySort(groupArray((nodes.node_id, nodes.parent_id, nodes.is_filter, nodes.condition, nodes.rows_out))) AS before
    FROM scans
    INNER JOIN nodes ON nodes.execution_id = scans.execution_id
    WHERE nodes.node_id <= scans.node_id AND nodes.node_id + 6 >= scans.node_id
    GROUP BY execution_id, node_id
  ),
  stages AS (
    SELECT
      sql_execution_id,
      sum(task_ends)                             AS scan_tasks,
      sum(duration_ms)                           AS scan_task_ms,
      sum(run_time_ms)                           AS scan_run_ms,
      sum(if(
        cpu_time_ns = 0,
        toInt64(run_time_ms),
        greatest(0, toInt64(run_time_ms) - toInt64(intDiv(cpu_time_ns, 1000000)) - toInt64(gc_time_ms) - toInt64(fetch_wait_time_ms))
      ))                                         AS scan_wait_ms,
      sum(input_bytes)                           AS scan_input_bytes,
      sum(shuffle_write_bytes + output_bytes)    AS scan_passed_bytes
    FROM stage_profiles FINAL
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND (input_bytes > 0 OR input_records > 0)
    GROUP BY sql_execution_id
  )
SELECT
  paths.execution_id                             AS execution_id,
  paths.node_id                                  AS node_id,
  paths.location                                 AS location,
  paths.table_name                               AS table_name,
  paths.format                                   AS format,
  paths.files                                    AS files,
  paths.size_bytes                               AS size_bytes,
  paths.output_rows                              AS output_rows,
  paths.partitions                               AS partitions,
  paths.partitioned                              AS partitioned,
  paths.partition_filters                        AS partition_filters,
  paths.pushed_filters                           AS pushed_filters,
  paths.data_filters                             AS data_filters,
  paths.read_schema                              AS read_schema,
  paths.metadata_ms                              AS metadata_ms,
  -- Nodes are numbered depth first: a filter stands above a scan where no node after it, up to the scan, hangs further up.
  arrayFilter(f -> f.3 AND arrayAll(n -> n.1 <= f.1 OR n.2 >= f.1, paths.before), paths.before)[-1] AS nearest,
  nearest.4                                      AS filters,
  if(nearest.3, toInt64(nearest.5), -1)          AS filtered_rows,
  stages.scan_tasks                              AS scan_tasks,
  stages.scan_task_ms                            AS scan_task_ms,
  stages.scan_run_ms                             AS scan_run_ms,
  stages.scan_wait_ms                            AS scan_wait_ms,
  stages.scan_input_bytes                        AS scan_input_bytes,
  stages.scan_passed_bytes                       AS scan_passed_bytes
FROM paths
LEFT JOIN stages ON stages.sql_execution_id = paths.execution_id
ORDER BY size_bytes + files * 4194304 DESC, execution_id, node_id
LIMIT 1000
