-- Attempts of an application, the latest first.
-- Parameters: app_id String.
-- Result: attempt_id. One row an attempt.
SELECT
  received.attempt_id AS attempt_id
FROM (SELECT attempt_id, min(received_at) AS first_received_at FROM ingest_batches WHERE app_id = {app_id:String} GROUP BY attempt_id) AS received
LEFT JOIN (SELECT attempt_id, started_at FROM application_runs WHERE app_id = {app_id:String}) AS runs
  ON runs.attempt_id = received.attempt_id
ORDER BY
  ifNull(runs.started_at, received.first_received_at) DESC,
  toUInt32OrZero(received.attempt_id) DESC,
  attempt_id DESC
