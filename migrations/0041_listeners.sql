-- Listening from a laptop (`meterplace listen`): a listener has no address, it asks. What it may hear is noted when the event
-- commits, so that its place in the list is the order of commits and a reader that goes on behind its last place misses nothing.
-- See docs/decisions/0045-listening-without-an-address.md.

CREATE TABLE webhook_listeners (
  id          TEXT PRIMARY KEY,
  provider_id TEXT NOT NULL REFERENCES providers (id),
  mode        TEXT NOT NULL CHECK (mode IN ('live', 'test')),
  events      TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  -- Moved on by every call of the listener; one that stays away this long is over.
  expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_listeners_provider ON webhook_listeners (provider_id, expires_at);
-- LISTENERS_MAX in domain/webhooks/listen.ts.
CREATE TRIGGER webhook_listeners_limit BEFORE INSERT ON webhook_listeners BEGIN
  SELECT RAISE(ABORT, 'webhook_limit_reached') WHERE (SELECT count(*) FROM webhook_listeners
    WHERE provider_id = NEW.provider_id AND mode = NEW.mode AND expires_at > NEW.created_at) >= 5;
END;

CREATE TABLE listener_events (
  position    INTEGER PRIMARY KEY AUTOINCREMENT,
  listener_id TEXT NOT NULL,
  outbox_id   TEXT NOT NULL
) STRICT;
CREATE INDEX listener_events_listener ON listener_events (listener_id, position);

-- Nearly always nobody listens: then this is one look into an empty index. As with endpoints, what has no session is live.
CREATE TRIGGER outbox_listened AFTER INSERT ON outbox WHEN NEW.provider_id IS NOT NULL BEGIN
  INSERT INTO listener_events (listener_id, outbox_id)
    SELECT id, NEW.id FROM webhook_listeners
    WHERE provider_id = NEW.provider_id AND expires_at > NEW.at
      AND mode = coalesce((SELECT mode FROM sessions WHERE id = NEW.session_id), 'live');
END;
