-- timebank, the people file: what is known of persons, apart from the ledger so that it can be erased.

CREATE TABLE book (
    one    INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    origin TEXT NOT NULL
) STRICT;

-- known_at is how many entries the journal had when this was written: an erasure at that place or later takes the
-- person out. id_mark is the keyed hash of the number of an identity document, id_end its last four characters.
CREATE TABLE person (
    member   TEXT NOT NULL PRIMARY KEY,
    name     TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    phone    TEXT CHECK (length(phone) BETWEEN 5 AND 20),
    id_mark  BLOB UNIQUE CHECK (length(id_mark) = 32),
    id_end   TEXT CHECK (length(id_end) = 4),
    day      TEXT NOT NULL,
    by       TEXT NOT NULL,
    known_at INTEGER NOT NULL CHECK (known_at >= 0),
    CHECK ((id_mark IS NULL) = (id_end IS NULL))
) STRICT;

-- The last row of a member and a purpose says whether there is consent.
CREATE TABLE consent (
    number   INTEGER NOT NULL PRIMARY KEY,
    member   TEXT NOT NULL REFERENCES person (member) ON DELETE CASCADE,
    purpose  TEXT NOT NULL,
    is_given INTEGER NOT NULL CHECK (is_given IN (0, 1)),
    day      TEXT NOT NULL,
    by       TEXT NOT NULL
) STRICT;

CREATE INDEX consent_of ON consent (member, purpose, number);

-- hash is SHA-256 of salt and text; the journal may hold it as evidence.
CREATE TABLE memo (
    hash   TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
    member TEXT NOT NULL REFERENCES person (member) ON DELETE CASCADE,
    day    TEXT NOT NULL,
    by     TEXT NOT NULL,
    salt   BLOB NOT NULL CHECK (length(salt) = 16),
    text   TEXT NOT NULL
) STRICT;

CREATE INDEX memo_of ON memo (member);

-- Erasures whose rows are deleted, and the file not yet written anew without what they may have left behind.
CREATE TABLE sweep (
    seq INTEGER NOT NULL PRIMARY KEY
) STRICT;
