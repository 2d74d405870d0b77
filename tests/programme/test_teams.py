"""Volunteer teams: persons of any organisation join and leave."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.conftest import Village
from timebank.errors import (
    AlreadyInTeam,
    BadCode,
    BadDay,
    DayInFuture,
    KeyConflict,
    NotInOrder,
    NotInTeam,
    PeriodClosed,
    RoleNotAllowed,
    TimebankError,
    UnknownMember,
    WrongKind,
)
from timebank.ledger.entries import Draft
from timebank.programme.teams import TEAM_MEMBERS, TeamMember

FEB = date(2026, 2, 10)


def feb(day: int) -> date:
    return date(2026, 2, day)


class Hall(Village):
    """A village with a volunteer team, and Li of another community."""

    def __init__(self) -> None:
        super().__init__()
        self.bank.organisations.add("lake", name="湖社区", level="community", by="admin")
        self.team = self.bank.members.enrol(org="yungu", kind="team", by="admin").id
        self.li = self.bank.members.enrol(org="lake", by="admin").id

    def join(self, member: Any = None, *, day: Any = FEB, **named: Any) -> Any:
        return self.bank.teams.join(self.team, member or self.wang, day=day, **{"by": "registrar-1", **named})

    def leave(self, member: Any = None, *, day: Any = FEB, **named: Any) -> Any:
        return self.bank.teams.leave(self.team, member or self.wang, day=day, **{"by": "registrar-1", **named})

    def refused(self, error: type[TimebankError], command: Any, *args: Any, **named: Any) -> TimebankError:
        before = self.trace()
        with pytest.raises(error) as caught:
            command(*args, **named)
        assert self.trace() == before
        return caught.value


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_who_joins_belongs_to_the_team_until_the_day_they_leave(hall: Hall) -> None:
    posted = hall.join()
    assert (posted.entry.kind, posted.entry.day, posted.entry.moves) == ("team", FEB, ())
    assert dict(posted.entry.body) == {"team": hall.team, "member": hall.wang.id, "do": "join"}
    hall.leave(day=feb(15))
    days = (feb(9), feb(10), feb(14), feb(15))
    assert [hall.wang.id in hall.bank.teams.members(hall.team, day) for day in days] == [False, True, True, False]
    assert [hall.bank.teams.of(hall.wang, day) for day in days] == [(), (hall.team,), (hall.team,), ()]
    assert hall.bank.teams.members(hall.team) == ()


def test_persons_of_any_organisation_join(hall: Hall) -> None:
    hall.join()
    hall.join(hall.li)
    assert hall.bank.teams.members(hall.team) == tuple(sorted((hall.wang.id, hall.li)))


def test_who_left_may_come_back_and_the_days_between_stay_what_they_were(hall: Hall) -> None:
    hall.join(day=feb(10))
    hall.leave(day=feb(12))
    hall.join(day=feb(14))
    assert [bool(hall.bank.teams.members(hall.team, feb(day))) for day in range(9, 16)] == [
        *(False, True, True, False, False, True, True)
    ]


def test_who_joins_and_leaves_on_one_day_was_not_there(hall: Hall) -> None:
    hall.join()
    hall.leave()
    assert hall.bank.teams.members(hall.team, FEB) == ()
    hall.join()
    assert hall.bank.teams.members(hall.team, FEB) == (hall.wang.id,)


def test_nobody_joins_twice_or_leaves_what_they_are_not_in(hall: Hall) -> None:
    error = hall.refused(NotInTeam, hall.leave)
    assert error.facts() == {"team": hall.team, "member": hall.wang.id}
    hall.join()
    again = hall.refused(AlreadyInTeam, hall.join, day=feb(11))
    assert again.facts() == {"team": hall.team, "member": hall.wang.id}
    hall.leave(day=feb(12))
    hall.refused(NotInTeam, hall.leave, day=feb(13))


def test_joining_and_leaving_come_in_order(hall: Hall) -> None:
    hall.join()
    early = hall.refused(NotInOrder, hall.leave, day=feb(9))
    assert early.facts() == {"what": "team", "from_day": "2026-02-09", "latest_from_day": "2026-02-10"}
    hall.leave(day=feb(12))
    early = hall.refused(NotInOrder, hall.join, day=feb(11))
    assert early.facts() == {"what": "team", "from_day": "2026-02-11", "latest_from_day": "2026-02-12"}
    hall.join(day=feb(12))


def test_a_team_keeps_each_time_with_the_entry_that_ended_or_began_it(hall: Hall) -> None:
    hall.join()
    left = hall.leave(day=feb(12))
    assert dict(left.entry.body) == {"team": hall.team, "member": hall.wang.id, "do": "leave"}
    back = hall.join(day=feb(14))
    with hall.bank.journal.reading() as books:
        assert tuple(books.rows(TEAM_MEMBERS)) == (
            TeamMember(hall.team, hall.wang.id, "2026-02-10", "2026-02-12", left.seq),
            TeamMember(hall.team, hall.wang.id, "2026-02-14", "", back.seq),
        )


def test_books_made_elsewhere_in_which_somebody_leaves_who_never_joined_are_read(hall: Hall) -> None:
    """No command writes that. Who reads such books sees that the first day is not known."""
    body = {"team": hall.team, "member": hall.wang.id, "do": "leave"}
    with hall.bank.journal.writing() as write:
        left = write.append(Draft(kind="team", day=FEB, by="registrar-1", body=body))
    with hall.bank.journal.reading() as books:
        assert tuple(books.rows(TEAM_MEMBERS)) == (
            TeamMember(hall.team, hall.wang.id, "", "2026-02-10", left.seq),
        )


def test_a_person_may_be_in_several_teams_and_the_days_of_one_say_nothing_of_another(hall: Hall) -> None:
    other = hall.bank.members.enrol(org="lake", kind="team", by="admin").id
    hall.join(day=feb(12))
    hall.bank.teams.join(other, hall.wang, day=FEB, by="registrar-1")
    hall.join(hall.li)
    assert hall.bank.teams.of(hall.wang) == tuple(sorted((hall.team, other)))
    assert hall.bank.teams.of(hall.wang, FEB) == (other,)
    assert hall.bank.teams.of(hall.li) == (hall.team,)
    hall.leave(hall.li, day=None)
    assert hall.bank.teams.of(hall.li) == ()
    assert hall.bank.teams.of(hall.li, Village.TODAY - timedelta(days=1)) == (hall.team,)
    assert hall.bank.teams.members(other) == (hall.wang.id,)


def test_a_team_is_a_team_and_its_members_are_persons(hall: Hall) -> None:
    house = hall.bank.members.enrol(org="yungu", kind="household", by="admin").id
    wrong = hall.refused(WrongKind, hall.join, house)
    assert wrong.facts() == {"member": house, "kind": "household", "wanted_kind": "person"}
    hall.refused(WrongKind, hall.join, hall.team)
    hall.refused(WrongKind, hall.bank.teams.join, hall.li, hall.wang, by="admin")
    hall.refused(UnknownMember, hall.join, "0" * 10)
    hall.refused(BadCode, hall.join, "wang")
    hall.refused(BadDay, hall.join, day="2026-02-10")


def test_joining_needs_a_role_and_an_open_day_that_has_come(hall: Hall) -> None:
    told = hall.refused(RoleNotAllowed, hall.join, by="clerk-1").facts()
    assert (told["operator"], told["act"]) == ("clerk-1", "enrol")
    hall.refused(DayInFuture, hall.join, day=Village.TODAY + timedelta(days=1))
    hall.bank.periods.close("2026-01", by="supervisor-1")
    hall.refused(PeriodClosed, hall.join, day=date(2026, 1, 31))
    hall.join(day=None)
    assert hall.bank.teams.members(hall.team, Village.TODAY) == (hall.wang.id,)


def test_the_same_key_joins_once(hall: Hall) -> None:
    first = hall.join(key="t/1")
    assert (hall.join(key="t/1").seq, hall.join(key="t/1").repeated) == (first.seq, True)
    hall.refused(KeyConflict, hall.leave, key="t/1")
