/**
 * Paths and places are BLOBs, since file names need not be text. Ids are never used twice (AUTOINCREMENT), so what is known of
 * a place that was removed is never taken for another's.
 */
export const sql = `
-- One row. "version" says the same as PRAGMA user_version: a flipped bit must not pass for a newer Coffer.
CREATE TABLE journal (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL,
  clean INTEGER NOT NULL CHECK (clean IN (0, 1)),
  revision INTEGER NOT NULL
) STRICT;
INSERT INTO journal (id, version, clean, revision) VALUES (1, 1, 1, 0);

CREATE TABLE sources (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  path BLOB NOT NULL UNIQUE,
  rules TEXT NOT NULL
) STRICT;

-- What stood at the path of a source when it was last watched.
CREATE TABLE roots (
  source INTEGER PRIMARY KEY REFERENCES sources (id) ON DELETE CASCADE,
  mark TEXT NOT NULL
) STRICT;

CREATE TABLE places (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  url BLOB NOT NULL UNIQUE,
  vault TEXT NOT NULL
) STRICT;

-- One row, or none while nothing was changed.
CREATE TABLE settings (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  value TEXT NOT NULL
) STRICT;

-- One row while the person has paused.
CREATE TABLE pause (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  value TEXT NOT NULL
) STRICT;

-- "kind" is null until the run has ended.
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  place INTEGER NOT NULL REFERENCES places (id) ON DELETE CASCADE,
  reason TEXT NOT NULL,
  started_ms INTEGER NOT NULL,
  kind TEXT CHECK (kind IN ('done', 'failed', 'stopped')),
  outcome TEXT
) STRICT;
CREATE INDEX runs_of_place ON runs (place, id);
CREATE INDEX runs_done ON runs (place, id) WHERE kind = 'done';
CREATE INDEX runs_open ON runs (id) WHERE kind IS NULL;

CREATE TABLE failures (
  place INTEGER NOT NULL REFERENCES places (id) ON DELETE CASCADE,
  path BLOB NOT NULL,
  code TEXT NOT NULL,
  since_ms INTEGER NOT NULL,
  PRIMARY KEY (place, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE activity (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  problem INTEGER NOT NULL CHECK (problem IN (0, 1)),
  context TEXT NOT NULL
) STRICT;
CREATE INDEX activity_problems ON activity (id) WHERE problem = 1;

CREATE TABLE due (
  name TEXT PRIMARY KEY,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
