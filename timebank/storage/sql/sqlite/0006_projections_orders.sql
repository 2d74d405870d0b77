-- timebank, SQLite, 0006: projections of orders, of venues and the log of their rooms, and of ratings.

-- An order (order is a word of SQL), by the entry that opened it. unit: where it was dispatched to, if to no member.
-- volunteer: the member who was sent, or who accepted. claim: the entry that claims the volunteer's points.
CREATE TABLE request (
    seq       INTEGER PRIMARY KEY REFERENCES entry (seq),
    org       TEXT NOT NULL REFERENCES organisation (id),
    kind      TEXT NOT NULL,
    member    TEXT NOT NULL REFERENCES member (id),
    opened    TEXT NOT NULL CHECK (opened GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    due       TEXT CHECK (due GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    state     TEXT NOT NULL
        CHECK (state IN ('open', 'dispatched', 'accepted', 'finished', 'rated', 'cancelled')),
    unit      TEXT,
    volunteer TEXT REFERENCES member (id),
    finished  TEXT CHECK (finished GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    rated     TEXT CHECK (rated GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    stars     INTEGER CHECK (stars BETWEEN 1 AND 5),
    done      INTEGER CHECK (done IN (0, 1)),
    claim     INTEGER UNIQUE REFERENCES entry (seq),
    CHECK (opened <= due AND opened <= finished AND finished <= rated),
    CHECK (state <> 'open' OR (unit IS NULL AND volunteer IS NULL)),
    CHECK (state <> 'dispatched' OR (unit IS NULL) <> (volunteer IS NULL)),
    CHECK (state NOT IN ('accepted', 'finished', 'rated') OR volunteer IS NOT NULL),
    CHECK ((state IN ('finished', 'rated')) = (finished IS NOT NULL)),
    CHECK ((state = 'rated') = (rated IS NOT NULL)),
    CHECK ((state = 'rated') = (stars IS NOT NULL)),
    CHECK ((state = 'rated') = (done IS NOT NULL)),
    CHECK (claim IS NULL OR (done IS NOT NULL AND done = 1))
) STRICT, WITHOUT ROWID;

-- The guard looks for the row first: an INSERT ... ON CONFLICT DO UPDATE comes by here as well.
CREATE TRIGGER request_begins_open BEFORE INSERT ON request
WHEN new.state <> 'open' AND NOT EXISTS (SELECT 1 FROM request WHERE seq = new.seq)
BEGIN SELECT RAISE(ABORT, 'timebank: an order begins open'); END;

CREATE TRIGGER request_keeps_what_was_asked BEFORE UPDATE ON request
WHEN new.seq <> old.seq OR new.org <> old.org OR new.kind <> old.kind OR new.member <> old.member
    OR new.opened <> old.opened OR new.due IS NOT old.due
BEGIN SELECT RAISE(ABORT, 'timebank: an order keeps what was asked'); END;

CREATE TRIGGER request_goes_step_by_step BEFORE UPDATE ON request
WHEN (old.state, new.state) NOT IN (
    VALUES ('open', 'dispatched'), ('open', 'accepted'), ('open', 'cancelled'),
        ('dispatched', 'accepted'), ('dispatched', 'open'), ('dispatched', 'cancelled'),
        ('accepted', 'finished'), ('accepted', 'cancelled'), ('finished', 'rated'), ('rated', 'rated')
)
BEGIN SELECT RAISE(ABORT, 'timebank: an order goes step by step'); END;

CREATE TRIGGER request_is_rated_and_claimed_once BEFORE UPDATE ON request
WHEN old.state = 'rated' AND (
    old.claim IS NOT NULL OR new.claim IS NULL OR new.stars <> old.stars OR new.done <> old.done
    OR new.rated <> old.rated OR new.finished <> old.finished OR new.volunteer <> old.volunteer
)
BEGIN SELECT RAISE(ABORT, 'timebank: an order is rated once, and claimed once'); END;

CREATE TRIGGER request_is_not_deleted BEFORE DELETE ON request
BEGIN SELECT RAISE(ABORT, 'timebank: an order is never deleted'); END;

CREATE TABLE venue (
    id   TEXT PRIMARY KEY,
    org  TEXT NOT NULL REFERENCES organisation (id),
    name TEXT NOT NULL,
    seq  INTEGER NOT NULL REFERENCES entry (seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER venue_is_new BEFORE INSERT ON venue
WHEN EXISTS (SELECT 1 FROM venue WHERE id = new.id)
BEGIN SELECT RAISE(ABORT, 'timebank: a venue is written once'); END;

CREATE TRIGGER venue_is_not_updated BEFORE UPDATE ON venue
BEGIN SELECT RAISE(ABORT, 'timebank: a venue is never changed'); END;

CREATE TRIGGER venue_is_not_deleted BEFORE DELETE ON venue
BEGIN SELECT RAISE(ABORT, 'timebank: a venue is never deleted'); END;

-- How often a room was used for a purpose in a month, and by how many people: sums, which only grow.
CREATE TABLE visit (
    venue   TEXT NOT NULL REFERENCES venue (id),
    month   TEXT NOT NULL CHECK (month GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]'),
    room    TEXT NOT NULL CHECK (length(room) BETWEEN 1 AND 40),
    purpose TEXT NOT NULL CHECK (length(purpose) BETWEEN 1 AND 40),
    uses    INTEGER NOT NULL CHECK (uses > 0),
    people  INTEGER NOT NULL CHECK (people > 0),
    seq     INTEGER NOT NULL REFERENCES entry (seq),
    PRIMARY KEY (venue, month, room, purpose)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER visit_only_grows BEFORE UPDATE ON visit
WHEN new.venue <> old.venue OR new.month <> old.month OR new.room <> old.room OR new.purpose <> old.purpose
    OR new.uses <= old.uses OR new.people <= old.people OR new.seq <= old.seq
BEGIN SELECT RAISE(ABORT, 'timebank: a sum of visits only grows'); END;

CREATE TRIGGER visit_is_not_deleted BEFORE DELETE ON visit
BEGIN SELECT RAISE(ABORT, 'timebank: a sum of visits is never deleted'); END;

-- What a party gave a subject in a quarter; a later entry of the same party corrects.
CREATE TABLE rating (
    subject TEXT NOT NULL CHECK (subject IN ('project', 'team', 'property')),
    id      TEXT NOT NULL,
    quarter TEXT NOT NULL CHECK (quarter GLOB '[0-9][0-9][0-9][0-9]-Q[1-4]'),
    party   TEXT NOT NULL,
    score   INTEGER NOT NULL CHECK (score BETWEEN 0 AND 100),
    people  INTEGER NOT NULL CHECK (people > 0),
    seq     INTEGER NOT NULL REFERENCES entry (seq),
    PRIMARY KEY (subject, id, quarter, party)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER rating_is_corrected_by_a_later_one BEFORE UPDATE ON rating
WHEN new.subject <> old.subject OR new.id <> old.id OR new.quarter <> old.quarter OR new.party <> old.party
    OR new.seq <= old.seq
BEGIN SELECT RAISE(ABORT, 'timebank: a rating is corrected by a later one of the same party'); END;

CREATE TRIGGER rating_is_not_deleted BEFORE DELETE ON rating
BEGIN SELECT RAISE(ABORT, 'timebank: a rating is never deleted'); END;
