-- What the fullest account of an application attempt held: all that its listener sent, all that was posted, or one log.
-- Parameters: app_id, attempt_id String.
-- Result: source String; events_total, bad_lines, malformed_events, body_bytes, stored_bytes UInt64; last_line_cut Bool;
--   counted_events, codecs Map(String, UInt64); stream_errors Array(String). At most one row.
SELECT
  toString(source)                           AS source,
  sum(events)                                AS events_total,
  sum(bad_lines)                             AS bad_lines,
  sum(malformed_lines)                       AS malformed_events,
  sum(body_bytes)                            AS body_bytes,
  sum(stored_bytes)                          AS stored_bytes,
  max(last_line_cut)                         AS last_line_cut,
  sumMap(counted_events)                     AS counted_events,
  any(codecs)                                AS codecs,
  any(stream_errors)                         AS stream_errors
FROM ingest_batches FINAL
WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
GROUP BY source, if(source = 'log', batch_id, '')
ORDER BY events_total DESC, bad_lines, source
LIMIT 1
