-- API keys get a name, may be limited to some scopes, say when they were last used, and can be replaced with an overlap:
-- `revoked_at` may lie ahead, and until then the key works. Keys made before have no name and may do everything.

ALTER TABLE api_keys ADD COLUMN name TEXT NOT NULL DEFAULT '';
-- A JSON list of scopes (domain/identity/key-scopes.ts); NULL: everything.
ALTER TABLE api_keys ADD COLUMN scopes TEXT;
ALTER TABLE api_keys ADD COLUMN last_used_at INTEGER;
ALTER TABLE api_keys ADD COLUMN replaced_by TEXT;
