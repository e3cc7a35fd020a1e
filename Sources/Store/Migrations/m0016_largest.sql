CREATE INDEX open_item_document_amount ON open_item (entity_id, amount_minor, id) WHERE kind IN ('invoice', 'credit_note', 'opening');
CREATE INDEX cash_queue_asked ON cash_queue (entity_id, asked_until) WHERE asked_until IS NOT NULL
