ALTER TABLE api_key ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN home_entity_id BIGINT;
ALTER TABLE person ADD COLUMN home_person_id BIGINT;
CREATE TABLE entity_access (
    entity_id       BIGINT NOT NULL,
    person_id       BIGINT NOT NULL,
    other_entity_id BIGINT NOT NULL,
    other_person_id BIGINT NOT NULL,
    PRIMARY KEY (entity_id, person_id, other_entity_id)
)
