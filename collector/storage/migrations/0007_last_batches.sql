-- When data last came of each application, kept beside its batches, of which a run has one a second: every list of applications asks for it.
ALTER TABLE ingest_batches {on_cluster} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

ALTER TABLE ingest_batches {on_cluster}
  ADD PROJECTION IF NOT EXISTS last_received (SELECT app_id, attempt_id, max(received_at) GROUP BY app_id, attempt_id);

ALTER TABLE ingest_batches {on_cluster} MATERIALIZE PROJECTION last_received;
