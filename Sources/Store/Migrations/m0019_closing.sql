ALTER TABLE book ADD COLUMN closed_through TEXT CHECK (length(closed_through) = 10);
UPDATE book SET closed_through = (SELECT MAX(p.ends_on) FROM period p WHERE p.entity_id = book.entity_id)
