-- A memo may be about a cell of a matrix. What else one may be about is said by its type alone (coding/batch.py).

CREATE TABLE memos_of_anything (
  batch   TEXT NOT NULL REFERENCES batches (id),
  id      TEXT NOT NULL,
  about   TEXT NOT NULL,
  subject TEXT NOT NULL,
  text    TEXT NOT NULL,
  coder   TEXT NOT NULL,
  at      TEXT NOT NULL
) STRICT;
INSERT INTO memos_of_anything (rowid, batch, id, about, subject, text, coder, at)
  SELECT rowid, batch, id, about, subject, text, coder, at FROM memos;
DROP TABLE memos;
ALTER TABLE memos_of_anything RENAME TO memos;

CREATE TRIGGER memos_stay BEFORE UPDATE ON memos
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: memos are never changed'); END;
CREATE TRIGGER memos_remain BEFORE DELETE ON memos
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: memos are never deleted'); END;
