"""What a member's page in an app asks for: balances at one time or another, and the newest lines."""

from __future__ import annotations

import pytest

from tests.conftest import Village
from timebank.errors import BadAmount, BadCode, UnknownEntry, UnknownMember


def test_a_balance_is_of_a_day_or_after_an_entry_and_not_both(village: Village) -> None:
    balance = village.bank.members.balance
    assert balance(village.wang, day=Village.TODAY) == balance(village.wang, at_entry=village.honour)
    with pytest.raises(BadCode) as caught:
        balance(village.wang, day=Village.TODAY, at_entry=village.honour)
    assert caught.value.facts() == {
        "field": "at_entry",
        "value": str(village.honour),
        "pattern": "either day or at_entry",
    }


def test_the_newest_lines_come_first_and_the_next_page_goes_on(village: Village) -> None:
    latest = village.bank.members.latest
    redeemed = village.redeem(soap=1).seq
    patrolled = village.record("patrol", minutes=60).seq
    seqs = [line.entry.seq for line in latest(village.wang)]
    assert seqs == [patrolled, redeemed, village.honour]
    assert [line.after for line in latest(village.wang)] == [50, 47, 50]
    first = latest(village.wang, limit=2)
    assert first == latest(village.wang)[:2]
    assert latest(village.wang, limit=2, before=first[-1].entry.seq) == latest(village.wang)[2:]
    assert [line.delta for line in latest(village.wang, unit="MIN")] == [60]


def test_a_page_of_newest_lines_has_bounds(village: Village) -> None:
    latest = village.bank.members.latest
    assert latest(village.wang, limit=1) == latest(village.wang, limit=500)[:1]
    for limit in (0, 501, True):
        with pytest.raises(BadAmount):
            latest(village.wang, limit=limit)
    for before in (-1, "5", True):
        with pytest.raises(UnknownEntry):
            latest(village.wang, before=before)
    assert latest(village.wang, before=0) == ()
    with pytest.raises(BadCode):
        latest(village.wang, unit="RICE")
    with pytest.raises(UnknownMember):
        latest("0" * 10)
