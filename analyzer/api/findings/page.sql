-- One page of findings across applications, most severe first, then by saving.
-- Parameters: team, pipeline, rule String ('' for any); least_severity Int8; since_ms, until_ms Int64: start of the application, Unix ms, until exclusive;
--   after_severity Int64, after_usd Float64, after_app, after_attempt, after_rule, after_fingerprint String: sort key of the last row of the page before;
--   rows UInt32.
-- Result: the columns of findings, the severity by name, and the sort key's saving_usd. At most `rows` rows.
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
  analysed_at,
  toInt8(severity)           AS severity_rank,
  ifNull(saving_high_usd, 0) AS saving_usd
FROM current_findings
WHERE application_started_at >= fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC')
  AND application_started_at < fromUnixTimestamp64Milli({until_ms:Int64}, 'UTC')
  AND ({team:String} = '' OR team = {team:String})
  AND ({pipeline:String} = '' OR pipeline = {pipeline:String})
  AND ({rule:String} = '' OR rule_code = {rule:String})
  AND severity_rank >= {least_severity:Int8}
  AND (-severity_rank, -saving_usd, toString(app_id), toString(attempt_id), toString(rule_code), fingerprint)
    > (-{after_severity:Int64}, -{after_usd:Float64}, {after_app:String}, {after_attempt:String}, {after_rule:String}, {after_fingerprint:String})
ORDER BY severity_rank DESC, saving_usd DESC, app_id, attempt_id, rule_code, fingerprint
LIMIT {rows:UInt32}
