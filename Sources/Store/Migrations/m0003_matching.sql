ALTER TABLE application ADD COLUMN certificate TEXT;
CREATE TABLE cash_discount (
    entity_id      BIGINT NOT NULL,
    item_id        BIGINT NOT NULL,
    until_on       TEXT   NOT NULL CHECK (length(until_on) = 10),
    currency       TEXT   NOT NULL CHECK (length(currency) = 3),
    discount_minor BIGINT NOT NULL CHECK (discount_minor > 0),
    PRIMARY KEY (entity_id, item_id)
);
CREATE TABLE item_reference (
    entity_id     BIGINT NOT NULL,
    reference_key TEXT   NOT NULL,
    item_id       BIGINT NOT NULL,
    reference     TEXT   NOT NULL,
    PRIMARY KEY (entity_id, reference_key, item_id)
);
CREATE TABLE payer_sighting (
    entity_id     BIGINT NOT NULL,
    kind          TEXT   NOT NULL CHECK (kind IN ('iban', 'name')),
    value         TEXT   NOT NULL,
    customer_id   BIGINT NOT NULL,
    receipt_count BIGINT NOT NULL CHECK (receipt_count > 0),
    last_receipt  BIGINT NOT NULL,
    PRIMARY KEY (entity_id, kind, value, customer_id)
);
CREATE TABLE identity_revocation (
    entity_id   BIGINT NOT NULL,
    kind        TEXT   NOT NULL CHECK (kind IN ('iban', 'name')),
    value       TEXT   NOT NULL,
    customer_id BIGINT NOT NULL,
    revoked_on  TEXT   NOT NULL CHECK (length(revoked_on) = 10),
    role        TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    PRIMARY KEY (entity_id, kind, value, customer_id)
);
