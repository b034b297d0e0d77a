-- Every token, oldest first.
-- Result: the columns of a Token. One row a token, tens.
SELECT
  token_id,
  toString(token_hash) AS token_hash,
  name,
  scopes,
  owner_team           AS team,
  origin,
  created_at,
  revoked
FROM access_tokens FINAL
ORDER BY created_at, token_id
