/**
 * A spool belongs to one place, so an object waits for one place: one row says all. Rows are facts about files in the spool and
 * may be lost, so those of the tables before are not taken over. State: 0 waiting, 1 under way. "next_ms" is null for what is
 * parked, and a wall time.
 */
export const sql = `
DROP TRIGGER copies_settled;
DROP TRIGGER copies_unsettled;
DROP TRIGGER copies_removed;
DROP TABLE copies;
DROP TABLE packs;

CREATE TABLE uploads (
  place INTEGER NOT NULL REFERENCES places (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  spooled_ms INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1)),
  attempts INTEGER NOT NULL DEFAULT 0,
  next_ms INTEGER DEFAULT 0,
  error TEXT,
  PRIMARY KEY (place, key)
) STRICT, WITHOUT ROWID;
`;
