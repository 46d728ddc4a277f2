-- What language models used on a day, in thousandths of a neuron (Workers AI's unit): of `everyone`, of all `visitors` and of each
-- person or visitor. Reserved before a call and corrected after it; no text of anybody is kept (domain/models/budget.ts).
CREATE TABLE model_use (
  day           TEXT NOT NULL,
  who           TEXT NOT NULL,
  milli_neurons INTEGER NOT NULL CHECK (milli_neurons >= 0),
  calls         INTEGER NOT NULL,
  PRIMARY KEY (day, who)
) STRICT, WITHOUT ROWID;

-- With the account goes what was counted for it.
CREATE TRIGGER model_use_forget AFTER DELETE ON users BEGIN
  DELETE FROM model_use WHERE who = 'user:' || OLD.id;
END;
