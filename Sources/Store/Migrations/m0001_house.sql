CREATE TABLE entity (
    entity_id  BIGINT NOT NULL,
    name       TEXT   NOT NULL,
    country    TEXT   NOT NULL CHECK (length(country) = 2),
    currency   TEXT   NOT NULL CHECK (length(currency) = 3),
    vat_number TEXT,
    iban       TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (entity_id)
);
CREATE TABLE book (
    entity_id  BIGINT NOT NULL,
    last_id    BIGINT NOT NULL,
    seal_count BIGINT NOT NULL,
    sealed_at  BIGINT NOT NULL,
    head       BYTEA  NOT NULL,
    PRIMARY KEY (entity_id)
);
CREATE TABLE seal (
    entity_id   BIGINT NOT NULL,
    last_id     BIGINT NOT NULL,
    first_id    BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    row_checks  BYTEA  NOT NULL,
    hash        BYTEA  NOT NULL,
    PRIMARY KEY (entity_id, last_id)
);
CREATE TABLE proof (
    entity_id     BIGINT NOT NULL,
    currency      TEXT   NOT NULL,
    debit_minor   BIGINT NOT NULL,
    credit_minor  BIGINT NOT NULL,
    control_minor BIGINT NOT NULL,
    open_minor    BIGINT NOT NULL,
    PRIMARY KEY (entity_id, currency),
    CONSTRAINT proof_balanced CHECK (debit_minor = credit_minor),
    CONSTRAINT proof_control CHECK (control_minor = open_minor)
);
CREATE TABLE account (
    entity_id BIGINT NOT NULL,
    code      TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    kind      TEXT   NOT NULL CHECK (kind IN ('asset', 'liability', 'equity', 'income', 'expense')),
    control   BIGINT NOT NULL CHECK (control IN (0, 1)),
    PRIMARY KEY (entity_id, code)
);
CREATE TABLE account_day (
    entity_id    BIGINT NOT NULL,
    account      TEXT   NOT NULL,
    currency     TEXT   NOT NULL,
    effective_on TEXT   NOT NULL,
    debit_minor  BIGINT NOT NULL,
    credit_minor BIGINT NOT NULL,
    PRIMARY KEY (entity_id, account, currency, effective_on)
);
CREATE TABLE due_day (
    entity_id    BIGINT NOT NULL,
    currency     TEXT   NOT NULL,
    due_on       TEXT   NOT NULL,
    debit_minor  BIGINT NOT NULL,
    debit_count  BIGINT NOT NULL,
    credit_minor BIGINT NOT NULL,
    credit_count BIGINT NOT NULL,
    PRIMARY KEY (entity_id, currency, due_on)
);
CREATE TABLE document_series (
    entity_id BIGINT NOT NULL,
    series    TEXT   NOT NULL,
    year      BIGINT NOT NULL,
    last      BIGINT NOT NULL,
    last_on   TEXT   NOT NULL,
    PRIMARY KEY (entity_id, series, year)
);
CREATE TABLE period (
    entity_id BIGINT NOT NULL,
    ends_on   TEXT   NOT NULL,
    closed_at BIGINT NOT NULL,
    PRIMARY KEY (entity_id, ends_on)
);
CREATE TABLE customer (
    entity_id          BIGINT NOT NULL,
    id                 BIGINT NOT NULL,
    number             TEXT   NOT NULL,
    name               TEXT   NOT NULL,
    email              TEXT,
    country            TEXT   NOT NULL CHECK (length(country) = 2),
    vat_number         TEXT,
    parent_id          BIGINT,
    terms_days         BIGINT NOT NULL CHECK (terms_days BETWEEN 0 AND 3650),
    credit_limit_minor BIGINT CHECK (credit_limit_minor >= 0),
    currency           TEXT   NOT NULL CHECK (length(currency) = 3),
    billing            TEXT   NOT NULL CHECK (billing IN ('order', 'weekly', 'monthly')),
    cash_policy        TEXT   NOT NULL CHECK (cash_policy IN ('reference', 'oldest_first')),
    PRIMARY KEY (entity_id, id),
    CONSTRAINT customer_number UNIQUE (entity_id, number)
);
CREATE INDEX customer_parent ON customer (entity_id, parent_id) WHERE parent_id IS NOT NULL;
CREATE TABLE customer_identity (
    entity_id   BIGINT NOT NULL,
    kind        TEXT   NOT NULL CHECK (kind IN ('iban', 'name')),
    value       TEXT   NOT NULL,
    customer_id BIGINT NOT NULL,
    source      TEXT   NOT NULL,
    PRIMARY KEY (entity_id, kind, value, customer_id)
);
CREATE TABLE sales_order (
    entity_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    external_id TEXT   NOT NULL,
    channel     TEXT   NOT NULL,
    customer_id BIGINT NOT NULL,
    kind        TEXT   NOT NULL CHECK (kind IN ('sale', 'cancellation', 'adjustment')),
    ordered_on  TEXT   NOT NULL CHECK (length(ordered_on) = 10),
    currency    TEXT   NOT NULL CHECK (length(currency) = 3),
    net_minor   BIGINT NOT NULL,
    tax_minor   BIGINT NOT NULL,
    gross_minor BIGINT NOT NULL CHECK (gross_minor = net_minor + tax_minor),
    state       TEXT   NOT NULL CHECK (state IN ('held', 'confirmed', 'billed', 'cancelled', 'no_charge')),
    document_id BIGINT,
    PRIMARY KEY (entity_id, id),
    CONSTRAINT sales_order_external UNIQUE (entity_id, external_id, channel),
    CONSTRAINT sales_order_billed CHECK ((state = 'billed') = (document_id IS NOT NULL))
);
CREATE INDEX sales_order_confirmed ON sales_order (entity_id, customer_id, ordered_on) WHERE state = 'confirmed';
CREATE INDEX sales_order_held ON sales_order (entity_id, id) WHERE state = 'held';
CREATE TABLE sales_order_line (
    entity_id      BIGINT NOT NULL,
    order_id       BIGINT NOT NULL,
    line           BIGINT NOT NULL,
    sku            TEXT   NOT NULL,
    description    TEXT   NOT NULL,
    quantity_milli BIGINT NOT NULL,
    price_micro    BIGINT NOT NULL,
    net_minor      BIGINT NOT NULL,
    tax_category   TEXT   NOT NULL,
    tax_bp         BIGINT NOT NULL CHECK (tax_bp BETWEEN 0 AND 10000),
    PRIMARY KEY (entity_id, order_id, line)
);
CREATE TABLE order_event (
    entity_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    order_id    BIGINT NOT NULL,
    event       TEXT   NOT NULL CHECK (event IN ('held', 'released', 'cancelled')),
    role        TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    happened_on TEXT   NOT NULL CHECK (length(happened_on) = 10),
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX order_event_order ON order_event (entity_id, order_id);
CREATE TABLE invoice (
    entity_id    BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    number       TEXT   NOT NULL,
    type_code    BIGINT NOT NULL CHECK (type_code IN (380, 381)),
    customer_id  BIGINT NOT NULL,
    issued_on    TEXT   NOT NULL CHECK (length(issued_on) = 10),
    due_on       TEXT   NOT NULL CHECK (length(due_on) = 10),
    currency     TEXT   NOT NULL CHECK (length(currency) = 3),
    net_minor    BIGINT NOT NULL,
    tax_minor    BIGINT NOT NULL,
    gross_minor  BIGINT NOT NULL CHECK (gross_minor = net_minor + tax_minor AND gross_minor > 0),
    order_number TEXT,
    preceding_id BIGINT,
    PRIMARY KEY (entity_id, id),
    CONSTRAINT invoice_number UNIQUE (entity_id, number)
);
CREATE INDEX invoice_preceding ON invoice (entity_id, preceding_id) WHERE preceding_id IS NOT NULL;
CREATE TABLE invoice_line (
    entity_id      BIGINT NOT NULL,
    invoice_id     BIGINT NOT NULL,
    line           BIGINT NOT NULL,
    order_id       BIGINT NOT NULL,
    sku            TEXT   NOT NULL,
    description    TEXT   NOT NULL,
    quantity_milli BIGINT NOT NULL,
    price_micro    BIGINT NOT NULL,
    net_minor      BIGINT NOT NULL,
    tax_category   TEXT   NOT NULL,
    tax_bp         BIGINT NOT NULL CHECK (tax_bp BETWEEN 0 AND 10000),
    PRIMARY KEY (entity_id, invoice_id, line)
);
CREATE TABLE journal_entry (
    entity_id    BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    effective_on TEXT   NOT NULL CHECK (length(effective_on) = 10),
    kind         TEXT   NOT NULL,
    memo         TEXT   NOT NULL,
    reverses_id  BIGINT,
    PRIMARY KEY (entity_id, id)
);
CREATE TABLE posting (
    entity_id    BIGINT NOT NULL,
    entry_id     BIGINT NOT NULL,
    line         BIGINT NOT NULL,
    account      TEXT   NOT NULL,
    customer_id  BIGINT,
    currency     TEXT   NOT NULL CHECK (length(currency) = 3),
    amount_minor BIGINT NOT NULL,
    PRIMARY KEY (entity_id, entry_id, line)
);
CREATE TABLE open_item (
    entity_id    BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    kind         TEXT   NOT NULL CHECK (kind IN ('invoice', 'credit_note', 'receipt', 'return', 'transfer', 'adjustment', 'opening')),
    account      TEXT   NOT NULL,
    customer_id  BIGINT,
    number       TEXT   NOT NULL,
    effective_on TEXT   NOT NULL CHECK (length(effective_on) = 10),
    due_on       TEXT   NOT NULL CHECK (length(due_on) = 10),
    currency     TEXT   NOT NULL CHECK (length(currency) = 3),
    amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
    open_minor   BIGINT NOT NULL,
    PRIMARY KEY (entity_id, id),
    CONSTRAINT open_item_open CHECK (
        (amount_minor > 0 AND open_minor BETWEEN 0 AND amount_minor)
        OR (amount_minor < 0 AND open_minor BETWEEN amount_minor AND 0))
);
CREATE INDEX open_item_customer ON open_item (entity_id, customer_id, effective_on);
CREATE INDEX open_item_open_due ON open_item (entity_id, customer_id, currency, due_on, open_minor) WHERE open_minor <> 0;
CREATE INDEX open_item_unapplied ON open_item (entity_id, id) WHERE account = '1290' AND open_minor <> 0;
CREATE TABLE allocation (
    entity_id      BIGINT NOT NULL,
    id             BIGINT NOT NULL,
    debit_item_id  BIGINT NOT NULL,
    credit_item_id BIGINT NOT NULL,
    amount_minor   BIGINT NOT NULL CHECK (amount_minor <> 0),
    effective_on   TEXT   NOT NULL CHECK (length(effective_on) = 10),
    rule           TEXT   NOT NULL,
    reverses_id    BIGINT,
    PRIMARY KEY (entity_id, id),
    CONSTRAINT allocation_reversal CHECK ((amount_minor < 0) = (reverses_id IS NOT NULL))
);
CREATE INDEX allocation_debit ON allocation (entity_id, debit_item_id);
CREATE INDEX allocation_credit ON allocation (entity_id, credit_item_id);
CREATE TABLE statement (
    entity_id     BIGINT NOT NULL,
    id            BIGINT NOT NULL,
    account_iban  TEXT   NOT NULL,
    statement_id  TEXT   NOT NULL,
    format        TEXT   NOT NULL,
    currency      TEXT   NOT NULL,
    file_digest   TEXT   NOT NULL,
    created_on    TEXT,
    opening_minor BIGINT,
    closing_minor BIGINT,
    findings      TEXT   NOT NULL,
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX statement_account ON statement (entity_id, account_iban, created_on);
CREATE TABLE statement_entry (
    entity_id     BIGINT NOT NULL,
    id            BIGINT NOT NULL,
    statement_id  BIGINT NOT NULL,
    entry_key     TEXT   NOT NULL,
    booked_on     TEXT   NOT NULL CHECK (length(booked_on) = 10),
    value_on      TEXT   NOT NULL CHECK (length(value_on) = 10),
    currency      TEXT   NOT NULL CHECK (length(currency) = 3),
    amount_minor  BIGINT NOT NULL,
    reversal      BIGINT NOT NULL CHECK (reversal IN (0, 1)),
    return_reason TEXT,
    reference     TEXT,
    PRIMARY KEY (entity_id, id),
    CONSTRAINT statement_entry_once UNIQUE (entity_id, entry_key)
);
CREATE TABLE receipt (
    entity_id            BIGINT NOT NULL,
    id                   BIGINT NOT NULL,
    method               TEXT   NOT NULL,
    external_id          TEXT   NOT NULL,
    booked_on            TEXT   NOT NULL CHECK (length(booked_on) = 10),
    currency             TEXT   NOT NULL CHECK (length(currency) = 3),
    amount_minor         BIGINT NOT NULL CHECK (amount_minor > 0),
    customer_id          BIGINT,
    payer_name           TEXT,
    payer_iban           TEXT,
    end_to_end_id        TEXT,
    structured_reference TEXT,
    remittance           TEXT   NOT NULL,
    PRIMARY KEY (entity_id, id),
    CONSTRAINT receipt_once UNIQUE (entity_id, external_id, method)
);
CREATE INDEX receipt_end_to_end ON receipt (entity_id, end_to_end_id) WHERE end_to_end_id IS NOT NULL;
CREATE TABLE application (
    entity_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    receipt_id  BIGINT NOT NULL,
    applied_on  TEXT   NOT NULL CHECK (length(applied_on) = 10),
    rule        TEXT   NOT NULL,
    explanation TEXT   NOT NULL,
    reverses_id BIGINT,
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX application_receipt ON application (entity_id, receipt_id);
CREATE TABLE cash_queue (
    entity_id  BIGINT NOT NULL,
    receipt_id BIGINT NOT NULL,
    reason     TEXT   NOT NULL,
    queued_on  TEXT   NOT NULL CHECK (length(queued_on) = 10),
    PRIMARY KEY (entity_id, receipt_id)
);
CREATE TABLE cash_candidate (
    entity_id    BIGINT NOT NULL,
    receipt_id   BIGINT NOT NULL,
    line         BIGINT NOT NULL,
    customer_id  BIGINT NOT NULL,
    item_id      BIGINT,
    amount_minor BIGINT NOT NULL,
    why          TEXT   NOT NULL,
    PRIMARY KEY (entity_id, receipt_id, line)
);
CREATE INDEX cash_candidate_customer ON cash_candidate (entity_id, customer_id);
CREATE TABLE collection_hold (
    entity_id BIGINT NOT NULL,
    id        BIGINT NOT NULL,
    item_id   BIGINT NOT NULL,
    kind      TEXT   NOT NULL CHECK (kind IN ('dispute', 'promise')),
    from_on   TEXT   NOT NULL CHECK (length(from_on) = 10),
    until_on  TEXT,
    reason    TEXT   NOT NULL,
    lifted_on TEXT,
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX collection_hold_item ON collection_hold (entity_id, item_id);
CREATE TABLE dunning_notice (
    entity_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    currency    TEXT   NOT NULL CHECK (length(currency) = 3),
    sent_on     TEXT   NOT NULL CHECK (length(sent_on) = 10),
    level       BIGINT NOT NULL CHECK (level > 0),
    total_minor BIGINT NOT NULL,
    evidence    TEXT   NOT NULL,
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX dunning_notice_customer ON dunning_notice (entity_id, customer_id);
CREATE TABLE dunning_notice_item (
    entity_id  BIGINT NOT NULL,
    notice_id  BIGINT NOT NULL,
    line       BIGINT NOT NULL,
    item_id    BIGINT NOT NULL,
    level      BIGINT NOT NULL CHECK (level >= 0),
    open_minor BIGINT NOT NULL,
    PRIMARY KEY (entity_id, notice_id, line)
);
CREATE INDEX dunning_notice_item_item ON dunning_notice_item (entity_id, item_id);
CREATE TABLE bank_feed (
    entity_id    BIGINT NOT NULL,
    account_iban TEXT   NOT NULL,
    through_on   TEXT   NOT NULL CHECK (length(through_on) = 10),
    PRIMARY KEY (entity_id, account_iban)
);
CREATE TABLE outbox (
    entity_id    BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    topic        TEXT   NOT NULL,
    message_key  TEXT   NOT NULL,
    recipient    TEXT   NOT NULL,
    payload      TEXT   NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('waiting', 'sent', 'dead')),
    attempts     BIGINT NOT NULL,
    next_at      BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    last_error   TEXT,
    PRIMARY KEY (entity_id, id)
);
CREATE INDEX outbox_waiting ON outbox (entity_id, next_at) WHERE state = 'waiting';
CREATE TABLE idempotency (
    entity_id    BIGINT NOT NULL,
    route        TEXT   NOT NULL,
    request_key  TEXT   NOT NULL,
    body_digest  TEXT   NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('started', 'done')),
    status       BIGINT,
    body         TEXT,
    leased_until BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (entity_id, route, request_key)
);
CREATE TABLE job (
    entity_id    BIGINT NOT NULL,
    name         TEXT   NOT NULL,
    business_on  TEXT   NOT NULL CHECK (length(business_on) = 10),
    state        TEXT   NOT NULL CHECK (state IN ('waiting', 'running', 'done')),
    fence        BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    report       TEXT,
    PRIMARY KEY (entity_id, name, business_on)
);
