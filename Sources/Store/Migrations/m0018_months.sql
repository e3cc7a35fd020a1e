DROP INDEX open_item_customer;
CREATE INDEX open_item_month ON open_item (entity_id, substr(effective_on, 1, 7), customer_id);
CREATE INDEX open_item_adjustment ON open_item (entity_id, customer_id, id) WHERE kind = 'adjustment'
