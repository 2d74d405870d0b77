-- timebank, SQLite, 0008: an order whose claim was rejected or withdrawn may be claimed again, by a later entry.

DROP TRIGGER request_is_rated_and_claimed_once;

CREATE TRIGGER request_is_rated_once BEFORE UPDATE ON request
WHEN old.state = 'rated' AND (
    new.claim IS NULL OR new.stars <> old.stars OR new.done <> old.done
    OR new.rated <> old.rated OR new.finished <> old.finished OR new.volunteer <> old.volunteer
)
BEGIN SELECT RAISE(ABORT, 'timebank: an order is rated once'); END;

CREATE TRIGGER request_has_one_claim_that_stands BEFORE UPDATE ON request
WHEN old.claim IS NOT NULL AND (
    new.claim <= old.claim
    OR NOT EXISTS (SELECT 1 FROM claim WHERE seq = old.claim AND state IN ('rejected', 'withdrawn'))
)
BEGIN SELECT RAISE(ABORT, 'timebank: an order is claimed anew once its claim was rejected or withdrawn'); END;

CREATE TRIGGER request_is_not_served_by_who_asked BEFORE UPDATE ON request
WHEN new.volunteer = new.member
BEGIN SELECT RAISE(ABORT, 'timebank: nobody is the volunteer of their own order'); END;
