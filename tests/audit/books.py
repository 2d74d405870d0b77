"""A year's start of a community, as a file: everything that the narrow programme can do, over 600 entries."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import timebank
from timebank.bank import Bank
from timebank.ledger.resolution import hold, post, void
from timebank.ledger.transfers import Transfer

ORIGIN = "yungu.example/timebank"
FIRST_RULES = """name = "village-points"
title.zh = "积分细则"
title.en = "Rules of points"

[service.patrol]
zh = "巡逻值守"
en = "Patrol"
per = "hour"
points = 3

[service.mediation]
zh = "矛盾纠纷调解"
en = "Dispute mediated"
per = "occasion"
points = 10
"""
SECOND_RULES = FIRST_RULES.replace("points = 3", "points = 4")
CHECKPOINTS = (300, 520, 610)
OLD_COPY = 400
ENTRIES = 640
GOODS = ("rice-5kg", "oil-1l", "soap")


@dataclass
class Ledger:
    """A closed ledger file, what was signed for it, and an older copy that somebody kept."""

    path: Path
    old_copy: Path
    notes: list[str] = field(default_factory=list)
    """Stored in the file: for 300, 520 and 610 entries."""
    tip_note: str = ""
    """Signed for all entries and kept outside only."""
    leaves: list[bytes] = field(default_factory=list)

    def members(self, seq: int) -> dict[str, Any]:
        return json.loads(self.leaves[seq])

    def find(self, kind: str, after: int = 0, where: Callable[[dict[str, Any]], bool] = lambda _: True) -> int:
        """The first entry of *kind* from *after* on that *where* holds for."""
        for seq in range(after, len(self.leaves)):
            members = self.members(seq)
            if members["kind"] == kind and where(members):
                return seq
        raise LookupError(kind)


@dataclass
class Clock:
    """Every look at it takes 20 minutes."""

    now: datetime = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=20)
        return self.now


def build(folder: Path, *, seed: int = 1, entries: int = ENTRIES) -> Ledger:
    """The file `yungu.timebank` in *folder*, the same for the same *seed* but for its nonces and key."""
    made = Ledger(folder / "yungu.timebank", folder / "old.timebank")
    clock, rng = Clock(), random.Random(seed)
    with Bank.create(made.path, origin=ORIGIN, clock=clock) as bank:
        bank.journal.entropy = rng.randbytes
        _found(bank)
        cards = [f"C-{number:03}" for number in range(24)]
        people = [bank.members.enrol(org="grid-7", card=card, by="reg-1").id for card in cards]
        _special(bank, people, cards)
        while (size := bank.report().entries) < entries:
            if size in CHECKPOINTS:
                made.notes.append(bank.checkpoint())
            if size == OLD_COPY:
                backup(made.path, made.old_copy)
            with bank.batch():
                for number in range(size, size // 10 * 10 + 10):
                    _one_more(bank, rng, clock, people, cards, number)
        made.leaves = [leaf for _, leaf in _leaves(bank)]
    if made.notes:
        made.tip_note = _signed_elsewhere(made.path, folder / "elsewhere.timebank")
    return made


def _found(bank: Bank) -> None:
    bank.organisations.add("jianyang", name="建阳区", level="district", by="admin")
    bank.organisations.add("yungu", name="云谷社区", level="community", parent="jianyang", by="admin")
    bank.organisations.add("grid-7", name="七网格", level="grid", parent="yungu", by="admin")
    roles = {
        "clerk-1": "clerk",
        "clerk-2": "clerk",
        "sup-1": "supervisor",
        "reg-1": "registrar",
        "aud-1": "auditor",
    }
    for name, role in roles.items():
        bank.organisations.appoint(name, org="yungu", role=role, by="admin")
    bank.organisations.appoint("clerk-2", org="yungu", role="supervisor", by="admin")
    bank.rulebooks.adopt(FIRST_RULES, from_day=date(2026, 1, 1), by="admin")
    bank.rulebooks.adopt(SECOND_RULES, from_day=date(2026, 1, 9), by="admin")
    bank.shops.open("yungu-shop", org="yungu", name="云谷积分超市", by="admin")
    bank.shops.open("hui-cai", org="yungu", name="汇财爱心商户", by="admin")
    for good, name in zip(GOODS, ("大米", "食用油", "香皂"), strict=True):
        bank.goods.add(good, name=name, name_en=good, by="admin")
        bank.shops.set_price("yungu-shop", good, points=5, from_day=date(2026, 1, 1), by="sup-1")
        bank.shops.set_price("yungu-shop", good, points=6, from_day=date(2026, 1, 10), by="sup-1")
    stock = dict.fromkeys(GOODS, 1000)
    bank.shops.receive("yungu-shop", stock, donor="huicai", by="clerk-1", approved_by="sup-1")
    bank.shops.receive("yungu-shop", {"soap": 40}, bought_by="yungu", by="clerk-1", approved_by="sup-1")


def _special(bank: Bank, people: list[str], cards: list[str]) -> None:
    for person in people:
        bank.services.record(
            person, "mediation", occasions=5, minutes=90, day=date(2026, 1, 5), by="clerk-1", approved_by="sup-1"
        )
    bank.cards.block(cards[20], by="clerk-1")
    bank.cards.replace(cards[20], new="N-020", by="reg-1")
    bank.cards.block(cards[21], by="clerk-1")
    bank.cards.issue(people[22], card="E-022", by="reg-1", key="card/E-022")
    wrong = bank.services.record(
        people[0], "patrol", minutes=45, day=date(2026, 1, 5), by="clerk-1", approved_by="sup-1", key="wrong"
    )
    bank.reverse(wrong.seq, by="clerk-2", approved_by="sup-1")
    returned = bank.shops.redeem("yungu-shop", card=cards[1], goods={"soap": 2, "oil-1l": 1}, by="clerk-1")
    bank.reverse(returned.seq, reason="returned", by="clerk-1", approved_by="clerk-2")
    held = [_hold(bank, people[number]) for number in (2, 3)]
    with bank.journal.writing() as write:
        entry = bank.journal.entry(held[0])
        write.append(post(entry, to=["L:S:YUNGU-SHOP"], amounts=[7], day=date(2026, 1, 6), by="clerk-1"))
    with bank.journal.writing() as write:
        write.append(void(bank.journal.entry(held[1]), day=date(2026, 1, 6), by="clerk-1"))


def _hold(bank: Bank, person: str) -> int:
    with bank.journal.writing() as write:
        moves = [Transfer(f"L:M:{person}", f"L:H:{person}", "PTS", 10)]
        return write.append(hold(moves, day=date(2026, 1, 6), by="clerk-1")).seq


def _one_more(
    bank: Bank, rng: random.Random, clock: Clock, people: list[str], cards: list[str], size: int
) -> None:
    place = rng.randrange(20)
    today = (clock.now + timedelta(hours=8)).date()
    key = f"till-1/{size}" if size % 3 == 0 else None
    if size % 5 < 2 and bank.members.balance(people[place]).points >= 20:
        goods = {rng.choice(GOODS): rng.randrange(1, 3)}
        bank.shops.redeem("yungu-shop", card=cards[place], goods=goods, by="clerk-1", key=key)
    else:
        minutes = rng.randrange(30, 200)
        day = max(date(2026, 1, 5), today - timedelta(days=rng.randrange(6)))
        bank.services.record(
            people[place], "patrol", minutes=minutes, day=day, by="clerk-1", approved_by="sup-1", key=key
        )


def _leaves(bank: Bank) -> list[tuple[int, bytes]]:
    with bank.journal.reading() as books:
        return list(books.leaves())


def _signed_elsewhere(path: Path, copy: Path) -> str:
    for suffix in ("", ".key", ".signed"):
        shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")
    with timebank.open(copy) as bank:
        return bank.checkpoint()


def backup(source: Path, target: Path) -> None:
    """A copy through SQLite, whatever lies in the write-ahead log."""
    with sqlite3.connect(source) as live, sqlite3.connect(target) as copy:
        live.backup(copy)
    live.close()
    copy.close()
