ALTER TABLE outbox RENAME TO former_outbox;
DROP INDEX outbox_waiting;
CREATE TABLE outbox (
    entity_id    BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    topic        TEXT   NOT NULL,
    message_key  TEXT   NOT NULL,
    recipient    TEXT   NOT NULL,
    payload      TEXT   NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('waiting', 'sent', 'dead', 'settled')),
    attempts     BIGINT NOT NULL,
    next_at      BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    last_error   TEXT,
    PRIMARY KEY (entity_id, id)
);
INSERT INTO outbox (entity_id, id, topic, message_key, recipient, payload, state, attempts, next_at, leased_until, last_error)
SELECT entity_id, id, topic, message_key, recipient, payload, state, attempts, next_at, leased_until, last_error FROM former_outbox;
DROP TABLE former_outbox;
CREATE INDEX outbox_waiting ON outbox (entity_id, next_at) WHERE state = 'waiting';
CREATE INDEX outbox_dead ON outbox (entity_id, id) WHERE state = 'dead';
CREATE INDEX statement_sent_message ON statement_sent (entity_id, message_id);
CREATE TABLE outbox_event (
    entity_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    message_id  BIGINT NOT NULL,
    event       TEXT   NOT NULL CHECK (event IN ('sent_again', 'settled')),
    recipient   TEXT   NOT NULL,
    sent_to     TEXT,
    happened_on TEXT   NOT NULL CHECK (length(happened_on) = 10),
    role        TEXT   NOT NULL,
    reason      TEXT,
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX outbox_event_message ON outbox_event (entity_id, message_id, id)
