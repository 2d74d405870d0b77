-- timebank, SQLite, 0002: the projections. Everything here is made from the leaves and can be made again
-- (timebank rebuild drops these tables, runs this file, and reads the journal from its start).

-- ---- Double entry -----------------------------------------------------------------------------------

-- An account in one unit, with its balance in its own sign: debits less credits for A and X (sign = 1),
-- credits less debits for L, E and I (sign = -1). A and L may not go below zero.
CREATE TABLE account (
    id      INTEGER PRIMARY KEY,
    code    TEXT NOT NULL CHECK (
        code GLOB '[ALEIX]:*' AND NOT code GLOB '*[^A-Z0-9:-]*' AND NOT code GLOB '*:[:-]*'
        AND NOT code GLOB '*:' AND length(code) <= 200
    ),
    unit    TEXT NOT NULL CHECK (
        unit GLOB '[A-Z]*' AND NOT unit GLOB '*[^A-Z0-9._-]*' AND NOT unit GLOB '*[._-]' AND length(unit) <= 23
    ),
    sign    INTEGER NOT NULL CHECK (sign = CASE WHEN substr(code, 1, 1) IN ('A', 'X') THEN 1 ELSE -1 END),
    balance INTEGER NOT NULL DEFAULT 0,
    UNIQUE (code, unit),
    CHECK (balance >= 0 OR substr(code, 1, 1) NOT IN ('A', 'L'))
) STRICT;

CREATE TRIGGER account_opens_empty BEFORE INSERT ON account
WHEN new.balance <> 0 OR EXISTS (SELECT 1 FROM account WHERE code = new.code AND unit = new.unit)
    OR EXISTS (SELECT 1 FROM account WHERE id = new.id)
BEGIN SELECT RAISE(ABORT, 'timebank: an account opens once, and empty'); END;

-- Not UPDATE OF id: SQLite would let "SET rowid = ..." pass, which is the same column.
CREATE TRIGGER account_keeps_its_name BEFORE UPDATE ON account
WHEN new.id <> old.id OR new.code <> old.code OR new.unit <> old.unit OR new.sign <> old.sign
BEGIN SELECT RAISE(ABORT, 'timebank: an account keeps its code and unit'); END;

CREATE TRIGGER account_is_not_deleted BEFORE DELETE ON account
BEGIN SELECT RAISE(ABORT, 'timebank: an account is never deleted'); END;

-- Transfer number pos of entry seq: amount goes from the credit account to the debit account.
-- One amount and one unit for both sides: there is no unbalanced transfer to write down.
-- day is the entry's day, written yyyymmdd: 20260208.
-- debit_after and credit_after are the two balances right after it; they make "as of entry" one look-up.
CREATE TABLE transfer (
    seq          INTEGER NOT NULL REFERENCES entry (seq),
    pos          INTEGER NOT NULL CHECK (pos >= 0),
    debit        INTEGER NOT NULL REFERENCES account (id),
    credit       INTEGER NOT NULL REFERENCES account (id),
    amount       INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 1000000000000),
    day          INTEGER NOT NULL CHECK (day BETWEEN 10101 AND 99991231),
    debit_after  INTEGER NOT NULL,
    credit_after INTEGER NOT NULL,
    PRIMARY KEY (seq, pos),
    CHECK (debit <> credit)
) STRICT, WITHOUT ROWID;

CREATE INDEX transfer_debit ON transfer (debit, seq, pos);
CREATE INDEX transfer_credit ON transfer (credit, seq, pos);

CREATE TRIGGER transfer_follows_the_last BEFORE INSERT ON transfer
WHEN new.seq NOT BETWEEN 0 AND (SELECT coalesce(max(seq), -1) FROM entry)
    OR EXISTS (SELECT 1 FROM transfer WHERE (seq, pos) >= (new.seq, new.pos))
    OR new.pos <> (SELECT count(*) FROM transfer WHERE seq = new.seq)
BEGIN SELECT RAISE(ABORT, 'timebank: a transfer belongs to an entry and follows the last one'); END;

-- All is looked at before anything moves: INSERT OR IGNORE and OR FAIL hand their policy down to the updates
-- here, so that a CHECK that fails in them would skip, or leave standing, one half of a transfer.
CREATE TRIGGER transfer_moves_balances AFTER INSERT ON transfer
BEGIN
    SELECT RAISE(ABORT, 'timebank: a transfer has two accounts of one unit and says what they hold after it')
    WHERE NOT EXISTS (
        SELECT 1 FROM account AS d JOIN account AS c ON c.id = new.credit AND c.unit = d.unit
        WHERE d.id = new.debit
            AND new.debit_after = d.balance + d.sign * new.amount
            AND new.credit_after = c.balance - c.sign * new.amount
            AND (new.debit_after >= 0 OR substr(d.code, 1, 1) NOT IN ('A', 'L'))
            AND (new.credit_after >= 0 OR substr(c.code, 1, 1) NOT IN ('A', 'L'))
    );
    UPDATE account SET balance = new.debit_after WHERE id = new.debit;
    UPDATE account SET balance = new.credit_after WHERE id = new.credit;
