CREATE TABLE habit_event (
    entity_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    habit       TEXT   NOT NULL CHECK (habit IN ('oldest_first', 'statement', 'nets_credits', 'rounds', 'late_discount')),
    outcome     TEXT   NOT NULL CHECK (outcome IN ('confirmed', 'contradicted', 'revoked')),
    receipt_id  BIGINT,
    happened_on TEXT   NOT NULL CHECK (length(happened_on) = 10),
    role        TEXT,
    reason      TEXT,
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX habit_event_customer ON habit_event (entity_id, customer_id, habit, id);
