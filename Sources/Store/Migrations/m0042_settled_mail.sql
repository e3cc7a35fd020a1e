CREATE INDEX outbox_settled ON outbox (entity_id, id) WHERE state = 'settled'
