-- timebank, SQLite, 0003: projections of organisations, households, teams, periods, ratings and venues.

-- One row: the books are closed up to and with the month through ('' when none is).
CREATE TABLE closing (
    id      TEXT PRIMARY KEY CHECK (id = 'all'),
    through TEXT NOT NULL CHECK (through = '' OR through GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]'),
    seq     INTEGER NOT NULL REFERENCES entry (seq)
) STRICT, WITHOUT ROWID;

-- From from_day on, until a later row of the same thing, id (a member, shop or organisation) is under org.
CREATE TABLE placement (
    what     TEXT NOT NULL CHECK (what IN ('member', 'shop', 'organisation')),
    id       TEXT NOT NULL,
    from_day TEXT NOT NULL CHECK (length(from_day) = 10),
    seq      INTEGER NOT NULL REFERENCES entry (seq),
    org      TEXT NOT NULL REFERENCES organisation (id),
    PRIMARY KEY (what, id, from_day, seq),
    CHECK (what <> 'organisation' OR id <> org)
) STRICT, WITHOUT ROWID;

-- members: ids in the order in which they pay, with a space between; '' when the household is dissolved.
CREATE TABLE household (
    household TEXT NOT NULL REFERENCES member (id),
    from_day  TEXT NOT NULL CHECK (length(from_day) = 10),
    seq       INTEGER NOT NULL REFERENCES entry (seq),
    members   TEXT NOT NULL CHECK (members = '' OR length(members) % 11 = 10),
    PRIMARY KEY (household, from_day, seq)
) STRICT, WITHOUT ROWID;

-- household: '' when the member belongs to none from then on.
CREATE TABLE household_of (
    member    TEXT NOT NULL REFERENCES member (id),
    from_day  TEXT NOT NULL CHECK (length(from_day) = 10),
    seq       INTEGER NOT NULL REFERENCES entry (seq),
    household TEXT NOT NULL CHECK (household = '' OR length(household) = 10),
    PRIMARY KEY (member, from_day, seq),
    CHECK (household <> member)
) STRICT, WITHOUT ROWID;

-- From the day joined to the day before left ('' while the member is in the team).
CREATE TABLE team_member (
    team   TEXT NOT NULL REFERENCES member (id),
    member TEXT NOT NULL REFERENCES member (id),
    joined TEXT NOT NULL CHECK (length(joined) = 10),
    left   TEXT NOT NULL CHECK (left = '' OR left >= joined),
    seq    INTEGER NOT NULL REFERENCES entry (seq),
    PRIMARY KEY (team, member, joined),
    CHECK (team <> member)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER closing_is_not_deleted BEFORE DELETE ON closing
BEGIN SELECT RAISE(ABORT, 'timebank: a closing is never deleted'); END;

CREATE TRIGGER placement_is_new BEFORE INSERT ON placement
WHEN EXISTS (SELECT 1 FROM placement WHERE what = new.what AND id = new.id AND from_day = new.from_day AND seq = new.seq)
BEGIN SELECT RAISE(ABORT, 'timebank: a placement is written once'); END;

CREATE TRIGGER placement_is_not_updated BEFORE UPDATE ON placement
BEGIN SELECT RAISE(ABORT, 'timebank: a placement is never changed'); END;

CREATE TRIGGER placement_is_not_deleted BEFORE DELETE ON placement
BEGIN SELECT RAISE(ABORT, 'timebank: a placement is never deleted'); END;

CREATE TRIGGER household_is_new BEFORE INSERT ON household
WHEN EXISTS (SELECT 1 FROM household WHERE household = new.household AND from_day = new.from_day AND seq = new.seq)
BEGIN SELECT RAISE(ABORT, 'timebank: a household''s list is written once'); END;

CREATE TRIGGER household_is_not_updated BEFORE UPDATE ON household
BEGIN SELECT RAISE(ABORT, 'timebank: a household''s list is never changed'); END;

CREATE TRIGGER household_is_not_deleted BEFORE DELETE ON household
BEGIN SELECT RAISE(ABORT, 'timebank: a household''s list is never deleted'); END;

CREATE TRIGGER household_of_is_new BEFORE INSERT ON household_of
WHEN EXISTS (SELECT 1 FROM household_of WHERE member = new.member AND from_day = new.from_day AND seq = new.seq)
BEGIN SELECT RAISE(ABORT, 'timebank: a member''s household is written once'); END;

CREATE TRIGGER household_of_is_not_updated BEFORE UPDATE ON household_of
BEGIN SELECT RAISE(ABORT, 'timebank: a member''s household is never changed'); END;

CREATE TRIGGER household_of_is_not_deleted BEFORE DELETE ON household_of
BEGIN SELECT RAISE(ABORT, 'timebank: a member''s household is never deleted'); END;

CREATE TRIGGER team_member_keeps_its_key BEFORE UPDATE OF team, member, joined ON team_member
WHEN new.team <> old.team OR new.member <> old.member OR new.joined <> old.joined
BEGIN SELECT RAISE(ABORT, 'timebank: who joined a team when is never changed'); END;

CREATE TRIGGER team_member_is_not_deleted BEFORE DELETE ON team_member
BEGIN SELECT RAISE(ABORT, 'timebank: who joined a team when is never deleted'); END;
