"""A year and a half of a community that uses all that there is: every kind of entry, most in several ways."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from timebank.bank import Bank
from timebank.storage.keys import KeyFile
from timebank.tlog.checkpoint import Checkpoint, sign_checkpoint

ORIGIN = "yungu.example/everything"
SECOND: dict[str, Any] = {"by": "clerk-1", "approved_by": "sup-1"}
RULES = """name = "all-there-is"
title.zh = "积分细则"
title.en = "Rules of points"

[rules]
rounding = "half-up"
notice_days = 0
overlap = "refused"
expiry = "months"
expiry_months = 12
hold_at_most_minutes = 900
appeal_days = 15
approvers = ["supervisor", "admin", "registrar"]

[service.patrol]
zh = "巡逻值守"
en = "Patrol"
per = "hour"
points = 3
least_minutes = 30
most_minutes = 480

[service.visit]
zh = "探访关爱"
en = "Visit"
per = "hour"
points = 5
payer = "recipient"

[service.lesson]
zh = "教学"
en = "Lesson"
per = "hour"
points = 2
payer = "pool"
pays = "minutes"

[service.mediation]
zh = "矛盾纠纷调解"
en = "Dispute mediated"
per = "occasion"
points = 10
shared = true

[service.clean-home]
zh = "庭院卫生评比"
en = "Household cleanliness"
per = "grade"
grades = [["best", 5], ["good", 3], ["fair", 1]]

[service.honour]
zh = "年度表彰"
en = "Honour"
per = "occasion"
points = 200
approvers = ["admin"]

[[cap]]
of = "minutes"
per = "member"
in = "day"
most = 480

[[cap]]
of = "points"
per = "household"
in = "month"
most = 60
service = "patrol"

[[cap]]
of = "occasions"
per = "member"
in = "year"
most = 2
service = "clean-home"

[[multiplier]]
percent = 150
first = 2026-02-01
last = 2026-02-28
services = ["patrol"]

[deduction.rubbish]
zh = "乱倒垃圾"
en = "Rubbish dumped"
points = 5

[gift]
units = ["points", "minutes"]
to = ["relative", "pool"]
relations = ["parent", "child"]

[order.repair]
zh = "维修"
en = "Repair"
days = 3

