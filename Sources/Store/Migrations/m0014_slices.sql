DROP TABLE collection_hold;
CREATE TABLE slice (
    entity_id     BIGINT NOT NULL,
    id            BIGINT NOT NULL,
    item_id       BIGINT NOT NULL,
    customer_id   BIGINT NOT NULL,
    kind          TEXT   NOT NULL CHECK (kind IN ('dispute', 'deduction', 'promise', 'instalment')),
    currency      TEXT   NOT NULL CHECK (length(currency) = 3),
    amount_minor  BIGINT NOT NULL CHECK (amount_minor > 0),
    open_minor    BIGINT NOT NULL,
    opened_on     TEXT   NOT NULL CHECK (length(opened_on) = 10),
    due_on        TEXT   CHECK (length(due_on) = 10),
    plan_id       BIGINT,
    reason_code   TEXT,
    customer_code TEXT,
    reason        TEXT   NOT NULL,
    role          TEXT   NOT NULL,
    PRIMARY KEY (entity_id, id),
    CONSTRAINT slice_open CHECK (open_minor BETWEEN 0 AND amount_minor),
    CONSTRAINT slice_day CHECK ((kind IN ('promise', 'instalment')) = (due_on IS NOT NULL)),
    CONSTRAINT slice_plan CHECK ((kind = 'instalment') = (plan_id IS NOT NULL)),
    CONSTRAINT slice_code CHECK ((kind = 'deduction') = (reason_code IS NOT NULL))
);
CREATE INDEX slice_item ON slice (entity_id, item_id);
CREATE INDEX slice_standing ON slice (entity_id, customer_id, id) WHERE open_minor <> 0;
CREATE TABLE slice_event (
    entity_id     BIGINT NOT NULL,
    id            BIGINT NOT NULL,
    slice_id      BIGINT NOT NULL,
    event         TEXT   NOT NULL CHECK (event IN ('settled', 'written_off', 'released', 'broken', 'reopened')),
    amount_minor  BIGINT NOT NULL CHECK (amount_minor > 0),
    happened_on   TEXT   NOT NULL CHECK (length(happened_on) = 10),
    allocation_id BIGINT,
    reason        TEXT   NOT NULL,
    role          TEXT   NOT NULL,
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX slice_event_slice ON slice_event (entity_id, slice_id);
CREATE INDEX slice_event_allocation ON slice_event (entity_id, allocation_id) WHERE allocation_id IS NOT NULL;
CREATE TABLE deduction_code (
    entity_id     BIGINT NOT NULL,
    customer_id   BIGINT NOT NULL,
    customer_code TEXT   NOT NULL,
    reason_code   TEXT   NOT NULL,
    PRIMARY KEY (entity_id, customer_id, customer_code)
);
CREATE TABLE receipt_inquiry (
    entity_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    receipt_id  BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    asked_on    TEXT   NOT NULL CHECK (length(asked_on) = 10),
    answer_by   TEXT   NOT NULL CHECK (length(answer_by) = 10),
    question    TEXT   NOT NULL,
    role        TEXT   NOT NULL,
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX receipt_inquiry_receipt ON receipt_inquiry (entity_id, receipt_id);
ALTER TABLE book ADD COLUMN slice_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cash_queue ADD COLUMN weight BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cash_queue ADD COLUMN asked_until TEXT;
DROP INDEX cash_queue_amount;
CREATE INDEX cash_queue_weight ON cash_queue (entity_id, weight, receipt_id);
INSERT INTO account (entity_id, code, name, kind, control) SELECT entity_id, '2150', 'Receipts to return', 'liability', 0 FROM entity
