-- Sums over a team's applications, one row a week that had any.
-- Parameters: team String; from_ms, until_ms Int64: Unix ms, Mondays 00:00 UTC, until exclusive.
-- Result: week_start_ms Int64; counts; *_usd US dollars; *_core_s core-seconds; price_book of the latest analysis. At most five rows.
SELECT
  toUnixTimestamp64Milli(toDateTime64(toMonday(started_at, 'UTC'), 3, 'UTC')) AS week_start_ms,
  count()                          AS applications,
  uniqExact(pipeline)              AS pipelines,
  sum(cost_low_usd)                AS total_cost_low_usd,
  sum(cost_usd)                    AS total_cost_usd,
  sum(cost_high_usd)               AS total_cost_high_usd,
  sum(allocated_core_ms) / 1000    AS allocated_core_s,
  sum(busy_core_ms) / 1000         AS busy_core_s,
  sum(waste_low_usd)               AS saving_low_usd,
  sum(waste_high_usd)              AS saving_high_usd,
  countIf(NOT ended)               AS without_end,
  countIf(NOT ended AND NOT closed_by_timeout) AS going_on,
  sum(dropped_events + bad_lines)  AS lost_events,
  argMax(price_book, analysed_at)  AS latest_price_book
FROM application_profiles FINAL
WHERE team = {team:String}
  AND started_at >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND started_at < fromUnixTimestamp64Milli({until_ms:Int64}, 'UTC')
GROUP BY week_start_ms
ORDER BY week_start_ms
