CREATE TABLE cash_policy_text (
    entity_id              BIGINT NOT NULL,
    id                     BIGINT NOT NULL,
    policy                 TEXT   NOT NULL,
    bank_charge_hundredths BIGINT NOT NULL CHECK (bank_charge_hundredths >= 0),
    PRIMARY KEY (entity_id, id)
)
