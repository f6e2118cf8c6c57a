/**
 * Sealed objects on their way to places. State: 0 queued, 1 sent, 2 confirmed, 3 verified. "rank" is the order within a lane;
 * "next_ms" is null for what is parked. Bytes stand in copies too, so that what waits is summed without another table.
 */
export const sql = `
-- "waiting" counts the copies that are not yet confirmed: given with the object, then kept by triggers, since copies also go
-- with their place. (A trigger on insert would cost a quarter of all that queueing costs.)
CREATE TABLE packs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  spool BLOB NOT NULL,
  sealed_ms INTEGER NOT NULL,
  waiting INTEGER NOT NULL CHECK (waiting >= 0)
) STRICT;
CREATE INDEX packs_settled ON packs (id) WHERE waiting = 0;

CREATE TABLE copies (
  pack INTEGER NOT NULL REFERENCES packs (id) ON DELETE CASCADE,
  place INTEGER NOT NULL REFERENCES places (id) ON DELETE CASCADE,
  state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
  lane INTEGER NOT NULL CHECK (lane IN (0, 1)),
  rank INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_ms INTEGER DEFAULT 0,
  error TEXT,
  PRIMARY KEY (pack, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX copies_due ON copies (place, lane, next_ms, rank) WHERE state = 0;

CREATE TRIGGER copies_settled AFTER UPDATE OF state ON copies WHEN old.state < 2 AND new.state >= 2 BEGIN
  UPDATE packs SET waiting = waiting - 1 WHERE id = new.pack;
END;
CREATE TRIGGER copies_unsettled AFTER UPDATE OF state ON copies WHEN old.state >= 2 AND new.state < 2 BEGIN
  UPDATE packs SET waiting = waiting + 1 WHERE id = new.pack;
END;
CREATE TRIGGER copies_removed AFTER DELETE ON copies WHEN old.state < 2 BEGIN
  UPDATE packs SET waiting = waiting - 1 WHERE id = old.pack;
END;
`;
