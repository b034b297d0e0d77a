-- The digest of one team and week as it was built last.
-- Parameters: team String; period_start String, a date such as 2026-11-16.
-- Result: content, JSON of the digest model. At most one row.
SELECT
  content
FROM digests FINAL
WHERE team = {team:String}
  AND period_start = toDate({period_start:String})
