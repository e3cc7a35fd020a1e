CREATE TABLE discount_terms (
    entity_id    BIGINT NOT NULL,
    customer_id  BIGINT NOT NULL,
    basis_points BIGINT NOT NULL CHECK (basis_points BETWEEN 0 AND 9999),
    days         BIGINT NOT NULL CHECK (days BETWEEN 0 AND 365),
    PRIMARY KEY (entity_id, customer_id)
)
