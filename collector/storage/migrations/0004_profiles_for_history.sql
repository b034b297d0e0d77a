-- What pages and comparisons over many runs need without reading tasks, and how an application ended.

-- Distributions of the durations and shuffle reads of successful tasks, in forms that add up over stages and runs.
-- duration_ms_histogram: element i counts tasks of [2^(i-1), 2^i) ms, i from 1; the first holds those below 1 ms as well.
-- The states are DDSketches with a relative error of 1 %: read them with quantilesDDMerge(0.01, ...).
ALTER TABLE stage_profiles {on_cluster}
  ADD COLUMN IF NOT EXISTS duration_ms_histogram Array(UInt64) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS duration_ms_state AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), UInt64) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS shuffle_read_bytes_state AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), UInt64) CODEC(ZSTD(1));

-- closed_by_timeout: no end was seen and nothing came for as long as the settings allow. ended_at is then the last event's.
ALTER TABLE application_profiles {on_cluster}
  ADD COLUMN IF NOT EXISTS closed_by_timeout Bool,
  ADD COLUMN IF NOT EXISTS last_received_at DateTime64(3, 'UTC') CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS missing_batches UInt64 CODEC(T64, ZSTD(1));
