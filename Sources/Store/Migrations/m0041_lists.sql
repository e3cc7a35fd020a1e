CREATE INDEX sales_order_ended ON sales_order (entity_id, customer_id) WHERE state IN ('cancelled', 'no_charge')
