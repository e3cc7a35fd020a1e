CREATE INDEX customer_name ON customer (entity_id, lower(name), id);
CREATE INDEX customer_word ON customer (entity_id, name, id);
CREATE INDEX open_item_amount ON open_item (entity_id, amount_minor, id) WHERE open_minor <> 0;
CREATE INDEX open_item_due ON open_item (entity_id, due_on, id) WHERE open_minor <> 0;
CREATE TABLE figure_day (
    entity_id     BIGINT NOT NULL,
    currency      TEXT   NOT NULL CHECK (length(currency) = 3),
    figure_on     TEXT   NOT NULL CHECK (length(figure_on) = 10),
    period_days   BIGINT NOT NULL CHECK (period_days > 0),
    opening_minor BIGINT NOT NULL,
    sales_minor   BIGINT NOT NULL,
    closing_minor BIGINT NOT NULL,
    current_minor BIGINT NOT NULL,
    PRIMARY KEY (entity_id, currency, figure_on)
);
CREATE TABLE statement_sent (
    entity_id   BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    as_of       TEXT   NOT NULL CHECK (length(as_of) = 10),
    sent_at     BIGINT NOT NULL,
    PRIMARY KEY (entity_id, customer_id, as_of)
);
ALTER TABLE cash_queue ADD COLUMN amount_minor BIGINT;
UPDATE cash_queue SET amount_minor = (SELECT r.amount_minor FROM receipt r WHERE r.entity_id = cash_queue.entity_id AND r.id = cash_queue.receipt_id);
CREATE INDEX cash_queue_amount ON cash_queue (entity_id, amount_minor, receipt_id);
