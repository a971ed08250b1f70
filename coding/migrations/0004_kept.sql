-- What files of other programs said that has no place of its own here, to be said again when one is written.

CREATE TABLE kept (
  batch TEXT NOT NULL REFERENCES batches (id),
  id    TEXT NOT NULL,
  kind  TEXT NOT NULL CHECK (kind IN (
    'file', 'project', 'code', 'document', 'case', 'variable', 'set', 'link', 'note', 'selection'
  )),
  name  TEXT NOT NULL,
  said  TEXT NOT NULL CHECK (json_valid(said))
) STRICT;

CREATE TRIGGER kept_stay BEFORE UPDATE ON kept
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: kept are never changed'); END;
CREATE TRIGGER kept_remain BEFORE DELETE ON kept
  BEGIN SELECT RAISE(ABORT, 'the record is only added to: kept are never deleted'); END;
