-- Who may send and read. The secret itself is nowhere: token_hash is the SHA-256 of it.
CREATE TABLE IF NOT EXISTS access_tokens {on_cluster} (
  token_id   String,                               -- for people: names a token without giving it away
  token_hash FixedString(64),                      -- hexadecimal
  name       String,
  scopes     Array(String),                        -- ingest, read, admin
  owner_team String,                               -- '' for all teams
  origin     LowCardinality(String),               -- created, or first_run: made by the server for its own machine
  created_at DateTime64(3, 'UTC'),
  revoked    Bool,
  changed_at DateTime64(3, 'UTC')                  -- the row of the last change counts; a revocation is never taken back
) ENGINE = {replacing:changed_at}
ORDER BY token_id
{table_settings};
