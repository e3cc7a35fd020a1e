INSERT INTO account (entity_id, code, name, kind, control) SELECT entity_id, '6150', 'Short payments', 'expense', 0 FROM entity WHERE TRUE
ON CONFLICT (entity_id, code) DO UPDATE SET name = excluded.name, kind = excluded.kind, control = excluded.control;
