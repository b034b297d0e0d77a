-- The S3 buckets that the SQL plans of an application name.
-- Parameters: app_id String, attempt_id String. Result: buckets Array(String), sorted. One row always.
SELECT arraySort(groupUniqArrayArray(extractAll(concat(simple_string, ' ', arrayStringConcat(mapValues(metadata), ' ')), 's3[an]?://([a-z0-9][a-z0-9.-]*)'))) AS buckets
FROM sql_plan_nodes
WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
