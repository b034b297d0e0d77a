-- Batches are many: a run that is sent live has one a second.

-- When data last came of each application, which every list of applications asks for.
ALTER TABLE ingest_batches {on_cluster} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

ALTER TABLE ingest_batches {on_cluster}
  ADD PROJECTION IF NOT EXISTS last_received (SELECT app_id, attempt_id, max(received_at) GROUP BY app_id, attempt_id);

ALTER TABLE ingest_batches {on_cluster} MATERIALIZE PROJECTION last_received;

-- Whether a log was imported before is asked by its content: only among logs, and not among all that was sent live.
ALTER TABLE ingest_batches {on_cluster} ADD INDEX IF NOT EXISTS sources source TYPE set(0) GRANULARITY 1;

ALTER TABLE ingest_batches {on_cluster} MATERIALIZE INDEX sources;
