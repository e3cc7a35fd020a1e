ALTER TABLE hand_run ADD COLUMN leased_until BIGINT NOT NULL DEFAULT 0;
CREATE INDEX hand_run_running ON hand_run (entity_id, id) WHERE state = 'running';
