CREATE INDEX receipt_amount ON receipt (entity_id, amount_minor, id);
CREATE INDEX receipt_booked ON receipt (entity_id, booked_on, id);
CREATE INDEX sales_order_gross ON sales_order (entity_id, gross_minor, id);
CREATE INDEX sales_order_ordered ON sales_order (entity_id, ordered_on, id)
