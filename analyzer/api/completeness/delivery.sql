-- How an application's events came in, by the way they came.
-- Parameters: app_id, attempt_id String.
-- Result: source String; batches, events, bad_lines, unknown_events, dropped_events, cut_off UInt64; first_error String; last_seq, missing UInt64 (of
--   numbered batches); seqs Array(UInt64) (sorted, 100,000 at most); first_received_at, last_received_at DateTime64. One row a source.
SELECT
  toString(source)                                   AS source,
  count()                                            AS batches,
  sum(events)                                        AS events,
  sum(bad_lines)                                     AS bad_lines,
  sum(unknown_events)                                AS unknown_events,
  max(dropped_events)                                AS dropped_events,
  countIf(NOT complete)                              AS cut_off,
  anyIf(first_error, first_error != '')              AS first_error,
  max(seq)                                           AS last_seq,
  max(seq) - uniqExactIf(seq, seq > 0)               AS missing,
  arraySort(groupUniqArrayIf(100000)(seq, seq > 0))  AS seqs,
  min(received_at)                                   AS first_received_at,
  max(received_at)                                   AS last_received_at
FROM ingest_batches FINAL
WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
GROUP BY source
ORDER BY source
