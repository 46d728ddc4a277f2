-- Words of listings that an operator should look at (domain/catalogue/listing-flags.ts). A decision about the app is the look.
CREATE TABLE listing_flags (
  provider_id TEXT NOT NULL REFERENCES providers (id),
  field       TEXT NOT NULL,
  kind        TEXT NOT NULL,
  excerpt     TEXT NOT NULL,
  at          INTEGER NOT NULL,
  -- When an operator decided about the app with it in view.
  seen_at     INTEGER,
  PRIMARY KEY (provider_id, field, kind, excerpt)
) STRICT, WITHOUT ROWID;
CREATE INDEX listing_flags_open ON listing_flags (provider_id) WHERE seen_at IS NULL;
