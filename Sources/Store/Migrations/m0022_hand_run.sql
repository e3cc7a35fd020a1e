CREATE TABLE hand_run (
    entity_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    name        TEXT   NOT NULL,
    business_on TEXT   NOT NULL CHECK (length(business_on) = 10),
    started_by  TEXT   NOT NULL,
    started_at  BIGINT NOT NULL,
    ended_at    BIGINT,
    state       TEXT   NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    report      TEXT,
    PRIMARY KEY (entity_id, id),
    CONSTRAINT hand_run_ended CHECK ((state = 'running') = (ended_at IS NULL))
);
