-- timebank, SQLite, 0004: projections of claims, the evidence seen with them, and appeals against deductions.

-- A claim, by the entry that submitted it. members: 1 to 200 ids with spaces, in the claim's order.
-- reviewed_by: who approved or rejected it.
-- notice_until: the last day of public notice. objected_by: who objected last. award: the entry that posted it.
CREATE TABLE claim (
    seq          INTEGER PRIMARY KEY REFERENCES entry (seq),
    org          TEXT NOT NULL REFERENCES organisation (id),
    service      TEXT NOT NULL,
    day          TEXT NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    state        TEXT NOT NULL
        CHECK (state IN ('submitted', 'approved', 'objected', 'rejected', 'withdrawn', 'awarded')),
    members      TEXT NOT NULL CHECK (length(members) BETWEEN 10 AND 2199 AND NOT members GLOB '*[^0-9A-Z ]*'),
    submitted_by TEXT NOT NULL REFERENCES operator (id),
    reviewed_by  TEXT REFERENCES operator (id),
    notice_until TEXT CHECK (notice_until GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    objected_by  TEXT REFERENCES operator (id),
    award        INTEGER UNIQUE REFERENCES entry (seq),
    CHECK (reviewed_by <> submitted_by),
    CHECK (day <= notice_until),
    CHECK (state NOT IN ('approved', 'objected', 'awarded') OR (reviewed_by IS NOT NULL AND notice_until IS NOT NULL)),
    CHECK (state <> 'submitted' OR reviewed_by IS NULL),
    CHECK (state <> 'objected' OR objected_by IS NOT NULL),
    CHECK ((state = 'awarded') = (award IS NOT NULL)),
    CHECK (award > seq)
) STRICT, WITHOUT ROWID;

-- The guard looks for the row first: an INSERT ... ON CONFLICT DO UPDATE comes by here as well.
CREATE TRIGGER claim_begins_submitted BEFORE INSERT ON claim
WHEN new.state <> 'submitted' AND NOT EXISTS (SELECT 1 FROM claim WHERE seq = new.seq)
BEGIN SELECT RAISE(ABORT, 'timebank: a claim begins submitted'); END;

CREATE TRIGGER claim_keeps_what_was_claimed BEFORE UPDATE ON claim
WHEN new.seq <> old.seq OR new.org <> old.org OR new.service <> old.service OR new.day <> old.day
    OR new.members <> old.members OR new.submitted_by <> old.submitted_by
BEGIN SELECT RAISE(ABORT, 'timebank: a claim keeps what was claimed'); END;

CREATE TRIGGER claim_goes_its_way BEFORE UPDATE ON claim
WHEN (old.state || ' ' || new.state) NOT IN (
    'submitted approved', 'submitted rejected', 'submitted withdrawn',
    'approved objected', 'approved withdrawn', 'approved awarded',
    'objected approved', 'objected rejected'
)
BEGIN SELECT RAISE(ABORT, 'timebank: a claim does not go from this state to that one'); END;

CREATE TRIGGER claim_is_not_deleted BEFORE DELETE ON claim
BEGIN SELECT RAISE(ABORT, 'timebank: a claim is never deleted'); END;

-- The SHA-256 of some evidence, and an entry that it came with: a claim, or an award recorded without one.
CREATE TABLE evidence (
    hash  TEXT NOT NULL CHECK (length(hash) = 64 AND NOT hash GLOB '*[^0-9a-f]*'),
    claim INTEGER NOT NULL REFERENCES entry (seq),
    PRIMARY KEY (hash, claim)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER evidence_is_new BEFORE INSERT ON evidence
WHEN EXISTS (SELECT 1 FROM evidence WHERE hash = new.hash AND claim = new.claim)
BEGIN SELECT RAISE(ABORT, 'timebank: evidence is written once'); END;

CREATE TRIGGER evidence_is_not_updated BEFORE UPDATE ON evidence
BEGIN SELECT RAISE(ABORT, 'timebank: evidence is never changed'); END;

CREATE TRIGGER evidence_is_not_deleted BEFORE DELETE ON evidence
BEGIN SELECT RAISE(ABORT, 'timebank: evidence is never deleted'); END;

-- An appeal against a deduction, by the deduction's entry.
CREATE TABLE appeal (
    deduction INTEGER PRIMARY KEY REFERENCES entry (seq),
    member    TEXT NOT NULL REFERENCES member (id),
    state     TEXT NOT NULL CHECK (state IN ('lodged', 'denied', 'granted')),
    seq       INTEGER NOT NULL UNIQUE REFERENCES entry (seq),
    CHECK (seq > deduction)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER appeal_begins_lodged BEFORE INSERT ON appeal
WHEN new.state <> 'lodged' AND NOT EXISTS (SELECT 1 FROM appeal WHERE deduction = new.deduction)
BEGIN SELECT RAISE(ABORT, 'timebank: an appeal begins lodged'); END;

CREATE TRIGGER appeal_is_decided_once BEFORE UPDATE ON appeal
WHEN new.deduction <> old.deduction OR new.member <> old.member OR old.state <> 'lodged' OR new.state = 'lodged'
BEGIN SELECT RAISE(ABORT, 'timebank: an appeal is decided once'); END;

CREATE TRIGGER appeal_is_not_deleted BEFORE DELETE ON appeal
BEGIN SELECT RAISE(ABORT, 'timebank: an appeal is never deleted'); END;
