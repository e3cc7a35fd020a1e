CREATE TABLE customer_version (
    entity_id             BIGINT NOT NULL,
    id                    BIGINT NOT NULL,
    customer_id           BIGINT NOT NULL,
    until_on              TEXT   NOT NULL CHECK (length(until_on) = 10),
    name                  TEXT   NOT NULL,
    email                 TEXT,
    country               TEXT   NOT NULL,
    vat_number            TEXT,
    parent_id             BIGINT,
    terms_days            BIGINT NOT NULL,
    credit_limit_minor    BIGINT,
    currency              TEXT   NOT NULL,
    billing               TEXT   NOT NULL,
    cash_policy           TEXT   NOT NULL,
    discount_basis_points BIGINT,
    discount_days         BIGINT,
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX customer_version_customer ON customer_version (entity_id, customer_id, id);
CREATE INDEX customer_version_name ON customer_version (entity_id, lower(name), customer_id);
CREATE TABLE identity_event (
    entity_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    kind        TEXT   NOT NULL CHECK (kind IN ('iban', 'name', 'mandate')),
    value       TEXT   NOT NULL,
    event       TEXT   NOT NULL CHECK (event IN ('known', 'revoked')),
    source      TEXT   NOT NULL,
    happened_on TEXT   NOT NULL CHECK (length(happened_on) = 10),
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX identity_event_customer ON identity_event (entity_id, customer_id, id);
CREATE INDEX identity_event_value ON identity_event (entity_id, value, id);
CREATE TABLE receipt_question (
    entity_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    receipt_id BIGINT NOT NULL,
    asked_on   TEXT   NOT NULL CHECK (length(asked_on) = 10),
    weight     BIGINT NOT NULL,
    reason     TEXT   NOT NULL,
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX receipt_question_receipt ON receipt_question (entity_id, receipt_id, id);
CREATE TABLE deduction_code_event (
    entity_id     BIGINT NOT NULL,
    id            BIGINT NOT NULL,
    customer_id   BIGINT NOT NULL,
    customer_code TEXT   NOT NULL,
    reason_code   TEXT   NOT NULL,
    before_code   TEXT,
    mapped_on     TEXT   NOT NULL CHECK (length(mapped_on) = 10),
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX deduction_code_event_code ON deduction_code_event (entity_id, customer_id, customer_code, id);
CREATE TABLE webhook_event (
    entity_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    webhook_id BIGINT NOT NULL,
    event      TEXT   NOT NULL CHECK (event IN ('removed', 'paused', 'replayed')),
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX webhook_event_webhook ON webhook_event (entity_id, webhook_id, id);
CREATE TABLE cash_policy (
    entity_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    in_force_on TEXT   NOT NULL CHECK (length(in_force_on) = 10),
    rules       TEXT   NOT NULL,
    notes       TEXT   NOT NULL,
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX audit_entry_day ON audit_entry (entity_id, happened_at, id)
