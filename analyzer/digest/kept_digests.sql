-- Every digest that is kept, newest week first.
-- Parameters: team String, '' for all teams; rows UInt32.
-- Result: content, JSON of the digest model; created_at. At most `rows` rows.
SELECT
  content,
  created_at
FROM digests FINAL
WHERE {team:String} = '' OR team = {team:String}
ORDER BY period_start DESC, team
LIMIT {rows:UInt32}
