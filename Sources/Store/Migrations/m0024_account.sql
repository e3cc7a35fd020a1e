ALTER TABLE invitation ADD COLUMN person_id BIGINT
