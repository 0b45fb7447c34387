CREATE INDEX items_by_name ON items (name);
CREATE INDEX items_by_age ON items (created_at DESC);
