"""Who pays for a service: what several earn together is lacking as one sum, and what lapses on the way."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest

from tests.programme.test_awards import record, square
from tests.programme.yard import Yard
from timebank.errors import NotEnoughInPool, NotEnoughMinutes, NotEnoughPoints, TimebankError
from timebank.storage.memory import MemoryBooks, MemoryStore

DAY = date(2024, 2, 5)


def too_little(error: type[TimebankError], yard: Yard, service: str, members: list[str], **named: Any) -> Any:
    """The facts of the *error* with which the approved claim of *members* is not posted."""
    claim = yard.bank.claims.submit(service, members, day=DAY, by="clerk-1", **named).seq
    yard.bank.claims.approve(claim, by="super-1")
    before = yard.trace()
    with pytest.raises(error) as caught:
        yard.bank.claims.post(claim, by="clerk-1")
    assert yard.trace() == before
    return caught.value.facts()


def test_a_pool_lacks_what_all_members_of_an_award_earn_whatever_they_owe() -> None:
    yard = square()
    yard.earn(5, member=yard.fang)
    yard.bank.gifts.give(yard.fang, pool="yard", points=5, by="clerk-1")
    wrong = yard.earn(6)
    yard.spend(6)
    yard.reverse(wrong.seq, debt=True)
    facts = too_little(NotEnoughInPool, yard, "meal", [yard.li, yard.fang], minutes=120)
    assert facts == {"org": "yard", "unit": "PTS", "available": 5, "needed": 8}


def test_a_recipient_lacks_what_all_members_of_an_award_earn() -> None:
    yard = square()
    old = yard.bank.members.enrol(org="yard", card="0003", by="super-1").id
    yard.earn(7, member=old)
    record(yard, "company", member=old, minutes=119)
    members = [yard.li, yard.fang]
    facts = too_little(NotEnoughPoints, yard, "errand", members, occasions=2, minutes=5, recipient=old)
    assert facts == {"member": old, "available_points": 12, "needed_points": 16}
    facts = too_little(NotEnoughMinutes, yard, "time", members, minutes=60, recipient=old)
    assert facts == {"member": old, "available_minutes": 119, "needed_minutes": 120}


def test_who_pays_in_time_loses_no_points_on_the_way() -> None:
    yard = square('expiry = "year-end"')
    record(yard, "company", member=yard.fang, minutes=60, day=date(2024, 1, 5))
    yard.at(date(2025, 1, 1))
    size = yard.trace()[0]
    record(yard, "time", minutes=60, recipient=yard.fang, day=date(2025, 1, 1))
    assert yard.trace()[0] == size + 1
    assert (yard.balance(yard.account(yard.fang)), yard.balance("I:EXPIRED:YARD")) == (3, 0)


def test_points_of_a_recipient_lapse_by_the_hand_that_records_the_award() -> None:
    yard = square('expiry = "year-end"')
    yard.earn(6, member=yard.fang, day=date(2024, 1, 5))
    yard.at(date(2025, 1, 1))
    yard.earn(4, member=yard.fang)
    posted = record(yard, "errand", occasions=1, recipient=yard.fang, day=date(2025, 1, 1))
    *_, lapsed, award = yard.bank.journal.entries()
    assert (lapsed.kind, lapsed.by, lapsed.moves[0].amount) == ("expiry", "clerk-1", 6)
    assert award == posted.entry


def test_an_award_that_a_recipient_pays_shares_its_commit_with_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their points may lapse in an entry before it: no other command's failure may tear the two apart."""
    yard = square()
    yard.earn(4, member=yard.fang)
    writing, alone = MemoryStore.writing, []

    def noted(store: MemoryStore, **named: Any) -> AbstractContextManager[MemoryBooks]:
        alone.append(named["alone"])
        return writing(store, **named)

    monkeypatch.setattr(MemoryStore, "writing", noted)
    record(yard, "help", occasions=1)
    record(yard, "errand", occasions=1, recipient=yard.fang)
    assert alone == [False, True]


def test_what_a_recipient_lost_stays_where_they_are_refused_inside_a_batch() -> None:
    """What has lapsed is taken off only where the rest suffices: the batch keeps nothing of a refused award."""
    yard = square('expiry = "year-end"')
    yard.earn(6, member=yard.fang, day=date(2024, 1, 5))
    yard.at(date(2025, 1, 1))
    with yard.bank.batch():
        with pytest.raises(NotEnoughPoints) as caught:
            record(yard, "errand", occasions=1, recipient=yard.fang, day=date(2025, 1, 1))
        yard.earn(1)
    assert caught.value.facts() == {"member": yard.fang, "available_points": 0, "needed_points": 4}
    assert (yard.points(), yard.balance("I:EXPIRED:YARD")) == (1, 0)
