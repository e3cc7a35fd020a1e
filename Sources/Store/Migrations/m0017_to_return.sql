CREATE INDEX posting_to_return ON posting (entity_id, entry_id) WHERE account = '2150';
