"""Volunteer teams (志愿服务队): who joined, and who left."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, Literal

from attrs import frozen

from timebank.errors import AlreadyInTeam, NotInOrder, NotInTeam
from timebank.ledger.entries import END_OF_DAYS, Draft, check_day
from timebank.ledger.store import Table
from timebank.programme.members import Member, check_kind, id_of, member_of
from timebank.programme.roles import check_allowed, check_operators

if TYPE_CHECKING:
    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader, Writer


@frozen
class TeamMember:
    """*member* belongs to *team* from the day *joined* to the day before *left* (empty: still)."""

    team: str
    member: str
    joined: str
    left: str
    seq: int

    def covers(self, day: str) -> bool:
        """Whether *day* is one of the days between."""
        return self.joined <= day and (not self.left or day < self.left)


# Who left may come back: each time is a row of its own, so that every day's team can still be told.
TEAM_MEMBERS: Final = Table("team_member", TeamMember, ("team", "member", "joined"))


def team_on(books: Reader, team: str, day: date) -> tuple[str, ...]:
    """The ids of those who belonged to *team* on *day*, sorted."""
    when = day.isoformat()
    return tuple(row.member for row in books.rows(TEAM_MEMBERS, team) if row.covers(when))


@frozen
class Teams:
    """The desk for volunteer teams: members of their own kind, which persons of any organisation join."""

    _journal: Journal

    def join(
        self, team: Member | str, member: Member | str, *, day: date | None = None, by: str, key: str | None = None
    ) -> Posted:
        """Let *member* belong to *team* from *day* on (None: today).

        Raises WrongKind, AlreadyInTeam, NotInOrder if they left on a later day, and PeriodClosed.
        """
        return self._post("join", id_of(team), id_of(member), day, by, key)

    def leave(
        self, team: Member | str, member: Member | str, *, day: date | None = None, by: str, key: str | None = None
    ) -> Posted:
        """Let *member* no longer belong to *team* from *day* on (None: today).

        Raises WrongKind, NotInTeam, NotInOrder if they joined on a later day, and PeriodClosed.
        """
        return self._post("leave", id_of(team), id_of(member), day, by, key)

    def _post(
        self, do: Literal["join", "leave"], team: str, member: str, day: date | None, by: str, key: str | None
    ) -> Posted:
        when = None if day is None else check_day("day", day)
        check_operators(by)
        request = ("team", do, team, member, str(when or ""), by)
        with self._journal.writing() as write:
            write.check_day(when)
            if done := write.already(key, request):
                return done
            whole, person = member_of(write.books, team), member_of(write.books, member)
            entry_day = when or write.today()
            check_allowed(write.books, "enrol", by, day=entry_day)
            check_kind(whole, "team")
            check_kind(person, "person")
            check_change(write.books, do, team, member, entry_day.isoformat())
            body = {"team": team, "member": member, "do": do}
            return write.append(Draft(kind="team", day=entry_day, by=by, body=body), key=key, request=request)

    def members(self, team: Member | str, day: date | None = None) -> tuple[str, ...]:
        """The ids of those who belong to *team* now, or belonged to it on *day*, sorted."""
        when = date.max if day is None else check_day("day", day)
        with self._journal.reading() as books:
            return team_on(books, member_of(books, id_of(team)).id, when)

    def of(self, member: Member | str, day: date | None = None) -> tuple[str, ...]:
        """The ids of the teams that *member* belongs to now, or belonged to on *day*, sorted."""
        when = (date.max if day is None else check_day("day", day)).isoformat()
        with self._journal.reading() as books:
            person = member_of(books, id_of(member)).id
            return tuple(r.team for r in books.rows(TEAM_MEMBERS) if r.member == person and r.covers(when))


def check_change(books: Reader, do: str, team: str, member: str, day: str) -> None:
    """Raise AlreadyInTeam, NotInTeam or NotInOrder unless *member* can join or leave *team* on *day*."""
    last = books.latest(TEAM_MEMBERS, team, member, upto=END_OF_DAYS)
    inside = last is not None and not last.left
    if do == "join" and inside:
        raise AlreadyInTeam(team, member)
    if do == "leave" and not inside:
        raise NotInTeam(team, member)
    changed = "" if last is None else last.left or last.joined
    if day < changed:
        raise NotInOrder("team", day, changed)


def project_team(entry: Entry, books: Writer) -> None:
    """Keep from when to when the member belongs to the team."""
    team, member, day = entry.body["team"], entry.body["member"], entry.day.isoformat()
    joined, left = day, ""
    if entry.body["do"] == "leave":
        last = books.latest(TEAM_MEMBERS, team, member, upto=day)
        joined, left = ("" if last is None else last.joined), day
    books.put(TEAM_MEMBERS, TeamMember(team, member, joined, left, entry.seq))
