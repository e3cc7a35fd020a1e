CREATE TABLE webhook (
    entity_id    BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    url          TEXT   NOT NULL,
    secret       TEXT   NOT NULL,
    through_id   BIGINT NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('active', 'paused', 'removed')),
    attempts     BIGINT NOT NULL,
    next_at      BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    last_error   TEXT,
    PRIMARY KEY (entity_id, id)
);
