-- Findings of one application attempt's last analysis, most severe first, then by saving.
-- Parameters: app_id, attempt_id String.
-- Result: the columns of findings, the severity by name. Rows: as many faults as rules found, tens.
SELECT
  app_id,
  attempt_id,
  rule_code,
  fingerprint,
  category,
  toString(severity) AS severity_name,
  subject,
  title,
  team,
  pipeline,
  application_started_at,
  stage_id,
  stage_attempt_id,
  sql_execution_id,
  causes,
  occurrences,
  evidence,
  change,
  saving_low_core_s,
  saving_high_core_s,
  saving_low_usd,
  saving_high_usd,
  saving_basis,
  share,
  completeness,
  price_book,
  thresholds,
  analysed_at
FROM current_findings
WHERE app_id = {app_id:String}
  AND attempt_id = {attempt_id:String}
ORDER BY severity DESC, ifNull(saving_high_usd, 0) DESC, rule_code, fingerprint
