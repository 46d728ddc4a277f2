-- Whose tokens a person was given: the organisation that paid for them, by name. Grants made before it do not say.
ALTER TABLE token_grants ADD COLUMN organisation TEXT
  CHECK (organisation IS NULL OR (source = 'organisation' AND length(organisation) BETWEEN 1 AND 120));
