CREATE TABLE remittance_advice (
    entity_id         BIGINT NOT NULL,
    id                BIGINT NOT NULL,
    file_digest       TEXT   NOT NULL,
    position          BIGINT NOT NULL,
    reader            TEXT   NOT NULL,
    reader_version    BIGINT NOT NULL CHECK (reader_version > 0),
    format            TEXT   NOT NULL,
    payer_name        TEXT,
    payer_identifiers TEXT   NOT NULL,
    payment_reference TEXT,
    paid_on           TEXT   CHECK (length(paid_on) = 10),
    currency          TEXT   NOT NULL CHECK (length(currency) = 3),
    total_minor       BIGINT,
    citations         TEXT   NOT NULL,
    findings          TEXT   NOT NULL,
    PRIMARY KEY (entity_id, id),
    CONSTRAINT remittance_advice_once UNIQUE (entity_id, file_digest, position, reader, reader_version)
);
CREATE TABLE remittance_line (
    entity_id         BIGINT NOT NULL,
    advice_id         BIGINT NOT NULL,
    line              BIGINT NOT NULL,
    document          TEXT   NOT NULL,
    kind              TEXT   NOT NULL CHECK (kind IN ('invoice', 'credit_note', 'debit_note', 'order', 'other')),
    issued_on         TEXT   CHECK (length(issued_on) = 10),
    also_known_as     TEXT   NOT NULL,
    currency          TEXT   NOT NULL CHECK (length(currency) = 3),
    gross_minor       BIGINT,
    discount_minor    BIGINT,
    deduction_minor   BIGINT,
    deduction_reasons TEXT   NOT NULL,
    paid_minor        BIGINT,
    citations         TEXT   NOT NULL,
    PRIMARY KEY (entity_id, advice_id, line)
);
CREATE TABLE remittance_link (
    entity_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    advice_id  BIGINT NOT NULL,
    receipt_id BIGINT NOT NULL,
    rule       TEXT   NOT NULL CHECK (rule IN ('reference', 'payer')),
    PRIMARY KEY (entity_id, id),
    CONSTRAINT remittance_link_once UNIQUE (entity_id, advice_id)
);
CREATE INDEX remittance_link_receipt ON remittance_link (entity_id, receipt_id);
