-- Notices on a person's devices while no page of ours is open (RFC 8030; docs/decisions/0079-notices-on-devices.md).
-- A device hears as long as the sign-in lives that it was registered by: signing out, and an erased account, end it.
CREATE TABLE push_devices (
  -- Of its endpoint: the first 32 hex digits of the SHA-256. The device knows itself by it.
  id         TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  sign_in_id TEXT NOT NULL REFERENCES sign_ins (id) ON DELETE CASCADE,
  -- The endpoint and its keys, sealed (domain/seal.ts): who knows the endpoint knows the device.
  sealed     TEXT NOT NULL,
  label      TEXT NOT NULL,
  language   TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX push_devices_user ON push_devices (user_id, created_at);
CREATE INDEX push_devices_sign_in ON push_devices (sign_in_id);

-- What is still to be sent: an event of the outbox to a device. A row goes when it was sent, or nobody needs it any more.
CREATE TABLE pushes (
  event_id  TEXT NOT NULL,
  device_id TEXT NOT NULL REFERENCES push_devices (id) ON DELETE CASCADE,
  due_at    INTEGER NOT NULL,
  -- From then on it is no news.
  ends_at   INTEGER NOT NULL,
  attempts  INTEGER NOT NULL DEFAULT 0,
  lease     TEXT,
  PRIMARY KEY (event_id, device_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pushes_due ON pushes (due_at);
CREATE INDEX pushes_device ON pushes (device_id);

-- Commits with the event, which commits with its cause. A warning is worth nothing when the session is over, a notification
-- little after a day (domain/push/message.ts says which events there are).
CREATE TRIGGER outbox_push AFTER INSERT ON outbox
WHEN NEW.type IN ('session.expiring', 'notification') AND EXISTS (SELECT 1 FROM push_devices d WHERE d.user_id = NEW.user_id) BEGIN
  INSERT INTO pushes (event_id, device_id, due_at, ends_at)
    SELECT NEW.id, d.id, NEW.at,
      NEW.at + CASE NEW.type WHEN 'notification' THEN 86400000 ELSE 1000 * (NEW.data->>'remainingSeconds') END
    FROM push_devices d WHERE d.user_id = NEW.user_id
    ON CONFLICT DO NOTHING;
END;
