-- timebank, SQLite, 0009: the keys that sign checkpoints, and the epochs of a book that lost its newest entries.
-- Projections, like all from 0002 on.

-- The key vkey signs checkpoints of more than seq entries, until a later row's key takes its place.
CREATE TABLE signing_key (
    seq  INTEGER NOT NULL PRIMARY KEY REFERENCES entry (seq),
    vkey TEXT NOT NULL CHECK (length(vkey) BETWEEN 1 AND 400)
) STRICT;

CREATE TRIGGER signing_key_is_new BEFORE INSERT ON signing_key
WHEN EXISTS (SELECT 1 FROM signing_key WHERE seq >= new.seq OR vkey = new.vkey)
BEGIN SELECT RAISE(ABORT, 'timebank: a key follows the last one, and none comes back'); END;

CREATE TRIGGER signing_key_is_not_updated BEFORE UPDATE ON signing_key
BEGIN SELECT RAISE(ABORT, 'timebank: a key is never changed'); END;

CREATE TRIGGER signing_key_is_not_deleted BEFORE DELETE ON signing_key
BEGIN SELECT RAISE(ABORT, 'timebank: a key is never deleted'); END;

-- Entry seq opened epoch number: of the size entries with this root (in base64) that were signed once, those from
-- seq on are lost.
CREATE TABLE epoch (
    seq    INTEGER NOT NULL PRIMARY KEY REFERENCES entry (seq),
    number INTEGER NOT NULL CHECK (number >= 1),
    reason TEXT NOT NULL,
    size   INTEGER NOT NULL,
    root   TEXT NOT NULL CHECK (length(root) = 44),
    CHECK (size > seq)
) STRICT;

CREATE TRIGGER epoch_is_new BEFORE INSERT ON epoch
WHEN EXISTS (SELECT 1 FROM epoch WHERE seq >= new.seq OR number >= new.number)
BEGIN SELECT RAISE(ABORT, 'timebank: an epoch follows the last one'); END;

CREATE TRIGGER epoch_is_not_updated BEFORE UPDATE ON epoch
BEGIN SELECT RAISE(ABORT, 'timebank: an epoch is never changed'); END;

CREATE TRIGGER epoch_is_not_deleted BEFORE DELETE ON epoch
BEGIN SELECT RAISE(ABORT, 'timebank: an epoch is never deleted'); END;
