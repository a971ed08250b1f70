-- The record of the work. Batches are acts; every other row was added by one. Rows are never changed or
-- deleted: what is taken back or undone is said by later rows, and the views say what stands.

CREATE TABLE migrations (
  number INTEGER PRIMARY KEY,
  name   TEXT NOT NULL,
  at     TEXT NOT NULL
) STRICT;

CREATE TABLE batches (
  number INTEGER PRIMARY KEY,
  id     TEXT NOT NULL UNIQUE,
  at     TEXT NOT NULL,
  coder  TEXT NOT NULL,
  act    TEXT NOT NULL,
  undoes TEXT CHECK ((undoes IS NOT NULL) = (act IN ('undo', 'redo')))
) STRICT;
CREATE INDEX batches_undoes ON batches (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX batches_coder ON batches (coder, number);

CREATE TABLE coders (
  batch TEXT NOT NULL REFERENCES batches (id),
  id    TEXT NOT NULL,
  kind  TEXT NOT NULL CHECK (kind IN ('person', 'rules', 'model'))
) STRICT;

CREATE TABLE assignments (
  batch    TEXT NOT NULL REFERENCES batches (id),
  id       TEXT NOT NULL,
  coder    TEXT NOT NULL,
  document TEXT NOT NULL,
  round    TEXT NOT NULL,
  blind    INTEGER NOT NULL CHECK (blind IN (0, 1))
) STRICT;

CREATE TABLE looks (
  batch    TEXT NOT NULL REFERENCES batches (id),
  id       TEXT NOT NULL,
  coder    TEXT NOT NULL,
  document TEXT NOT NULL
) STRICT;

CREATE TABLE readings (
  batch    TEXT NOT NULL REFERENCES batches (id),
  coder    TEXT NOT NULL,
  document TEXT NOT NULL,
  start    INTEGER NOT NULL CHECK (start >= 0),
  "end"    INTEGER NOT NULL CHECK ("end" > start),
  digest   TEXT NOT NULL,
  codes    TEXT,
  at       TEXT,
  blind    INTEGER NOT NULL CHECK (blind IN (0, 1)),
  kind     TEXT NOT NULL CHECK (kind IN ('person', 'rules', 'model')),
  id       TEXT NOT NULL
) STRICT;

CREATE TABLE segments (
  batch    TEXT NOT NULL REFERENCES batches (id),
  id       TEXT NOT NULL,
  document TEXT NOT NULL,
  start    INTEGER NOT NULL CHECK (start >= 0),
  "end"    INTEGER NOT NULL CHECK ("end" > start),
  digest   TEXT NOT NULL,
  code     TEXT NOT NULL,
  meaning  TEXT NOT NULL,
  coder    TEXT NOT NULL,
  because  TEXT NOT NULL,
  score    REAL,
  quote    TEXT NOT NULL
) STRICT;
CREATE INDEX segments_document ON segments (document);
CREATE INDEX segments_id ON segments (id);

CREATE TABLE memos (
  batch   TEXT NOT NULL REFERENCES batches (id),
  id      TEXT NOT NULL,
  about   TEXT NOT NULL CHECK (about IN ('segment', 'code', 'document')),
  subject TEXT NOT NULL,
  text    TEXT NOT NULL,
  coder   TEXT NOT NULL,
  at      TEXT NOT NULL
) STRICT;

CREATE TABLE decisions (
  batch   TEXT NOT NULL REFERENCES batches (id),
  id      TEXT NOT NULL,
  about   TEXT NOT NULL,
  ruling  TEXT NOT NULL CHECK (ruling IN ('accept', 'reject', 'recode')),
  coder   TEXT NOT NULL,
  at      TEXT NOT NULL,
  reason  TEXT NOT NULL,
  cause   TEXT,
  instead TEXT CHECK ((instead IS NOT NULL) = (ruling = 'recode'))
) STRICT;

CREATE TABLE queries (
  batch TEXT NOT NULL REFERENCES batches (id),
  id    TEXT NOT NULL,
  name  TEXT NOT NULL,
  text  TEXT NOT NULL
) STRICT;

CREATE TABLE taken_back (
  batch     TEXT NOT NULL REFERENCES batches (id),
  row       TEXT NOT NULL,
  "of"      TEXT NOT NULL
) STRICT;
CREATE INDEX taken_back_row ON taken_back (row, "of");

-- Batches that were undone, and the undo not undone again.
CREATE VIEW undone AS
  SELECT u.undoes AS batch FROM batches u
  WHERE u.act = 'undo' AND NOT EXISTS (SELECT 1 FROM batches r WHERE r.act = 'redo' AND r.undoes = u.id);

-- Rows that were taken back, by a batch that was not undone.
CREATE VIEW gone AS
  SELECT t.row, t."of" FROM taken_back t WHERE t.batch NOT IN (SELECT batch FROM undone);

CREATE TRIGGER batches_stay BEFORE UPDATE ON batches
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: batches are never changed'); END;
CREATE TRIGGER batches_remain BEFORE DELETE ON batches
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: batches are never deleted'); END;

CREATE TRIGGER coders_stay BEFORE UPDATE ON coders
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: coders are never changed'); END;
CREATE TRIGGER coders_remain BEFORE DELETE ON coders
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: coders are never deleted'); END;

CREATE TRIGGER assignments_stay BEFORE UPDATE ON assignments
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: assignments are never changed'); END;
CREATE TRIGGER assignments_remain BEFORE DELETE ON assignments
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: assignments are never deleted'); END;

CREATE TRIGGER looks_stay BEFORE UPDATE ON looks
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: looks are never changed'); END;
CREATE TRIGGER looks_remain BEFORE DELETE ON looks
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: looks are never deleted'); END;

CREATE TRIGGER readings_stay BEFORE UPDATE ON readings
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: readings are never changed'); END;
CREATE TRIGGER readings_remain BEFORE DELETE ON readings
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: readings are never deleted'); END;

CREATE TRIGGER segments_stay BEFORE UPDATE ON segments
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: segments are never changed'); END;
CREATE TRIGGER segments_remain BEFORE DELETE ON segments
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: segments are never deleted'); END;

CREATE TRIGGER memos_stay BEFORE UPDATE ON memos
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: memos are never changed'); END;
CREATE TRIGGER memos_remain BEFORE DELETE ON memos
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: memos are never deleted'); END;

CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: decisions are never changed'); END;
CREATE TRIGGER decisions_remain BEFORE DELETE ON decisions
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: decisions are never deleted'); END;

CREATE TRIGGER queries_stay BEFORE UPDATE ON queries
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: queries are never changed'); END;
CREATE TRIGGER queries_remain BEFORE DELETE ON queries
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: queries are never deleted'); END;

CREATE TRIGGER taken_back_stay BEFORE UPDATE ON taken_back
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: taken_back are never changed'); END;
CREATE TRIGGER taken_back_remain BEFORE DELETE ON taken_back
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: taken_back are never deleted'); END;
