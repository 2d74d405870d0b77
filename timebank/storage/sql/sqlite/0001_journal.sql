-- timebank, SQLite, 0001: the journal. What stands here is written once and never changed.
-- The leaf of an entry is its canonical JSON, stored as the bytes that are hashed:
--     SELECT seq, CAST(leaf AS TEXT) FROM entry;

-- One row per entry. seq counts from 0 without gaps and is the entry's place in the tree.
-- hash is SHA-256(0x00 || leaf); key is the caller's idempotency key and kind what happened, both as in the leaf.
CREATE TABLE entry (
    seq  INTEGER PRIMARY KEY CHECK (seq >= 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    key  TEXT CHECK (length(key) BETWEEN 1 AND 64),
    kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 32),
    leaf BLOB NOT NULL CHECK (length(leaf) BETWEEN 2 AND 65535)
) STRICT;

CREATE UNIQUE INDEX entry_key ON entry (key) WHERE key IS NOT NULL;

CREATE TRIGGER entry_follows_the_last BEFORE INSERT ON entry
WHEN new.seq IS NOT (SELECT coalesce(max(seq), -1) + 1 FROM entry)
BEGIN SELECT RAISE(ABORT, 'timebank: an entry must follow the last one'); END;

CREATE TRIGGER entry_key_is_new BEFORE INSERT ON entry
WHEN new.key IS NOT NULL AND EXISTS (SELECT 1 FROM entry WHERE key = new.key)
BEGIN SELECT RAISE(ABORT, 'timebank: a key is used once'); END;

CREATE TRIGGER entry_is_not_updated BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'timebank: an entry is never changed'); END;

CREATE TRIGGER entry_is_not_deleted BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'timebank: an entry is never deleted'); END;

-- Roots of complete runs of 256 (level 1), 65,536 (level 2), ... entries: run n of level k covers the
-- entries n * 256^k up to, but without, (n + 1) * 256^k. Proofs are read from here and from entry.hash.
CREATE TABLE subtree (
    level    INTEGER NOT NULL CHECK (level BETWEEN 1 AND 7),
    position INTEGER NOT NULL CHECK (position >= 0),
    hash     BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER subtree_follows_the_last BEFORE INSERT ON subtree
WHEN new.position IS NOT (SELECT coalesce(max(position), -1) + 1 FROM subtree WHERE level = new.level)
    OR ((new.position + 1) << (8 * new.level)) > (SELECT coalesce(max(seq), -1) + 1 FROM entry)
BEGIN SELECT RAISE(ABORT, 'timebank: a subtree must follow the last one, and its entries be there'); END;

CREATE TRIGGER subtree_is_not_updated BEFORE UPDATE ON subtree
BEGIN SELECT RAISE(ABORT, 'timebank: a subtree is never changed'); END;

CREATE TRIGGER subtree_is_not_deleted BEFORE DELETE ON subtree
BEGIN SELECT RAISE(ABORT, 'timebank: a subtree is never deleted'); END;

-- Signed checkpoint notes, verbatim; size is how many entries the note covers.
CREATE TABLE checkpoint (
    size INTEGER PRIMARY KEY CHECK (size >= 0),
    note TEXT NOT NULL CHECK (length(note) BETWEEN 1 AND 65535)
) STRICT;

CREATE TRIGGER checkpoint_grows BEFORE INSERT ON checkpoint
WHEN new.size <= (SELECT coalesce(max(size), -1) FROM checkpoint)
    OR new.size > (SELECT coalesce(max(seq), -1) + 1 FROM entry)
BEGIN SELECT RAISE(ABORT, 'timebank: a checkpoint covers more than the last one, and no more than there is'); END;

CREATE TRIGGER checkpoint_is_not_updated BEFORE UPDATE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'timebank: a checkpoint is never changed'); END;

CREATE TRIGGER checkpoint_is_not_deleted BEFORE DELETE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'timebank: a checkpoint is never deleted'); END;
