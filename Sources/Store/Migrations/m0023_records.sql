CREATE TABLE record_check (
    entity_id BIGINT NOT NULL,
    id        BIGINT NOT NULL,
    subject   TEXT   NOT NULL,
    checks    BYTEA  NOT NULL,
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX record_check_subject ON record_check (entity_id, subject, id)
