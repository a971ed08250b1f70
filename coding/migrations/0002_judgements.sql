-- A reading may be the judgement of a unit of a blind sample: which sample, and which of the codes were given.

ALTER TABLE readings ADD COLUMN sample TEXT NOT NULL DEFAULT '';
ALTER TABLE readings ADD COLUMN given TEXT;
