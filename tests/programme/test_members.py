"""Who is taken in, and what a member's page in an app asks for: balances at one time or another, newest lines."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.conftest import Village, refused
from tests.programme.test_cards import bank_that_draws
from timebank.errors import (
    AlreadyExists,
    BadAmount,
    BadCode,
    CardBlocked,
    RoleNotAllowed,
    TimebankError,
    UnknownCard,
    UnknownEntry,
    UnknownMember,
    UnknownOrganisation,
    WrongKind,
)
from timebank.ledger import statements
from timebank.ledger.statements import newest_first
from timebank.programme.members import Balance, Card, Member


def test_whoever_is_taken_in_is_kept_with_the_card_they_came_with(village: Village) -> None:
    bank = village.bank
    made = [
        bank.members.enrol(org="yungu", card="t 1", kind="team", by="registrar-1"),
        bank.members.enrol(org="yungu", by="admin"),
    ]
    entries = [bank.journal.entry(member.seq) for member in made]
    assert [(entry.kind, entry.day, entry.by) for entry in entries] == [
        ("member", Village.TODAY, "registrar-1"),
        ("member", Village.TODAY, "admin"),
    ]
    assert [dict(entry.body) for entry in entries] == [
        {"member": made[0].id, "org": "yungu", "type": "team", "card": "T1"},
        {"member": made[1].id, "org": "yungu", "type": "person"},
    ]
    assert made == [
        Member(made[0].id, "yungu", "team", entries[0].seq),
        Member(made[1].id, "yungu", "person", entries[1].seq),
    ]
    assert bank.members.all() == tuple(sorted((village.wang, *made), key=lambda member: member.id))
    assert [bank.members.get(member.id) for member in made] == made
    assert bank.members.by_card("t1") == bank.members.by_card("T1") == made[0]
    assert bank.cards.get("T1") == Card("T1", made[0].id, "active", made[0].seq)


def test_an_id_that_a_member_has_already_is_made_again() -> None:
    bank = bank_that_draws(1, 1, 2)
    made = [bank.members.enrol(org="yungu", by="admin").id for _ in range(2)]
    assert made == ["0000000001", "0000000002"]


def test_a_refusal_names_whom_or_what_it_is_about(village: Village) -> None:
    bank, wang, nobody = village.bank, village.wang.id, "0" * 10
    bank.cards.issue(wang, card="0009", by="admin")
    bank.cards.block("0009", by="clerk-1")
    enrol, kinds = bank.members.enrol, {"kind": "person", "wanted_kind": "team"}
    cases: list[tuple[type[TimebankError], dict[str, str], Any, dict[str, Any]]] = [
        (UnknownMember, {"name": nobody}, bank.members.get, {"member": nobody}),
        (UnknownCard, {"name": "0008"}, bank.members.by_card, {"card": "0008"}),
        (CardBlocked, {"card": "0009", "state": "blocked"}, bank.members.by_card, {"card": "0009"}),
        (WrongKind, {"member": wang, **kinds}, bank.teams.join, {"team": wang, "member": wang, "by": "admin"}),
        (AlreadyExists, {"what": "card", "name": "0001"}, enrol, {"org": "yungu", "card": "0001", "by": "admin"}),
        (UnknownOrganisation, {"name": "lake"}, enrol, {"org": "lake", "by": "admin"}),
    ]
    for error, facts, command, given in cases:
        assert refused(village, error, command, **given).facts() == facts
    told = refused(village, RoleNotAllowed, enrol, org="yungu", by="clerk-1").facts()
    assert (told["operator"], told["role"], told["act"]) == ("clerk-1", "clerk", "enrol")


def test_a_balance_is_of_points_and_of_minutes_at_every_time(village: Village) -> None:
    balance, day = village.bank.members.balance, date(2026, 2, 9)
    patrolled = village.record("patrol", minutes=60, day=day).seq
    assert balance(village.wang) == Balance(53, 60)
    assert balance(village.wang, day=day) == Balance(53, 60)
    assert balance(village.wang, day=date(2026, 2, 8)) == Balance(50, 0)
    size = village.bank.report().entries
    assert patrolled == size - 1
    assert balance(village.wang, at_entry=patrolled) == Balance(53, 60)
    assert balance(village.wang, at_entry=village.honour) == Balance(50, 0)
    assert balance(village.wang, at_entry=0) == Balance(0, 0)
    for none in (size, -1, True, "?" * 90):
        told = refused(village, UnknownEntry, balance, village.wang, at_entry=none).facts()
        assert told == {"name": str(none)[:40]}
    both = refused(village, BadCode, balance, village.wang, day=day, at_entry="?" * 90).facts()
    assert both["value"] == "?" * 80


def test_a_statement_is_of_points_or_of_minutes_on_its_days(village: Village) -> None:
    patrolled = village.record("patrol", minutes=60, day=Village.TODAY).seq
    statement = village.bank.members.statement
    points, minutes = statement(village.wang), statement(village.wang, unit="MIN", first=Village.TODAY)
    account = f"L:M:{village.wang.id}"
    assert [line.entry.seq for line in points.lines] == [village.honour, patrolled]
    assert (points.account, points.unit, points.opening, points.closing) == (account, "PTS", 0, 53)
    assert [(line.entry.seq, line.delta) for line in minutes.lines] == [(patrolled, 60)]
    assert (minutes.account, minutes.unit, minutes.opening, minutes.closing) == (account, "MIN", 0, 60)
    assert statement(village.wang, first=Village.TODAY).opening == 50
    assert statement(village.wang, last=date(2026, 2, 28)).closing == 50


def test_what_was_recorded_before_a_statement_begins_is_not_looked_at(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[tuple[int, int | None]] = []

    def look(*where: Any, since: int, before: int | None) -> Any:
        looked.append((since, before))
        return newest_first(*where, since=since, before=before)

    monkeypatch.setattr(statements, "newest_first", look)
    size = village.bank.report().entries
    village.now += timedelta(days=1)
    village.record("patrol", minutes=60)
    bank, day = village.bank, Village.TODAY + timedelta(days=1)
    for told in (bank.members.statement(village.wang, first=day), bank.shops.statement(village.shop, first=day)):
        assert told.lines == ()
    bank.members.statement(village.wang)
    bank.shops.statement(village.shop)
    assert looked == [(size, None)] * 2 + [(0, None)] * 2


def test_a_page_of_newest_lines_is_of_twenty_where_nothing_is_said(village: Village) -> None:
    seqs = [village.record("patrol", minutes=60).seq for _ in range(21)]
    latest = village.bank.members.latest(village.wang, unit="MIN")
    assert [line.entry.seq for line in latest] == seqs[:0:-1]


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
    none: Any
    for none in (-1, "5", True):
        with pytest.raises(UnknownEntry):
            latest(village.wang, before=none)
    assert latest(village.wang, before=0) == ()
    with pytest.raises(BadCode):
        latest(village.wang, unit="RICE")
    with pytest.raises(UnknownMember):
        latest("0" * 10)