END;

CREATE TRIGGER transfer_is_not_updated BEFORE UPDATE ON transfer
BEGIN SELECT RAISE(ABORT, 'timebank: a transfer is never changed'); END;

CREATE TRIGGER transfer_is_not_deleted BEFORE DELETE ON transfer
BEGIN SELECT RAISE(ABORT, 'timebank: a transfer is never deleted'); END;

-- What moved on an account on a day (yyyymmdd), by the days of the entries, in complete runs of 256 entries.
-- A balance at the end of a day is a sum from here and from the transfers of the last, incomplete run.
CREATE TABLE day_total (
    account INTEGER NOT NULL REFERENCES account (id),
    day     INTEGER NOT NULL CHECK (day BETWEEN 10101 AND 99991231),
    amount  INTEGER NOT NULL,
    PRIMARY KEY (account, day)
) STRICT, WITHOUT ROWID;

-- How many entries of a kind there are in complete runs of 256 entries.
CREATE TABLE tally (
    kind    TEXT PRIMARY KEY,
    entries INTEGER NOT NULL CHECK (entries > 0)
) STRICT, WITHOUT ROWID;

-- Which entry (resolver) reversed entry seq, or posted or voided the hold that it made: once, for good.
CREATE TABLE resolution (
    seq      INTEGER PRIMARY KEY REFERENCES entry (seq),
    resolver INTEGER NOT NULL UNIQUE REFERENCES entry (seq),
    CHECK (resolver > seq)
) STRICT;

CREATE TRIGGER resolution_is_once BEFORE INSERT ON resolution
WHEN EXISTS (SELECT 1 FROM resolution WHERE seq = new.seq OR resolver = new.resolver)
BEGIN SELECT RAISE(ABORT, 'timebank: an entry is resolved once'); END;

CREATE TRIGGER resolution_is_not_updated BEFORE UPDATE ON resolution
BEGIN SELECT RAISE(ABORT, 'timebank: a resolution is never changed'); END;

CREATE TRIGGER resolution_is_not_deleted BEFORE DELETE ON resolution
BEGIN SELECT RAISE(ABORT, 'timebank: a resolution is never deleted'); END;

-- ---- The programme ----------------------------------------------------------------------------------
-- Each row says in seq which entry wrote it last.