[order.wish]
zh = "微心愿"
en = "Small wish"
wish = true
"""
NOTICE_RULES = RULES.replace("notice_days = 0", "notice_days = 3")
GOODS = ("rice-5kg", "oil-1l", "soap")


@dataclass
class Clock:
    """Every look at it takes a minute."""

    now: datetime = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def go(self, day: date) -> None:
        """To the morning of *day*."""
        self.now = max(self.now, datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC))


@dataclass
class Village:
    """The bank while it is built, and whom and what the tests ask for by name."""

    bank: Bank
    clock: Clock
    people: dict[str, str] = field(default_factory=dict)
    seqs: dict[str, int] = field(default_factory=dict)


def build_everything(path: Path) -> Village:
    """The file at *path*, closed, and what is in it."""
    clock = Clock()
    with Bank.create(path, origin=ORIGIN, clock=clock) as bank:
        village = Village(bank, clock)
        for chapter in (
            _found, _people, _earn, _claims, _take_off, _give, _serve, _shops, _limits, _reserve,
            _organise, _keys, _close, _lapse, _late, _after,
        ):  # fmt: skip
            chapter(village)
    return village


def _found(village: Village) -> None:
    bank = village.bank
    bank.organisations.add("jianyang", name="建阳区", level="district", by="admin")
    bank.organisations.add("yungu", name="云谷社区", level="community", parent="jianyang", by="admin")
    bank.organisations.add("shanxi", name="山溪社区", level="community", parent="jianyang", by="admin")
    bank.organisations.add("grid-7", name="七网格", level="grid", parent="yungu", by="admin")
    roles = {
        "clerk-1": "clerk",
        "clerk-2": "clerk",
        "sup-1": "supervisor",
        "sup-2": "supervisor",
        "sup-3": "supervisor",
        "reg-1": "registrar",
        "aud-1": "auditor",
    }
    for name, role in roles.items():
        bank.organisations.appoint(name, org="yungu", role=role, by="admin")  # type: ignore[arg-type]
    bank.rulebooks.adopt(RULES, from_day=date(2026, 1, 1), by="admin")
    bank.rulebooks.adopt(NOTICE_RULES, from_day=date(2026, 3, 1), by="admin")
    for good, name in zip(GOODS, ("大米", "食用油", "香皂"), strict=True):
        bank.goods.add(good, name=name, name_en=good, by="admin")


def _people(village: Village) -> None:
    bank, people = village.bank, village.people
    for name in ("wang", "zhang", "li", "zhao", "qian", "sun", "zhou"):
        people[name] = bank.members.enrol(org="grid-7", card=f"C-{name.upper()}", by="reg-1").id
    people["home"] = bank.members.enrol(org="grid-7", kind="household", card="C-HOME", by="reg-1").id
    people["team"] = bank.members.enrol(org="grid-7", kind="team", by="reg-1").id
    day = date(2026, 1, 5)
    bank.members.set_household(people["home"], [people["wang"], people["zhang"]], from_day=day, by="reg-1")
    bank.teams.join(people["team"], people["li"], by="reg-1")
    bank.teams.join(people["team"], people["zhao"], by="reg-1")
    bank.teams.leave(people["team"], people["zhao"], day=village.bank.today(), by="reg-1")
    bank.cards.issue(people["team"], card="C-TEAM", by="reg-1")
    bank.cards.block("C-TEAM", by="clerk-1")
    bank.cards.replace("C-TEAM", new="C-TEAM-2", by="reg-1")
    bank.openings.record(people["sun"], points=20, minutes=45, by="reg-1", approved_by="sup-1")


def _earn(village: Village) -> None:
    bank, people, record = village.bank, village.people, village.bank.services.record
    for name in ("wang", "zhang", "li", "zhao", "qian"):
        record(people[name], "honour", occasions=1, day=date(2026, 1, 5), by="clerk-1", approved_by="admin")
    village.clock.go(date(2026, 2, 3))
    record(people["wang"], "patrol", minutes=100, start="08:00", day=date(2026, 2, 2), **SECOND)
    record(people["wang"], "patrol", minutes=45, start="09:40", day=date(2026, 2, 2), **SECOND)
    record(
        people["zhang"],
        "patrol",
        minutes=61,
        start="23:30",
        day=date(2026, 2, 2),
        by="clerk-1",
        approved_by="reg-1",
    )
    seqs = village.seqs
    seqs["visit"] = record(
        people["li"], "visit", minutes=50, recipient=people["zhao"], day=date(2026, 2, 2), **SECOND
    ).seq
    record(people["li"], "patrol", minutes=470, day=date(2026, 1, 20), **SECOND)
    seqs["over"] = record(people["li"], "patrol", minutes=480, day=date(2026, 1, 21), **SECOND).seq
    record(people["zhao"], "lesson", minutes=60, day=date(2026, 2, 3), **SECOND)
    record(people["home"], "clean-home", grade="good", day=date(2026, 2, 1), **SECOND)
    record(people["qian"], "clean-home", grade="best", evidence="a" * 64, day=date(2026, 2, 1), **SECOND)
    wrong = record(people["zhou"], "patrol", minutes=90, start="08:00", day=date(2026, 2, 3), **SECOND).seq
    bank.reverse(wrong, by="clerk-2", approved_by="sup-1")
    record(people["zhou"], "patrol", minutes=90, start="08:10", day=date(2026, 2, 3), **SECOND)


def _claims(village: Village) -> None:
    claims, people, seqs = village.bank.claims, village.people, village.seqs
    day = date(2026, 2, 3)
    pair = [people["wang"], people["li"], people["qian"]]
    group = claims.submit("mediation", pair, occasions=2, day=day, evidence="b" * 64, by="clerk-1").seq
    claims.approve(group, by="sup-1")
    claims.post(group, by="clerk-2")
    rejected = claims.submit("patrol", [people["wang"]], minutes=60, day=day, evidence="c" * 64, by="clerk-1").seq
    claims.reject(rejected, reason="no-show", by="reg-1")
    claims.submit("patrol", [people["zhou"]], minutes=60, day=day, evidence="c" * 64, by="clerk-1")
    village.clock.go(date(2026, 3, 2))
    day = date(2026, 3, 1)
    seqs["open"] = claims.submit("patrol", [people["qian"]], minutes=60, start="10:00", day=day, by="clerk-1").seq
    claims.approve(seqs["open"], by="sup-1")
    claims.object(seqs["open"], reason="not-there", by="clerk-2")
    claims.dismiss(seqs["open"], by="sup-2")
    upheld = claims.submit("patrol", [people["sun"]], minutes=60, day=day, by="clerk-1").seq
    claims.approve(upheld, by="sup-1")
    claims.object(upheld, reason="not-there", by="clerk-2")
    claims.uphold(upheld, reason="true", by="sup-2")
    gone = claims.submit("patrol", [people["sun"]], minutes=60, day=day, by="clerk-1").seq
    claims.withdraw(gone, by="clerk-1")
    claims.submit("patrol", [people["zhao"]], minutes=60, day=day, by="clerk-1")
    claims.submit("patrol", [people["zhou"]], minutes=60, day=day, by="clerk-1")
    village.clock.go(date(2026, 3, 6))
    claims.post(seqs["open"], by="clerk-1")


def _take_off(village: Village) -> None:
    bank, people, seqs = village.bank, village.people, village.seqs
    deductions = bank.deductions
    day = date(2026, 3, 6)
    seqs["deduction"] = deductions.record(people["wang"], "rubbish", day=day, **SECOND).seq
    deductions.lodge(seqs["deduction"], reason="not-me", by="clerk-2")
    deductions.grant(seqs["deduction"], by="sup-2", approved_by="admin")
    denied = deductions.record(people["wang"], "rubbish", day=day, **SECOND).seq
    deductions.lodge(denied, reason="not-me", by="clerk-2")
    deductions.deny(denied, by="sup-2", approved_by="admin")
    empty = people["team"]
    nothing = deductions.record(empty, "rubbish", day=day, **SECOND).seq
    deductions.lodge(nothing, reason="not-me", by="clerk-2")
    deductions.grant(nothing, by="sup-2", approved_by="admin")
    seqs["lodged"] = deductions.record(people["qian"], "rubbish", day=day, **SECOND).seq
    deductions.lodge(seqs["lodged"], reason="not-me", by="clerk-2")
    seqs["unappealed"] = deductions.record(people["qian"], "rubbish", day=day, **SECOND).seq


def _give(village: Village) -> None:
    bank, people = village.bank, village.people
    bank.gifts.give(people["li"], to=people["qian"], relation="child", points=7, by="clerk-1")
    bank.gifts.give(people["li"], pool="grid-7", minutes=20, by="clerk-1")
    bank.gifts.give(people["zhao"], pool="yungu", points=30, by="clerk-1")
    bank.pools.grant("yungu", people["sun"], points=12, reason="old-and-ill", **SECOND)
    bank.pools.grant("grid-7", people["sun"], minutes=10, reason="old-and-ill", **SECOND)
    bank.budgets.set(
        "grid-7", first=date(2026, 3, 1), last=date(2026, 3, 31), points=12, by="admin", approved_by="sup-1"
    )
    claim = bank.claims.submit("mediation", [people["sun"]], occasions=1, day=date(2026, 3, 2), by="clerk-1").seq
    bank.claims.approve(claim, by="sup-1")
    village.clock.go(date(2026, 3, 10))
    bank.claims.post(claim, by="clerk-1", also_approved_by="sup-2")


def _serve(village: Village) -> None:
    orders, people, seqs = village.bank.orders, village.people, village.seqs
    first = orders.open("repair", member=people["sun"], org="grid-7", by="clerk-1").seq
    orders.dispatch(first, to="grid-7", by="clerk-1")
    orders.decline(first, reason="busy", by="clerk-1")
    orders.dispatch(first, volunteer=people["zhou"], by="clerk-1")
    orders.accept(first, people["zhou"], by="clerk-1")
    orders.finish(first, by="clerk-1")
    orders.rate(first, stars=5, done=True, by="clerk-1")
    seqs["order"] = first
    orders.claim(first, "patrol", minutes=40, by="clerk-1")
    wish = orders.open("wish", member=people["sun"], org="grid-7", due=date(2026, 3, 20), by="clerk-1").seq
    orders.accept(wish, people["zhou"], by="clerk-1")
    seqs["accepted"] = wish
    cancelled = orders.open("wish", member=people["sun"], by="clerk-1").seq
    orders.cancel(cancelled, reason="moved", by="clerk-1")
    undone = orders.open("wish", member=people["sun"], by="clerk-1").seq
    orders.accept(undone, people["zhou"], by="clerk-1")
    orders.finish(undone, by="clerk-1")
    orders.rate(undone, stars=1, done=False, by="clerk-1")
    seqs["undone"] = undone
    seqs["asked"] = orders.open("repair", member=people["li"], by="clerk-1").seq


def _shops(village: Village) -> None:
    shops, seqs = village.bank.shops, village.seqs
    shops.open("yungu-shop", org="yungu", name="云谷积分超市", hours="09:00-17:00", by="admin")
    shops.open("hui-cai", org="yungu", name="汇财爱心商户", kind="merchant", by="admin")
    shops.open("branch", org="grid-7", name="分店", by="admin")
    for shop in ("yungu-shop", "hui-cai", "branch"):
        for good in GOODS:
            shops.set_price(shop, good, points=5, from_day=date(2026, 1, 1), by="sup-1")
    shops.receive(
        "yungu-shop", dict.fromkeys(GOODS, 100), donor="huicai", best_before={"oil-1l": date(2026, 9, 1)}, **SECOND
    )
    shops.receive("yungu-shop", {"soap": 4}, bought_by="yungu", **SECOND)
    shops.move("yungu-shop", "branch", {"soap": 10}, **SECOND)
    shops.write_off("branch", {"soap": 1}, reason="damp", **SECOND)
    shops.count("branch", {"soap": 8}, **SECOND)
    shops.count("branch", {"soap": 9}, **SECOND)
    shops.count("branch", {"soap": 9}, **SECOND)
    seqs["merchant"] = shops.redeem("hui-cai", card="C-QIAN", goods={"soap": 1}, by="clerk-1").seq
    seqs["bought"] = shops.redeem("yungu-shop", card="C-QIAN", goods={"soap": 3, "oil-1l": 1}, by="clerk-1").seq
    shops.return_goods(seqs["bought"], {"soap": 1}, **SECOND)
    shops.return_goods(seqs["bought"], {"soap": 1, "oil-1l": 1}, **SECOND)
    shops.return_goods(seqs["merchant"], {"soap": 1}, **SECOND)
    seqs["home"] = shops.redeem("yungu-shop", card="C-HOME", goods={"rice-5kg": 41}, by="clerk-1").seq
    shops.return_goods(seqs["home"], {"rice-5kg": 3}, **SECOND)
    shops.return_goods(seqs["home"], {"rice-5kg": 2}, **SECOND)
    seqs["sold"] = shops.redeem("yungu-shop", card="C-ZHANG", goods={"soap": 1}, by="clerk-1").seq
    back = shops.redeem("yungu-shop", card="C-ZHANG", goods={"soap": 1}, by="clerk-1").seq
    village.bank.reverse(back, reason="returned", by="clerk-2", approved_by="sup-1")


def _limits(village: Village) -> None:
    shops = village.bank.shops
    day = village.bank.today()
    shops.limit("soap", most=3, per="member", period="month", from_day=day, by="sup-1")
    shops.limit("soap", shop="branch", most=2, per="household", period="day", from_day=day, by="sup-1")
    shops.limit("oil-1l", least_earned=200, from_day=day, by="sup-1")
    shops.limit("rice-5kg", most=1, per="household", period="year", from_day=day, by="sup-1")
    shops.limit("rice-5kg", from_day=day, by="sup-1")
    shops.redeem("yungu-shop", card="C-ZHANG", goods={"soap": 1, "oil-1l": 1, "rice-5kg": 2}, by="clerk-1")
    shops.redeem("branch", card="C-WANG", goods={"soap": 2}, by="clerk-1")


def _reserve(village: Village) -> None:
    bank, seqs = village.bank, village.seqs
    until = bank.today() + timedelta(days=3)
    goods = {"oil-1l": 1, "rice-5kg": 1}
    one = bank.reservations.reserve("yungu-shop", card="C-LI", goods=goods, until=until, by="clerk-1").seq
    two = bank.reservations.reserve("hui-cai", card="C-LI", goods={"rice-5kg": 1}, until=until, by="clerk-1").seq
    three = bank.reservations.reserve("yungu-shop", card="C-LI", goods=goods, until=until, by="clerk-1").seq
    bank.reservations.reserve("yungu-shop", card="C-LI", goods=goods, until=until, by="clerk-1")
    bank.reservations.collect(one, by="clerk-1")
    bank.reservations.collect(two, by="clerk-1")
    bank.reservations.release(three, by="clerk-1")
    village.clock.go(until + timedelta(days=1))
    bank.reservations.release_overdue(by="clerk-1")
    bank.shops.redeem("yungu-shop", card="C-LI", goods={"rice-5kg": 1}, by="clerk-1")
    until = date(2026, 12, 31)
    bank.reservations.reserve("yungu-shop", card="C-LI", goods=goods, until=until, by="clerk-1")
    seqs["collected"] = one


def _organise(village: Village) -> None:
    bank, people = village.bank, village.people
    day = bank.today()
    bank.members.move(people["sun"], to="shanxi", from_day=day, by="reg-1")
    bank.shops.move_to("branch", to="shanxi", from_day=day, by="admin")
    bank.organisations.move("grid-7", to="shanxi", from_day=day, by="admin")
    bank.members.set_household(people["home"], [people["zhang"], people["zhou"]], from_day=day, by="reg-1")
    for party, score in (("residents", 91), ("street", 80), ("community", 70), ("owners", 60), ("owners", 65)):
        bank.ratings.record("project", "lift", "2026-Q1", party, score=score, people=9, **SECOND)
    bank.venues.add("hall", org="yungu", name="议事厅", by="admin")
    bank.venues.log("hall", room="一号厅", purpose="议事", people=12, by="clerk-1")
    bank.venues.log("hall", room="一号厅", purpose="议事", people=5, uses=2, by="clerk-1")


def _keys(village: Village) -> None:
    bank, seqs = village.bank, village.seqs
    bank.checkpoint()
    seqs["key"] = bank.rotate_key(by="admin", approved_by="sup-1").seq
    bank.checkpoint()
    lost = Checkpoint(ORIGIN, seqs["key"] + 9, b"lost" * 8)
    note = sign_checkpoint(lost, KeyFile(Path(bank.journal.store.path)).load())
    erased = bank.erasures.record(village.people["zhou"], by="reg-1", approved_by="sup-1")
    seqs["erasure"] = erased.seq
    seqs["epoch"] = bank.keys.open_epoch(note, reason="disk-broken", by="admin", approved_by="sup-1").seq


def _close(village: Village) -> None:
    bank = village.bank
    village.clock.go(date(2026, 4, 5))
    bank.settlements.settle("yungu-shop", last=date(2026, 3, 10), **SECOND)
    bank.settlements.settle("yungu-shop", last=date(2026, 3, 31), **SECOND)
    bank.settlements.settle("hui-cai", last=date(2026, 3, 31), **SECOND)
    bank.periods.close("2026-02", by="sup-1")
    bank.periods.close("2026-03", by="sup-1")
    bank.periods.reopen("2026-03", by="sup-1", approved_by="sup-2")
    bank.periods.close("2026-03", by="sup-1")


def _lapse(village: Village) -> None:
    bank, people = village.bank, village.people
    bank.shops.redeem("yungu-shop", card="C-ZHOU", goods={"soap": 1}, by="clerk-1")
    award = next(
        seq
        for seq in range(bank.report().entries)
        if (entry := bank.journal.entry(seq)).kind == "award"
        and any(move.credit == f"L:M:{people['zhou']}" and move.unit == "PTS" for move in entry.moves)
        and bank.journal.entry(seq).body.get("start") == "08:10"
    )
    bank.reverse(award, debt=True, reason="not-there", by="clerk-2", approved_by="sup-1")
    claim = bank.claims.submit("mediation", [people["zhou"]], occasions=1, day=date(2026, 4, 5), by="clerk-1").seq
    bank.claims.approve(claim, by="sup-1")
    village.clock.go(date(2026, 4, 10))
    bank.claims.post(claim, by="clerk-1")
    village.clock.go(date(2027, 2, 2))
    bank.shops.redeem("yungu-shop", card="C-WANG", goods={"soap": 1}, by="clerk-1")
    bank.points.expire(by="clerk-1")


def _late(village: Village) -> None:
    bank, people, seqs = village.bank, village.people, village.seqs
    bank.settlements.settle("yungu-shop", last=date(2026, 12, 31), **SECOND)
    village.clock.go(date(2027, 5, 20))
    day = date(2027, 5, 20)
    for name, member, minutes, start in (
        ("ready", "zhao", 60, None),
        ("long-1", "wang", 300, None),
        ("long-2", "wang", 300, None),
        ("twice-1", "sun", 60, "10:00"),
        ("twice-2", "sun", 60, "10:30"),
        ("waiting", "zhao", 60, None),
    ):
        claim = bank.claims.submit("patrol", [people[member]], minutes=minutes, start=start, day=day, by="clerk-1")
        seqs[name] = claim.seq
    pair = [people["li"], people["qian"]]
    seqs["pair"] = bank.claims.submit("mediation", pair, occasions=1, day=day, by="clerk-1").seq
    for name in ("ready", "long-1", "long-2", "twice-1", "twice-2", "pair"):
        bank.claims.approve(seqs[name], by="sup-1")
    village.clock.go(date(2027, 5, 27))
    bank.claims.post(seqs["long-1"], by="clerk-1")
    bank.claims.post(seqs["twice-1"], by="clerk-1")
    bank.budgets.set("grid-7", first=day, last=date(2027, 5, 31), points=24, by="admin", approved_by="sup-1")
    village.clock.go(date(2027, 6, 1))
    seqs["running"] = bank.claims.submit("patrol", [people["zhao"]], minutes=60, day=day, by="clerk-1").seq
    bank.claims.approve(seqs["running"], by="sup-1")


def _after(village: Village) -> None:
    bank, people = village.bank, village.people
    bank.points.expire(by="clerk-1")
    bank.openings.record(people["li"], points=50, by="reg-1", approved_by="sup-1")
    goods = {"oil-1l": 1, "rice-5kg": 1}
    today = bank.today()
    village.seqs["held"] = bank.reservations.reserve(
        "yungu-shop", card="C-LI", goods=goods, until=today, by="clerk-1"
    ).seq
