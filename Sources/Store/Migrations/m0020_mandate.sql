CREATE TABLE receipt_mandate (
    entity_id  BIGINT NOT NULL,
    receipt_id BIGINT NOT NULL,
    mandate_id TEXT   NOT NULL,
    PRIMARY KEY (entity_id, receipt_id)
);
CREATE TABLE customer_identity_next (
    entity_id   BIGINT NOT NULL,
    kind        TEXT   NOT NULL CHECK (kind IN ('iban', 'name', 'mandate')),
    value       TEXT   NOT NULL,
    customer_id BIGINT NOT NULL,
    source      TEXT   NOT NULL,
    PRIMARY KEY (entity_id, kind, value, customer_id)
);
INSERT INTO customer_identity_next (entity_id, kind, value, customer_id, source)
SELECT entity_id, kind, value, customer_id, source FROM customer_identity;
DROP TABLE customer_identity;
ALTER TABLE customer_identity_next RENAME TO customer_identity;
CREATE INDEX customer_identity_customer ON customer_identity (entity_id, customer_id);
CREATE TABLE payer_sighting_next (
    entity_id     BIGINT NOT NULL,
    kind          TEXT   NOT NULL CHECK (kind IN ('iban', 'name', 'mandate')),
    value         TEXT   NOT NULL,
    customer_id   BIGINT NOT NULL,
    receipt_count BIGINT NOT NULL CHECK (receipt_count > 0),
    last_receipt  BIGINT NOT NULL,
    PRIMARY KEY (entity_id, kind, value, customer_id)
);
INSERT INTO payer_sighting_next (entity_id, kind, value, customer_id, receipt_count, last_receipt)
SELECT entity_id, kind, value, customer_id, receipt_count, last_receipt FROM payer_sighting;
DROP TABLE payer_sighting;
ALTER TABLE payer_sighting_next RENAME TO payer_sighting;
CREATE TABLE identity_revocation_next (
    entity_id   BIGINT NOT NULL,
    kind        TEXT   NOT NULL CHECK (kind IN ('iban', 'name', 'mandate')),
    value       TEXT   NOT NULL,
    customer_id BIGINT NOT NULL,
    revoked_on  TEXT   NOT NULL CHECK (length(revoked_on) = 10),
    role        TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    PRIMARY KEY (entity_id, kind, value, customer_id)
);
INSERT INTO identity_revocation_next (entity_id, kind, value, customer_id, revoked_on, role, reason)
SELECT entity_id, kind, value, customer_id, revoked_on, role, reason FROM identity_revocation;
DROP TABLE identity_revocation;
ALTER TABLE identity_revocation_next RENAME TO identity_revocation;
CREATE INDEX identity_revocation_customer ON identity_revocation (entity_id, customer_id)
