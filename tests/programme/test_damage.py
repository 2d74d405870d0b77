"""Whatever reads an entry that is damaged says which one it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from tests.programme.market import TODAY, TWO, Market
from timebank.errors import FileDamaged
from timebank.programme.closing import closed_at
from timebank.programme.counter import check_not_returned
from timebank.programme.flows import flows_of
from timebank.storage.memory import MemoryBooks
from timebank.tlog.checkpoint import Verifier

OTHERS = {"by": "admin", "approved_by": "admin-1"}


class Street(Market):
    """A market in which something of everything was recorded: `seqs` says where."""

    def __init__(self) -> None:
        super().__init__()
        self.name = self.bank.origin
        wang, li, bank = self.wang.id, self.li.id, self.bank
        self.seqs = {
            "sale": self.redeem(soap=1).seq,
            "taken back": self.redeem(soap=1).seq,
            "held": self.reserve(soap=1).seq,
            "gift": bank.gifts.give(li, to=wang, relation="child", points=2, by="clerk-1").seq,
            "deduction": bank.deductions.record(li, "rubbish", day=TODAY, **TWO).seq,
            "claim": bank.claims.submit("patrol", [wang], minutes=60, day=TODAY, by="clerk-1").seq,
            "closing": bank.periods.close("2026-01", by="admin").seq,
        }
        self.reverse(self.seqs["taken back"])
        self.seqs["released"] = bank.reservations.release(self.seqs["held"], by="clerk-1").seq
        self.seqs["award"] = self.honour
        self.seqs["founding"] = 0
        self.seqs["rulebook"] = bank.rulebooks.all()[0].seq

    def read(self, command: Callable[[Any], Any]) -> None:
        with self.bank.journal.reading() as books:
            list(command(books) or ())


READERS: dict[str, tuple[str, Callable[[Street], object]]] = {
    "flows": ("gift", lambda s: s.read(lambda books: flows_of(books, s.wang.id))),
    "flows of what was taken back": ("taken back", lambda s: s.read(lambda books: flows_of(books, s.wang.id))),
    "returned": ("sale", lambda s: s.bank.shops.returned(s.seqs["sale"])),
    "not returned": ("gift", lambda s: s.read(lambda books: check_not_returned(books, s.seqs["gift"]))),
    "reversal": ("gift", lambda s: s.reverse(s.seqs["gift"])),
    "appeal": ("deduction", lambda s: s.bank.deductions.deny(s.seqs["deduction"], **OTHERS)),
    "claim": ("claim", lambda s: s.bank.claims.done(s.seqs["claim"])),
    "closed at": ("closing", lambda s: s.read(lambda books: closed_at(books, date(2026, 1, 5)))),
    "keys": ("founding", lambda s: s.bank.keys.replace(Verifier(s.name, b"k" * 32).vkey, **OTHERS)),
    "reservation": ("founding", lambda s: s.bank.reservations.get(0)),
    "settlement": ("founding", lambda s: s.bank.settlements.sheet(0)),
    "rulebook": ("rulebook", lambda s: s.bank.rulebooks.on(TODAY)),
    "periods": ("closing", lambda s: s.bank.periods.all()),
}  # fmt: skip


@pytest.fixture(scope="module")
def street() -> Street:
    return Street()


def damage(monkeypatch: pytest.MonkeyPatch, damaged: int) -> None:
    leaf, leaves = MemoryBooks.leaf, MemoryBooks.leaves

    def bad_leaf(books: MemoryBooks, seq: int) -> bytes:
        return b"{}" if seq == damaged else leaf(books, seq)

    def bad_leaves(books: MemoryBooks, *where: Any) -> Iterator[tuple[int, bytes]]:
        return ((seq, b"{}" if seq == damaged else kept) for seq, kept in leaves(books, *where))

    monkeypatch.setattr(MemoryBooks, "leaf", bad_leaf)
    monkeypatch.setattr(MemoryBooks, "leaves", bad_leaves)


def check_named(street: Street, which: str, read: Callable[[Street], object]) -> None:
    """What *read* says of a damaged entry must name it, and leave everything as it was."""
    before = street.trace()
    with pytest.MonkeyPatch.context() as patch:
        damage(patch, street.seqs[which])
        with pytest.raises(FileDamaged) as caught:
            read(street)
    assert caught.value.path == f"entry {street.seqs[which]}"
    assert street.trace() == before


@pytest.mark.parametrize("name", READERS)
def test_the_damaged_entry_is_named(street: Street, name: str) -> None:
    check_named(street, *READERS[name])


def test_the_damaged_entry_of_a_sweep_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market()
    market.at(date(2028, 1, 1))
    second = market.bank.points.expire(by="clerk-1", key="k")[1]
    damage(monkeypatch, second.seq)
    with pytest.raises(FileDamaged) as caught:
        market.bank.points.expire(by="clerk-1", key="k")
    assert caught.value.path == f"entry {second.seq}"
