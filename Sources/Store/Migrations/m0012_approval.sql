ALTER TABLE person ADD COLUMN totp_step BIGINT NOT NULL DEFAULT 0;
CREATE TABLE approval (
    entity_id    BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    act          TEXT   NOT NULL,
    fields       TEXT   NOT NULL,
    why          TEXT   NOT NULL,
    asked_by     BIGINT NOT NULL,
    asked_name   TEXT   NOT NULL,
    asked_at     BIGINT NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('waiting', 'approved', 'declined')),
    decided_by   BIGINT,
    decided_name TEXT,
    decided_at   BIGINT,
    PRIMARY KEY (entity_id, id),
    CONSTRAINT approval_decided CHECK ((state = 'waiting') = (decided_by IS NULL)),
    CONSTRAINT approval_two_people CHECK (decided_by <> asked_by)
);
CREATE INDEX approval_waiting ON approval (entity_id, id) WHERE state = 'waiting'
