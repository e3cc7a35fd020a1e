ALTER TABLE sales_order DROP CONSTRAINT sales_order_ordered_on_check, DROP CONSTRAINT sales_order_currency_check;
ALTER TABLE invoice DROP CONSTRAINT invoice_issued_on_check, DROP CONSTRAINT invoice_due_on_check, DROP CONSTRAINT invoice_currency_check;
ALTER TABLE journal_entry DROP CONSTRAINT journal_entry_effective_on_check;
ALTER TABLE posting DROP CONSTRAINT posting_currency_check;
ALTER TABLE open_item
    DROP CONSTRAINT open_item_effective_on_check, DROP CONSTRAINT open_item_due_on_check, DROP CONSTRAINT open_item_currency_check;
ALTER TABLE allocation DROP CONSTRAINT allocation_effective_on_check;
ALTER TABLE receipt DROP CONSTRAINT receipt_booked_on_check, DROP CONSTRAINT receipt_currency_check;
ALTER TABLE application DROP CONSTRAINT application_applied_on_check;
ALTER TABLE book DROP CONSTRAINT book_closed_through_check;
