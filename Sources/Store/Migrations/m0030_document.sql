CREATE TABLE discount_rate (
    entity_id    BIGINT NOT NULL,
    item_id      BIGINT NOT NULL,
    basis_points BIGINT NOT NULL CHECK (basis_points BETWEEN 1 AND 9999),
    PRIMARY KEY (entity_id, item_id)
);
CREATE TABLE party (
    entity_id    BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    customer_id  BIGINT,
    name         TEXT   NOT NULL,
    country      TEXT   NOT NULL CHECK (length(country) = 2),
    vat_number   TEXT,
    street       TEXT,
    postal_code  TEXT,
    city         TEXT,
    registration TEXT,
    iban         TEXT,
    bic          TEXT,
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX party_customer ON party (entity_id, customer_id, id)
