-- File scans on S3 in the final plans of an application, each with the stage attempts that ran it.
-- Parameters: app_id, attempt_id String.
-- Result: execution_id Int64; location, format, read_schema String; files, size_bytes, output_rows, partitions Int64; stages Array(Array(Int32)), [stage_id,
--   stage_attempt_id] of those that reported a metric of the scan. One row a scan, a cached one once; the 2,000 largest at most.
WITH
  scans AS (
    SELECT execution_id, node_id, location, format, read_schema, files, size_bytes, output_rows, partitions
    FROM file_scans
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND match(location, '(?i)\\bs3[an]?:/')
    ORDER BY execution_id, node_id
    LIMIT 1 BY files_accumulator_id
  ),
  ran AS (
    SELECT
      nodes.execution_id                                                AS execution_id,
      nodes.node_id                                                     AS node_id,
      groupUniqArray([reported.stage_id, reported.stage_attempt_id])    AS stages
    FROM (
      SELECT execution_id, node_id, arrayJoin(accumulator_ids) AS accumulator_id
      FROM final_plan_nodes
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND (startsWith(name, 'Scan ') OR startsWith(name, 'BatchScan'))
    ) AS nodes
    INNER JOIN (
      SELECT accumulator_id, stage_id, stage_attempt_id
      FROM sql_metric_values FINAL
      WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND source = 'stage'
    ) AS reported ON reported.accumulator_id = nodes.accumulator_id
    GROUP BY execution_id, node_id
  )
SELECT
  scans.execution_id                             AS execution_id,
  scans.location                                 AS location,
  scans.format                                   AS format,
  scans.read_schema                              AS read_schema,
  scans.files                                    AS files,
  scans.size_bytes                               AS size_bytes,
  scans.output_rows                              AS output_rows,
  scans.partitions                               AS partitions,
  ran.stages                                     AS stages
FROM scans
LEFT JOIN ran ON ran.execution_id = scans.execution_id AND ran.node_id = scans.node_id
ORDER BY size_bytes DESC, execution_id, scans.node_id
LIMIT 2000
