-- timebank, SQLite, 0005: projections of points on their way: budgets.

-- points that org may award on the days from first to last. A later entry for the same first day replaces.
CREATE TABLE budget (
    org    TEXT NOT NULL REFERENCES organisation (id),
    first  TEXT NOT NULL CHECK (first GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    last   TEXT NOT NULL CHECK (last GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    points INTEGER NOT NULL CHECK (points BETWEEN 1 AND 1000000000000),
    seq    INTEGER NOT NULL REFERENCES entry (seq),
    PRIMARY KEY (org, first),
    CHECK (first <= last)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER budget_keeps_its_place BEFORE UPDATE ON budget WHEN new.org <> old.org OR new.first <> old.first
BEGIN SELECT RAISE(ABORT, 'timebank: a budget keeps its organisation and first day'); END;

CREATE TRIGGER budget_is_not_deleted BEFORE DELETE ON budget
BEGIN SELECT RAISE(ABORT, 'timebank: a budget is never deleted'); END;
