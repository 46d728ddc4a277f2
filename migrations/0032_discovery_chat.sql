-- Conversations of the discovery chat: what each remembers as JSON, and its last turns with the events that were told, so
-- that a cut stream can be taken up and a page reloaded. They expire, and a person's go with the person.

CREATE TABLE chat_conversations (
  id         TEXT PRIMARY KEY,
  -- Null: a stranger's, found by its id alone.
  user_id    TEXT REFERENCES users (id) ON DELETE CASCADE,
  memory     TEXT NOT NULL,
  turns      INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_conversations_user ON chat_conversations (user_id, updated_at) WHERE user_id IS NOT NULL;
CREATE INDEX chat_conversations_expiry ON chat_conversations (expires_at);

CREATE TABLE chat_turns (
  conversation_id TEXT NOT NULL REFERENCES chat_conversations (id) ON DELETE CASCADE,
  number          INTEGER NOT NULL,
  message         TEXT NOT NULL,
  events          TEXT NOT NULL,
  -- SHA-256 of the caller and their Idempotency-Key, and of the body it came with.
  request_hash    TEXT UNIQUE,
  body_hash       TEXT,
  at              INTEGER NOT NULL,
  PRIMARY KEY (conversation_id, number)
) STRICT, WITHOUT ROWID;
