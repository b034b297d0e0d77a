-- A team's pipelines by how far their cost moved from one week to the next.
-- Parameters: team String; from_ms, middle_ms, until_ms Int64: Unix ms of the three Mondays, until exclusive; rows UInt32.
-- Result: runs of the later week; cost of each week in US dollars, NULL where the pipeline did not run.
SELECT
  pipeline,
  countIf(later)                AS runs,
  sumIf(cost_usd, later)        AS now_usd,
  if(countIf(NOT later) > 0, sumIf(cost_usd, NOT later), NULL) AS before_usd
FROM (
  SELECT
    pipeline,
    cost_usd,
    started_at >= fromUnixTimestamp64Milli({middle_ms:Int64}, 'UTC') AS later
  FROM application_profiles FINAL
  WHERE team = {team:String}
    AND started_at >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND started_at < fromUnixTimestamp64Milli({until_ms:Int64}, 'UTC')
)
GROUP BY pipeline
ORDER BY abs(now_usd - ifNull(before_usd, 0)) DESC, pipeline
LIMIT {rows:UInt32}
