-- Write commands to S3 in the final plans of an application.
-- Parameters: app_id, attempt_id String.
-- Result: execution_id Int64; target String (the path); files, size_bytes, partitions Int64 (0 where the command does not tell).
--   One row a command that wrote a file, the 2,000 largest at most.
SELECT
  nodes.execution_id                                                       AS execution_id,
  any(nodes.path)                                                          AS target,
  maxIf(totals.value, totals.name = 'number of written files')             AS files,
  maxIf(totals.value, totals.name IN ('written output', 'bytes of written output')) AS size_bytes,
  maxIf(totals.value, totals.name = 'number of dynamic part')              AS partitions
FROM (
  SELECT execution_id, node_id, extract(simple_string, '(?i)\\bs3[an]?://[^\\s,\\]]+') AS path, arrayJoin(accumulator_ids) AS accumulator_id
  FROM final_plan_nodes
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND startsWith(name, 'Execute ') AND path != ''
) AS nodes
INNER JOIN (
  SELECT execution_id, accumulator_id, name, value
  FROM sql_metric_totals
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
) AS totals ON totals.execution_id = nodes.execution_id AND totals.accumulator_id = nodes.accumulator_id
GROUP BY nodes.execution_id, nodes.node_id
HAVING files > 0
ORDER BY size_bytes DESC, execution_id, nodes.node_id
LIMIT 2000
