"""Where members, shops and organisations are on a day; and who may not be the last to go."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Village
from timebank.bank import Bank
from timebank.errors import (
    AlreadyExists,
    BadCode,
    BadDay,
    DayInFuture,
    KeyConflict,
    LastAdministrator,
    LevelTooLow,
    LoopInTree,
    NotInOrder,
    PeriodClosed,
    RoleNotAllowed,
    TimebankError,
    UnknownMember,
    UnknownOrganisation,
    UnknownShop,
)
from timebank.programme.moves import PLACEMENTS, Placement
from timebank.programme.organisations import Organisation
from timebank.programme.placements import organisation_on, organisations_below, parent_on, path_on, tree_on
from timebank.programme.roles import Operator

TODAY = Village.TODAY
FEB = date(2026, 2, 10)


@pytest.fixture
def town(village: Village) -> Village:
    """Two streets; Yungu community and its grid, which stands at the top still, and another community."""
    add = village.bank.organisations.add
    add("east", name="东街道", level="street", by="admin")
    add("west", name="西街道", level="street", by="admin")
    add("lake", name="湖社区", level="community", parent="east", by="admin")
    add("grid-7", name="七网格", level="grid", parent="lake", by="admin")
    return village


def refused(town: Village, error: type[TimebankError], command: Any, *args: Any, **named: Any) -> TimebankError:
    """The error of a command that leaves no trace."""
    before = town.trace()
    with pytest.raises(error) as caught:
        command(*args, **named)
    assert town.trace() == before
    return caught.value


def where(town: Village, what: Any, name: str, day: date) -> str:
    with town.bank.journal.reading() as books:
        return organisation_on(books, what, name, day)


def test_a_member_belongs_where_it_was_taken_in_until_the_day_of_the_move(town: Village) -> None:
    posted = town.bank.members.move(town.wang, to="grid-7", from_day=FEB, by="registrar-1")
    assert (posted.entry.kind, posted.entry.day, posted.entry.moves) == ("move", FEB, ())
    assert dict(posted.entry.body) == {"what": "member", "id": town.wang.id, "to": "grid-7", "from": "2026-02-10"}
    with town.bank.journal.reading() as books:
        (kept,) = books.rows(PLACEMENTS)
    assert kept == Placement("member", town.wang.id, "2026-02-10", posted.seq, "grid-7")
    assert where(town, "member", town.wang.id, FEB - timedelta(days=1)) == "yungu"
    assert where(town, "member", town.wang.id, FEB) == where(town, "member", town.wang.id, date.max) == "grid-7"
    assert town.bank.members.organisation(town.wang, day=FEB - timedelta(days=1)) == "yungu"
    assert town.bank.members.organisation(town.wang) == "grid-7"


def test_a_service_after_the_move_counts_for_the_new_organisation(town: Village) -> None:
    town.bank.members.move(town.wang, to="lake", from_day=FEB, by="admin-1")
    before = town.record("patrol", minutes=60, day=FEB - timedelta(days=1))
    after = town.record("patrol", minutes=60, day=FEB)
    assert {move.debit for move in before.entry.moves} == {"X:AWARDED:YUNGU", "X:SERVICE:YUNGU"}
    assert {move.debit for move in after.entry.moves} == {"X:AWARDED:LAKE", "X:SERVICE:LAKE"}


def test_a_shop_moves_too(town: Village) -> None:
    town.bank.shops.move_to(town.shop, to="lake", from_day=FEB, by="admin-1")
    assert where(town, "shop", town.shop.id, FEB - timedelta(days=1)) == "yungu"
    assert where(town, "shop", town.shop.id, FEB) == "lake"


def test_an_organisation_moves_with_all_below_it(town: Village) -> None:
    town.bank.organisations.move("lake", to="west", from_day=FEB, by="admin-1")
    with town.bank.journal.reading() as books:
        before, after = tree_on(books, FEB - timedelta(days=1)), tree_on(books, FEB)
        assert (parent_on(books, "lake", FEB), parent_on(books, "east", FEB)) == ("west", None)
        assert organisation_on(books, "organisation", "east", FEB) == ""
    assert path_on(before, "grid-7") == ("grid-7", "lake", "east")
    assert path_on(after, "grid-7") == ("grid-7", "lake", "west")
    assert organisations_below(after, "west") == {"west", "lake", "grid-7"}
    assert organisations_below(after, "east") == {"east"}
    assert town.bank.organisations.tree() == after
    assert town.bank.organisations.tree(FEB - timedelta(days=1)) == before


def test_moves_of_one_thing_come_in_order(town: Village) -> None:
    move = town.bank.members.move
    move(town.wang, to="lake", from_day=FEB, by="admin-1")
    for day in (FEB, FEB - timedelta(days=1)):
        error = refused(town, NotInOrder, move, town.wang, to="west", from_day=day, by="admin-1")
        assert error.facts() == {"what": "move", "from_day": str(day), "latest_from_day": str(FEB)}
    other = town.bank.members.enrol(org="yungu", by="admin-1")
    move(other, to="lake", from_day=FEB - timedelta(days=1), by="admin-1")
    move(town.wang, to="west", from_day=FEB + timedelta(days=1), by="admin-1")


def test_a_move_is_of_today_or_earlier(town: Village) -> None:
    tomorrow = TODAY + timedelta(days=1)
    refused(town, DayInFuture, town.bank.members.move, town.wang, to="lake", from_day=tomorrow, by="admin-1")
    town.bank.members.move(town.wang, to="lake", from_day=TODAY, by="admin-1")


def test_a_move_needs_the_role_for_what_moves(town: Village) -> None:
    bank = town.bank
    named: dict[str, Any] = {"to": "lake", "from_day": FEB}
    refused(town, RoleNotAllowed, bank.members.move, town.wang, **named, by="clerk-1")
    refused(town, RoleNotAllowed, bank.shops.move_to, town.shop, **named, by="supervisor-1")
    refused(town, RoleNotAllowed, bank.organisations.move, "yungu", to="east", from_day=FEB, by="registrar-1")
    bank.members.move(town.wang, **named, by="registrar-1")


def test_what_moves_and_where_to_must_be_known(town: Village) -> None:
    bank = town.bank
    refused(town, UnknownMember, bank.members.move, "0" * 10, to="lake", from_day=FEB, by="admin-1")
    refused(town, UnknownShop, bank.shops.move_to, "nowhere", to="lake", from_day=FEB, by="admin-1")
    refused(town, UnknownOrganisation, bank.organisations.move, "x", to="lake", from_day=FEB, by="admin-1")
    refused(town, UnknownOrganisation, bank.organisations.move, "lake", to="x", from_day=FEB, by="admin-1")
    refused(town, BadCode, bank.members.move, town.wang, to="NO ID", from_day=FEB, by="admin-1")
    refused(town, BadDay, bank.members.move, town.wang, to="lake", from_day="2026-02-10", by="admin-1")


def test_the_same_key_moves_once(town: Village) -> None:
    move = town.bank.members.move
    first = move(town.wang, to="lake", from_day=FEB, by="admin-1", key="m/1")
    again = move(town.wang, to="lake", from_day=FEB, by="admin-1", key="m/1")
    assert (again.seq, again.repeated) == (first.seq, True)
    refused(town, KeyConflict, move, town.wang, to="west", from_day=FEB, by="admin-1", key="m/1")


@pytest.mark.parametrize(
    ("org", "to", "error", "levels"),
    [
        ("lake", "lake", LoopInTree, ()),
        ("lake", "grid-7", LoopInTree, ()),
        ("east", "grid-7", LoopInTree, ()),
        ("lake", "yungu", LevelTooLow, ("community", "community")),
        ("west", "lake", LevelTooLow, ("street", "community")),
    ],
)
def test_an_organisation_stands_below_a_higher_one_and_never_below_itself(
    town: Village, org: str, to: str, error: type[TimebankError], levels: tuple[str, ...]
) -> None:
    told = refused(town, error, town.bank.organisations.move, org, to=to, from_day=FEB, by="admin-1")
    assert tuple(told.facts().values()) == ((org, levels[0], to, levels[1]) if levels else (org, to))


def test_a_grid_may_skip_a_level(town: Village) -> None:
    town.bank.organisations.move("grid-7", to="west", from_day=FEB, by="admin-1")
    assert town.bank.organisations.tree()["grid-7"] == "west"


def test_nothing_moves_on_a_day_of_a_closed_month(town: Village) -> None:
    town.bank.periods.close("2026-01", by="supervisor-1")
    last = date(2026, 1, 31)
    refused(town, PeriodClosed, town.bank.members.move, town.wang, to="lake", from_day=last, by="admin-1")
    town.bank.members.move(town.wang, to="lake", from_day=date(2026, 2, 1), by="admin-1")


def test_the_tree_adds_up_what_is_below_as_it_was_on_the_day(town: Village) -> None:
    bank = town.bank
    bank.organisations.move("yungu", to="east", from_day=date(2026, 1, 1), by="admin-1")
    li = bank.members.enrol(org="grid-7", by="admin-1")
    town.record("patrol", minutes=90, day=FEB, member=li)
    bank.organisations.move("grid-7", to="west", from_day=FEB + timedelta(days=1), by="admin-1")
    now = {branch.org: branch for branch in bank.branches.on()}
    assert [(each.org, each.depth) for each in bank.branches.on()] == [
        *(("east", 0), ("lake", 1), ("yungu", 1), ("west", 0), ("grid-7", 1))
    ]
    assert (now["east"].members, now["east"].shops, now["east"].points, now["east"].minutes) == (1, 1, 50, 0)
    assert (now["west"].members, now["west"].shops, now["west"].points, now["west"].minutes) == (1, 0, 4, 90)
    then = {branch.org: branch for branch in bank.branches.on(FEB)}
    assert (then["east"].points, then["east"].minutes, then["west"].points) == (54, 90, 0)
    assert {branch.members for branch in then.values()} == {0}  # Nobody was in the books that day.


def test_a_loop_is_looked_for_as_the_tree_stands_on_the_day(town: Village) -> None:
    """From the 20th on the grid is below another community: the lake would be too high for it, but no loop."""
    move = town.bank.organisations.move
    move("grid-7", to="yungu", from_day=date(2026, 2, 20), by="admin-1")
    refused(town, LoopInTree, move, "lake", to="grid-7", from_day=date(2026, 2, 19), by="admin-1")
    refused(town, LevelTooLow, move, "lake", to="grid-7", from_day=date(2026, 2, 20), by="admin-1")


def test_an_organisation_and_an_operator_are_kept_with_the_entry_that_says_so(town: Village) -> None:
    organisations, entry = town.bank.organisations, town.bank.journal.entry
    top = organisations.add("north", name="北区", level="district", by="admin-1")
    below = organisations.add("hall", name="楼", level="building", parent="lake", by="admin")
    first = organisations.appoint("keeper", org="hall", role="clerk", by="admin")
    named = organisations.appoint("keeper", org="lake", role="auditor", by="admin-1")
    assert [(entry(posted.seq).kind, entry(posted.seq).day, entry(posted.seq).by) for posted in (top, first)] == [
        ("organisation", TODAY, "admin-1"),
        ("operator", TODAY, "admin"),
    ]
    assert [dict(entry(posted.seq).body) for posted in (top, below, named)] == [
        {"org": "north", "name": "北区", "level": "district"},
        {"org": "hall", "name": "楼", "level": "building", "parent": "lake"},
        {"operator": "keeper", "org": "lake", "role": "auditor"},
    ]
    assert organisations.get("north") == Organisation("north", "北区", "district", None, top.seq)
    assert organisations.get("hall") == Organisation("hall", "楼", "building", "lake", below.seq)
    assert [org.id for org in organisations.all()] == ["east", "grid-7", "hall", "lake", "north", "west", "yungu"]
    assert organisations.operators() == tuple(sorted(organisations.operators(), key=lambda each: each.id))
    (keeper,) = (each for each in organisations.operators() if each.id == "keeper")
    assert keeper == Operator("keeper", "lake", "auditor", named.seq)


def test_a_refusal_names_the_organisation_or_what_there_is(town: Village) -> None:
    organisations = town.bank.organisations
    grid: dict[str, Any] = {"name": "网格", "level": "grid", "by": "admin-1"}
    cases: list[tuple[type[TimebankError], Any, tuple[Any, ...], dict[str, Any], dict[str, str]]] = [
        (UnknownOrganisation, organisations.get, ("hall",), {}, {"name": "hall"}),
        (UnknownOrganisation, organisations.add, ("x",), {**grid, "parent": "hall"}, {"name": "hall"}),
        (AlreadyExists, organisations.add, ("lake",), grid, {"what": "organisation", "name": "lake"}),
        (
            BadCode, organisations.add, ("x",), {**grid, "parent": "lake", "level": "community"},
            {"field": "level", "value": "community", "pattern": "grid|building"},
        ),
        (BadCode, organisations.add, ("x",), {**grid, "level": "street", "parent": "yungu"}, {"value": "street"}),
        (RoleNotAllowed, organisations.add, ("x",), {**grid, "by": "registrar-1"}, {"act": "organise"}),
        (
            RoleNotAllowed, organisations.appoint, ("x",), {"org": "lake", "role": "clerk", "by": "supervisor-1"},
            {"operator": "supervisor-1", "act": "organise"},
        ),
        (
            UnknownOrganisation, organisations.appoint, ("x",), {"org": "hall", "role": "clerk", "by": "admin-1"},
            {"name": "hall"},
        ),
    ]  # fmt: skip
    for error, command, first, named, facts in cases:
        told = refused(town, error, command, *first, **named).facts()
        assert {name: told[name] for name in facts} == facts


def test_the_last_administrator_cannot_give_the_role_up(town: Village) -> None:
    appoint = town.bank.organisations.appoint
    appoint("admin", org="yungu", role="clerk", by="admin-1")
    error = refused(town, LastAdministrator, appoint, "admin-1", org="yungu", role="auditor", by="admin-1")
    assert error.facts() == {"operator": "admin-1"}
    appoint("admin-1", org="lake", role="admin", by="admin-1")
    appoint("clerk-1", org="yungu", role="supervisor", by="admin-1")
    appoint("admin-2", org="yungu", role="admin", by="admin-1")
    appoint("admin-1", org="yungu", role="auditor", by="admin-2")


ORGS = ("a", "b", "c", "d")
MOVES = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(ORGS), st.integers(0, 8)), max_size=12)


@given(MOVES)
def test_everything_is_where_a_list_of_moves_says(moves: list[tuple[int, str, int]]) -> None:
    """Against a dictionary of days, for every day."""
    bank = Bank.in_memory(clock=lambda: datetime(2026, 3, 1, 4, 0, tzinfo=UTC))
    for org in ORGS:
        bank.organisations.add(org, name=org, level="street", by="admin")
    members = [bank.members.enrol(org="a", by="admin").id for _ in range(3)]
    model: dict[str, dict[int, str]] = {member: {-1: "a"} for member in members}
    for who, to, offset in moves:
        known = model[members[who]]
        day = FEB + timedelta(days=offset)
        try:
            bank.members.move(members[who], to=to, from_day=day, by="admin")
        except NotInOrder:
            assert offset <= max(known)
        else:
            assert offset > max(known)
            known[offset] = to
    with bank.journal.reading() as books:
        for member in members:
            for offset in range(-1, 10):
                last = max(day for day in model[member] if day <= offset)
                found = organisation_on(books, "member", member, FEB + timedelta(days=offset))
                assert found == model[member][last]
