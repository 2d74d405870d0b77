-- timebank, SQLite, 0003: projections of organisations, households, teams, periods, ratings and venues.

-- One row: the books are closed up to and with the month through ('' when none is).
CREATE TABLE closing (
    id      TEXT PRIMARY KEY CHECK (id = 'all'),
    through TEXT NOT NULL CHECK (through = '' OR through GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]'),
    seq     INTEGER NOT NULL REFERENCES entry (seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER closing_is_not_deleted BEFORE DELETE ON closing
BEGIN SELECT RAISE(ABORT, 'timebank: a closing is never deleted'); END;