CREATE TABLE unit (
    code TEXT PRIMARY KEY,
    zh   TEXT NOT NULL,
    en   TEXT NOT NULL,
    seq  INTEGER NOT NULL REFERENCES entry (seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE organisation (
    id     TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    level  TEXT NOT NULL CHECK (level IN ('district', 'street', 'community', 'grid', 'building')),
    parent TEXT REFERENCES organisation (id),
    seq    INTEGER NOT NULL REFERENCES entry (seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE operator (
    id   TEXT PRIMARY KEY,
    org  TEXT REFERENCES organisation (id),
    role TEXT NOT NULL CHECK (role IN ('clerk', 'supervisor', 'registrar', 'auditor', 'admin')),
    seq  INTEGER NOT NULL REFERENCES entry (seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE rulebook (
    from_day TEXT NOT NULL,
    seq      INTEGER NOT NULL REFERENCES entry (seq),
    name     TEXT NOT NULL,
    PRIMARY KEY (from_day, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE member (
    id   TEXT PRIMARY KEY CHECK (length(id) = 10),
    org  TEXT NOT NULL REFERENCES organisation (id),
    kind TEXT NOT NULL CHECK (kind IN ('person', 'household', 'team')),
    seq  INTEGER NOT NULL REFERENCES entry (seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE card (
    number TEXT PRIMARY KEY,
    member TEXT NOT NULL REFERENCES member (id),
    state  TEXT NOT NULL CHECK (state IN ('active', 'blocked', 'replaced')),
    seq    INTEGER NOT NULL REFERENCES entry (seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX card_member ON card (member);

CREATE TABLE shop (
    id   TEXT PRIMARY KEY,
    org  TEXT NOT NULL REFERENCES organisation (id),
    name TEXT NOT NULL,
    seq  INTEGER NOT NULL REFERENCES entry (seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE good (
    id   TEXT PRIMARY KEY,
    unit TEXT NOT NULL UNIQUE REFERENCES unit (code),
    seq  INTEGER NOT NULL REFERENCES entry (seq)
) STRICT, WITHOUT ROWID;

-- points for one piece, in force from from_day until a later row of the same shop and good.
CREATE TABLE price (
    shop     TEXT NOT NULL REFERENCES shop (id),
    good     TEXT NOT NULL REFERENCES good (id),
    from_day TEXT NOT NULL,
    seq      INTEGER NOT NULL REFERENCES entry (seq),
    points   INTEGER NOT NULL CHECK (points BETWEEN 1 AND 1000000000000),
    PRIMARY KEY (shop, good, from_day, seq)
) STRICT, WITHOUT ROWID;

-- Written once: units, organisations, rulebooks, members, shops, goods and prices. Cards and operators change
-- (blocked, replaced, another role), but no row of theirs goes away.

CREATE TRIGGER unit_is_new BEFORE INSERT ON unit
WHEN EXISTS (SELECT 1 FROM unit WHERE code = new.code)
BEGIN SELECT RAISE(ABORT, 'timebank: a unit is written once'); END;

CREATE TRIGGER unit_is_not_updated BEFORE UPDATE ON unit
BEGIN SELECT RAISE(ABORT, 'timebank: a unit is never changed'); END;

CREATE TRIGGER organisation_is_new BEFORE INSERT ON organisation
WHEN EXISTS (SELECT 1 FROM organisation WHERE id = new.id)
BEGIN SELECT RAISE(ABORT, 'timebank: an organisation is written once'); END;

CREATE TRIGGER organisation_is_not_updated BEFORE UPDATE ON organisation
BEGIN SELECT RAISE(ABORT, 'timebank: an organisation is never changed'); END;

CREATE TRIGGER rulebook_is_new BEFORE INSERT ON rulebook
WHEN EXISTS (SELECT 1 FROM rulebook WHERE from_day = new.from_day AND seq = new.seq)
BEGIN SELECT RAISE(ABORT, 'timebank: a rulebook is written once'); END;

CREATE TRIGGER rulebook_is_not_updated BEFORE UPDATE ON rulebook
BEGIN SELECT RAISE(ABORT, 'timebank: a rulebook is never changed'); END;

CREATE TRIGGER member_is_new BEFORE INSERT ON member
WHEN EXISTS (SELECT 1 FROM member WHERE id = new.id)
BEGIN SELECT RAISE(ABORT, 'timebank: a member is written once'); END;

CREATE TRIGGER member_is_not_updated BEFORE UPDATE ON member
BEGIN SELECT RAISE(ABORT, 'timebank: a member is never changed'); END;

CREATE TRIGGER shop_is_new BEFORE INSERT ON shop
WHEN EXISTS (SELECT 1 FROM shop WHERE id = new.id)
BEGIN SELECT RAISE(ABORT, 'timebank: a shop is written once'); END;

CREATE TRIGGER shop_is_not_updated BEFORE UPDATE ON shop
BEGIN SELECT RAISE(ABORT, 'timebank: a shop is never changed'); END;

CREATE TRIGGER good_is_new BEFORE INSERT ON good
WHEN EXISTS (SELECT 1 FROM good WHERE id = new.id OR unit = new.unit)
BEGIN SELECT RAISE(ABORT, 'timebank: a good is written once'); END;

CREATE TRIGGER good_is_not_updated BEFORE UPDATE ON good
BEGIN SELECT RAISE(ABORT, 'timebank: a good is never changed'); END;

CREATE TRIGGER price_is_new BEFORE INSERT ON price
WHEN EXISTS (SELECT 1 FROM price WHERE shop = new.shop AND good = new.good AND from_day = new.from_day AND seq = new.seq)
BEGIN SELECT RAISE(ABORT, 'timebank: a price is written once'); END;

CREATE TRIGGER price_is_not_updated BEFORE UPDATE ON price
BEGIN SELECT RAISE(ABORT, 'timebank: a price is never changed'); END;

CREATE TRIGGER unit_is_not_deleted BEFORE DELETE ON unit
BEGIN SELECT RAISE(ABORT, 'timebank: a unit is never deleted'); END;

CREATE TRIGGER organisation_is_not_deleted BEFORE DELETE ON organisation
BEGIN SELECT RAISE(ABORT, 'timebank: an organisation is never deleted'); END;

CREATE TRIGGER rulebook_is_not_deleted BEFORE DELETE ON rulebook
BEGIN SELECT RAISE(ABORT, 'timebank: a rulebook is never deleted'); END;

CREATE TRIGGER member_is_not_deleted BEFORE DELETE ON member
BEGIN SELECT RAISE(ABORT, 'timebank: a member is never deleted'); END;

CREATE TRIGGER shop_is_not_deleted BEFORE DELETE ON shop
BEGIN SELECT RAISE(ABORT, 'timebank: a shop is never deleted'); END;

CREATE TRIGGER good_is_not_deleted BEFORE DELETE ON good
BEGIN SELECT RAISE(ABORT, 'timebank: a good is never deleted'); END;

CREATE TRIGGER price_is_not_deleted BEFORE DELETE ON price
BEGIN SELECT RAISE(ABORT, 'timebank: a price is never deleted'); END;

CREATE TRIGGER card_keeps_its_number BEFORE UPDATE OF number ON card WHEN new.number <> old.number
BEGIN SELECT RAISE(ABORT, 'timebank: a card keeps its number'); END;

CREATE TRIGGER operator_keeps_its_id BEFORE UPDATE OF id ON operator WHEN new.id <> old.id
BEGIN SELECT RAISE(ABORT, 'timebank: an operator keeps its id'); END;

CREATE TRIGGER card_is_not_deleted BEFORE DELETE ON card
BEGIN SELECT RAISE(ABORT, 'timebank: a card is never deleted'); END;

CREATE TRIGGER operator_is_not_deleted BEFORE DELETE ON operator
BEGIN SELECT RAISE(ABORT, 'timebank: an operator is never deleted'); END;
