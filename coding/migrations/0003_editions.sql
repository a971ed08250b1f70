-- A new text in the place of a document's, and where in it what was coded and read in the earlier one stands.

CREATE TABLE editions (
  batch    TEXT NOT NULL REFERENCES batches (id),
  id       TEXT NOT NULL,
  document TEXT NOT NULL,
  "before" TEXT NOT NULL,
  "after"  TEXT NOT NULL
) STRICT;

CREATE TABLE placings (
  batch    TEXT NOT NULL REFERENCES batches (id),
  id       TEXT NOT NULL,
  row      TEXT NOT NULL,
  document TEXT NOT NULL,
  start    INTEGER NOT NULL CHECK (start >= 0),
  "end"    INTEGER NOT NULL CHECK ("end" > start),
  digest   TEXT NOT NULL,
  becomes  TEXT NOT NULL
) STRICT;
CREATE INDEX placings_document ON placings (document);

CREATE TRIGGER editions_stay BEFORE UPDATE ON editions
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: editions are never changed'); END;
CREATE TRIGGER editions_remain BEFORE DELETE ON editions
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: editions are never deleted'); END;

CREATE TRIGGER placings_stay BEFORE UPDATE ON placings
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: placings are never changed'); END;
CREATE TRIGGER placings_remain BEFORE DELETE ON placings
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: placings are never deleted'); END;
