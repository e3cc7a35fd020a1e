CREATE TABLE person (
    entity_id    BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    email        TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    role         TEXT   NOT NULL CHECK (role IN ('viewer', 'clerk', 'collector', 'approver', 'controller', 'administrator', 'auditor')),
    password     TEXT   NOT NULL,
    totp_secret  TEXT,
    failures     BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    disabled     BIGINT NOT NULL CHECK (disabled IN (0, 1)),
    PRIMARY KEY (entity_id, id),
    CONSTRAINT person_email UNIQUE (entity_id, email)
);
CREATE TABLE invitation (
    entity_id    BIGINT NOT NULL,
    token_digest TEXT   NOT NULL,
    role         TEXT   NOT NULL,
    expires_at   BIGINT NOT NULL,
    used_at      BIGINT,
    PRIMARY KEY (entity_id, token_digest)
);
CREATE TABLE web_session (
    entity_id    BIGINT NOT NULL,
    token_digest TEXT   NOT NULL,
    person_id    BIGINT NOT NULL,
    csrf         TEXT   NOT NULL,
    last_at      BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (entity_id, token_digest)
);
CREATE TABLE api_key (
    entity_id    BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    token_digest TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    role         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    revoked_at   BIGINT,
    PRIMARY KEY (entity_id, id),
    CONSTRAINT api_key_token UNIQUE (entity_id, token_digest)
);
CREATE TABLE audit_entry (
    entity_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    happened_at BIGINT NOT NULL,
    actor       TEXT   NOT NULL,
    role        TEXT   NOT NULL,
    act         TEXT   NOT NULL,
    detail      TEXT   NOT NULL,
    outcome     TEXT   NOT NULL,
    PRIMARY KEY (entity_id, id)
);
