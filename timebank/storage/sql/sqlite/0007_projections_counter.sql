-- timebank, SQLite, 0007: projections of the counter: kinds of shops, limits, best-before days, goods returned,
-- reservations, settlements.

-- A points supermarket (of which the ledger keeps the stock) or a caring merchant; hours as people read them.
CREATE TABLE shop_detail (
    shop  TEXT PRIMARY KEY REFERENCES shop (id),
    kind  TEXT NOT NULL CHECK (kind IN ('supermarket', 'merchant')),
    hours TEXT,
    seq   INTEGER NOT NULL REFERENCES entry (seq)
) STRICT, WITHOUT ROWID;

-- In force from from_day until a later row of the same good and shop ('' is every shop without one of its own).
-- Both most and least_earned NULL: the limit is lifted.
CREATE TABLE goods_limit (
    good         TEXT NOT NULL REFERENCES good (id),
    shop         TEXT NOT NULL,
    from_day     TEXT NOT NULL CHECK (from_day GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    seq          INTEGER NOT NULL REFERENCES entry (seq),
    per          TEXT CHECK (per IN ('member', 'household')),
    period       TEXT CHECK (period IN ('day', 'month', 'year')),
    most         INTEGER CHECK (most > 0),
    least_earned INTEGER CHECK (least_earned > 0),
    PRIMARY KEY (good, shop, from_day, seq),
    CHECK ((most IS NULL) = (per IS NULL) AND (most IS NULL) = (period IS NULL))
) STRICT, WITHOUT ROWID;

-- pieces came into shop with entry seq, to be used by day.
CREATE TABLE best_before (
    shop   TEXT NOT NULL REFERENCES shop (id),
    good   TEXT NOT NULL REFERENCES good (id),
    day    TEXT NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    seq    INTEGER NOT NULL REFERENCES entry (seq),
    pieces INTEGER NOT NULL CHECK (pieces > 0),
    PRIMARY KEY (shop, good, day, seq)
) STRICT, WITHOUT ROWID;

-- pieces of a redemption's good that have come back, in all; seq is the last return.
CREATE TABLE returned (
    redemption INTEGER NOT NULL REFERENCES entry (seq),
    good       TEXT NOT NULL REFERENCES good (id),
    pieces     INTEGER NOT NULL CHECK (pieces > 0),
    seq        INTEGER NOT NULL REFERENCES entry (seq),
    PRIMARY KEY (redemption, good),
    CHECK (seq > redemption)
) STRICT, WITHOUT ROWID;

-- seq is the entry that made the reservation; until is the last day on which it can be collected.
CREATE TABLE reservation (
    seq    INTEGER NOT NULL REFERENCES entry (seq),
    shop   TEXT NOT NULL REFERENCES shop (id),
    member TEXT NOT NULL REFERENCES member (id),
    card   TEXT NOT NULL REFERENCES card (number),
    until  TEXT NOT NULL CHECK (until GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    state  TEXT NOT NULL CHECK (state IN ('held', 'collected', 'released')),
    PRIMARY KEY (shop, seq)
) STRICT, WITHOUT ROWID;

-- Points paid for the days from first to last: paid = taken - returned + late.
CREATE TABLE settlement (
    shop     TEXT NOT NULL REFERENCES shop (id),
    last     TEXT NOT NULL CHECK (last GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    seq      INTEGER NOT NULL REFERENCES entry (seq),
    first    TEXT NOT NULL CHECK (first <= last),
    taken    INTEGER NOT NULL CHECK (taken >= 0),
    returned INTEGER NOT NULL CHECK (returned >= 0),
    late     INTEGER NOT NULL,
    paid     INTEGER NOT NULL CHECK (paid > 0),
    PRIMARY KEY (shop, last),
    CHECK (paid = taken - returned + late)
) STRICT, WITHOUT ROWID;

-- Written once: kinds of shops, limits, best-before days. What came back grows; a reservation ends once; a
-- settlement that was taken back makes way for another of the same day.

CREATE TRIGGER shop_detail_is_new BEFORE INSERT ON shop_detail
WHEN EXISTS (SELECT 1 FROM shop_detail WHERE shop = new.shop)
BEGIN SELECT RAISE(ABORT, 'timebank: a shop''s detail is written once'); END;

CREATE TRIGGER shop_detail_is_not_updated BEFORE UPDATE ON shop_detail
BEGIN SELECT RAISE(ABORT, 'timebank: a shop''s detail is never changed'); END;

CREATE TRIGGER shop_detail_is_not_deleted BEFORE DELETE ON shop_detail
BEGIN SELECT RAISE(ABORT, 'timebank: a shop''s detail is never deleted'); END;

CREATE TRIGGER goods_limit_is_new BEFORE INSERT ON goods_limit
WHEN EXISTS (
    SELECT 1 FROM goods_limit
    WHERE good = new.good AND shop = new.shop AND from_day = new.from_day AND seq = new.seq
)
BEGIN SELECT RAISE(ABORT, 'timebank: a limit is written once'); END;

CREATE TRIGGER goods_limit_names_a_shop BEFORE INSERT ON goods_limit
WHEN new.shop <> '' AND NOT EXISTS (SELECT 1 FROM shop WHERE id = new.shop)
BEGIN SELECT RAISE(ABORT, 'timebank: a limit holds in a shop that there is, or in every one'); END;

CREATE TRIGGER goods_limit_is_not_updated BEFORE UPDATE ON goods_limit
BEGIN SELECT RAISE(ABORT, 'timebank: a limit is never changed'); END;

CREATE TRIGGER goods_limit_is_not_deleted BEFORE DELETE ON goods_limit
BEGIN SELECT RAISE(ABORT, 'timebank: a limit is never deleted'); END;

CREATE TRIGGER best_before_is_new BEFORE INSERT ON best_before
WHEN EXISTS (
    SELECT 1 FROM best_before WHERE shop = new.shop AND good = new.good AND day = new.day AND seq = new.seq
)
BEGIN SELECT RAISE(ABORT, 'timebank: a best-before day is written once'); END;

CREATE TRIGGER best_before_is_not_updated BEFORE UPDATE ON best_before
BEGIN SELECT RAISE(ABORT, 'timebank: a best-before day is never changed'); END;

CREATE TRIGGER best_before_is_not_deleted BEFORE DELETE ON best_before
BEGIN SELECT RAISE(ABORT, 'timebank: a best-before day is never deleted'); END;

CREATE TRIGGER returned_grows BEFORE UPDATE ON returned
WHEN new.redemption <> old.redemption OR new.good <> old.good OR new.pieces <= old.pieces OR new.seq <= old.seq
BEGIN SELECT RAISE(ABORT, 'timebank: what came back only grows'); END;

CREATE TRIGGER returned_is_not_deleted BEFORE DELETE ON returned
BEGIN SELECT RAISE(ABORT, 'timebank: what came back is never deleted'); END;

CREATE TRIGGER reservation_ends_once BEFORE UPDATE ON reservation
WHEN old.state <> 'held' OR new.state = 'held' OR new.seq <> old.seq OR new.shop <> old.shop
    OR new.member <> old.member OR new.card <> old.card OR new.until <> old.until
BEGIN SELECT RAISE(ABORT, 'timebank: a reservation ends once, and is otherwise never changed'); END;

CREATE TRIGGER reservation_is_not_deleted BEFORE DELETE ON reservation
BEGIN SELECT RAISE(ABORT, 'timebank: a reservation is never deleted'); END;

CREATE TRIGGER settlement_keeps_its_days BEFORE UPDATE ON settlement
WHEN new.shop <> old.shop OR new.last <> old.last OR new.seq <= old.seq
BEGIN SELECT RAISE(ABORT, 'timebank: a settlement is only replaced by a later one of the same day'); END;

CREATE TRIGGER settlement_is_not_deleted BEFORE DELETE ON settlement
BEGIN SELECT RAISE(ABORT, 'timebank: a settlement is never deleted'); END;
