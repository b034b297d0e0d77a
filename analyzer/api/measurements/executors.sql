-- What each process used at most, and the machine that it ran on.
-- Parameters: app_id, attempt_id String; after_executor String: last id of the page before, '' to begin; rows UInt32.
-- Result: executor_id; samples (number); peaks in bytes; running totals at the end; place, '' where unknown. At most `rows` rows.
SELECT
  executor_id,
  sum(is_sample) AS samples,
  max(process_rss_bytes) AS peak_process_rss_bytes,
  max(child_rss_bytes) AS peak_child_rss_bytes,
  max(jvm_heap_used_bytes) AS peak_jvm_heap_used_bytes,
  max(jvm_heap_after_gc_bytes) AS peak_jvm_heap_after_gc_bytes,
  max(jvm_heap_max_bytes) AS jvm_heap_max_bytes,
  max(cgroup_working_set_bytes) AS peak_cgroup_working_set_bytes,
  max(cgroup_memory_limit_bytes) AS cgroup_memory_limit_bytes,
  max(cgroup_oom_kills) AS cgroup_oom_kills,
  max(cgroup_throttled_time_ns) AS cgroup_throttled_time_ns,
  max(process_cpu_time_ns) AS process_cpu_time_ns,
  max(gc_time_ms) AS gc_time_ms,
  max(provider) AS provider,
  max(instance_type) AS instance_type,
  max(zone) AS zone,
  max(life_cycle) AS life_cycle
FROM (
  SELECT
    executor_id, 1 AS is_sample,
    process_rss_bytes, child_rss_bytes, jvm_heap_used_bytes, jvm_heap_after_gc_bytes, jvm_heap_max_bytes,
    cgroup_working_set_bytes, cgroup_memory_limit_bytes, cgroup_oom_kills, cgroup_throttled_time_ns, process_cpu_time_ns, gc_time_ms,
    '' AS provider, '' AS instance_type, '' AS zone, '' AS life_cycle
  FROM executor_samples FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  UNION ALL
  SELECT
    executor_id, 0,
    0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0,
    toString(provider), toString(instance_type), toString(zone), toString(life_cycle)
  FROM executor_places FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
)
WHERE executor_id > {after_executor:String}
GROUP BY executor_id
ORDER BY executor_id
LIMIT {rows:UInt32}
