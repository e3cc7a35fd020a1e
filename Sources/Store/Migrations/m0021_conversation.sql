ALTER TABLE statement_sent ADD COLUMN message_id BIGINT;
CREATE INDEX receipt_inquiry_customer ON receipt_inquiry (entity_id, customer_id)
