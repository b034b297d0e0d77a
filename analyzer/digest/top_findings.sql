-- A team's faults of one week, each once over all its runs, dearest first.
-- Parameters: team String; from_ms, until_ms Int64: Unix ms, until exclusive.
-- Result: the fault as it was in its dearest run; runs; sums of savings in US dollars and core-seconds. One row a fault.
SELECT
  rule_code,
  toString(max(severity))                          AS highest_severity,
  pipeline,
  argMax(title, (ifNull(saving_high_usd, 0), app_id))  AS dearest_title,
  argMax(app_id, (ifNull(saving_high_usd, 0), app_id)) AS dearest_app_id,
  argMax(change, (ifNull(saving_high_usd, 0), app_id)) AS dearest_change,
  uniqExact(app_id, attempt_id)                    AS runs,
  sum(ifNull(saving_low_usd, 0))                   AS total_low_usd,
  sum(ifNull(saving_high_usd, 0))                  AS total_high_usd,
  sum(ifNull(saving_low_core_s, 0))                AS total_low_core_s,
  sum(ifNull(saving_high_core_s, 0))               AS total_high_core_s
FROM current_findings
WHERE team = {team:String}
  AND application_started_at >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND application_started_at < fromUnixTimestamp64Milli({until_ms:Int64}, 'UTC')
GROUP BY fingerprint, rule_code, pipeline
HAVING max(severity) > 'info'
ORDER BY total_high_usd DESC, max(severity) DESC, rule_code, pipeline
