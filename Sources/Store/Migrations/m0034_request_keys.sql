ALTER TABLE idempotency RENAME TO clustered_idempotency;
CREATE TABLE idempotency (
    entity_id    BIGINT NOT NULL,
    route        TEXT   NOT NULL,
    request_key  TEXT   NOT NULL,
    body_digest  TEXT   NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('started', 'done')),
    status       BIGINT,
    body         TEXT,
    leased_until BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (entity_id, route, request_key)
) STRICT;
INSERT INTO idempotency (entity_id, route, request_key, body_digest, state, status, body, leased_until, created_at)
SELECT entity_id, route, request_key, body_digest, state, status, body, leased_until, created_at FROM clustered_idempotency;
DROP TABLE clustered_idempotency;
