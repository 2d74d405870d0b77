-- timebank, SQLite, 0010: whose personal data was erased. A projection, like all from 0002 on.

-- With entry seq all that was kept of the person behind the member is erased.
CREATE TABLE erasure (
    seq    INTEGER NOT NULL PRIMARY KEY REFERENCES entry (seq),
    member TEXT NOT NULL REFERENCES member (id),
    reason TEXT NOT NULL CHECK (length(reason) >= 1)
) STRICT;

CREATE TRIGGER erasure_is_new BEFORE INSERT ON erasure
WHEN EXISTS (SELECT 1 FROM erasure WHERE seq >= new.seq)
BEGIN SELECT RAISE(ABORT, 'timebank: an erasure follows the last one'); END;

CREATE TRIGGER erasure_is_not_updated BEFORE UPDATE ON erasure
BEGIN SELECT RAISE(ABORT, 'timebank: an erasure is never changed'); END;

CREATE TRIGGER erasure_is_not_deleted BEFORE DELETE ON erasure
BEGIN SELECT RAISE(ABORT, 'timebank: an erasure is never deleted'); END;
