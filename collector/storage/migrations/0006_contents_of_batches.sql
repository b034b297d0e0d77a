-- What a batch or an imported log was, beyond how many events it held.
ALTER TABLE ingest_batches {on_cluster}
  ADD COLUMN IF NOT EXISTS counted_events Map(LowCardinality(String), UInt64) CODEC(ZSTD(1)),  -- known events that no table holds, by name
  ADD COLUMN IF NOT EXISTS malformed_lines UInt64 CODEC(T64, ZSTD(1)),    -- of bad_lines: JSON, but not the event that it names
  ADD COLUMN IF NOT EXISTS last_line_cut Bool,                            -- the log ends inside a line
  ADD COLUMN IF NOT EXISTS stream_errors Array(String) CODEC(ZSTD(1)),    -- damage to a log's compressed parts
  ADD COLUMN IF NOT EXISTS codecs Map(LowCardinality(String), UInt64) CODEC(ZSTD(1)),          -- parts of a log by codec
  ADD COLUMN IF NOT EXISTS stored_bytes UInt64 CODEC(T64, ZSTD(1));       -- of a log as it lies, compressed
