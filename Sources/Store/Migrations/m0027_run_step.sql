ALTER TABLE job ADD COLUMN started_at BIGINT;
ALTER TABLE job ADD COLUMN ended_at BIGINT;
CREATE TABLE run_step (
    entity_id  BIGINT NOT NULL,
    run_id     BIGINT NOT NULL,
    line       BIGINT NOT NULL,
    step       TEXT   NOT NULL CHECK (step IN ('billing', 'cash', 'dunning', 'figures', 'proof')),
    started_at BIGINT NOT NULL,
    ended_at   BIGINT,
    state      TEXT   NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    report     TEXT,
    PRIMARY KEY (entity_id, run_id, line),
    CONSTRAINT run_step_ended CHECK ((state = 'running') = (ended_at IS NULL))
);
