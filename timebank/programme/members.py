"""Members: a person (个人), a household (户) or a team (志愿服务队) that holds points."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, Literal, get_args

from attrs import frozen

from timebank.errors import (
    AlreadyExists,
    BadCode,
    CardBlocked,
    UnknownCard,
    UnknownEntry,
    UnknownMember,
    WrongKind,
)
from timebank.ledger.codes import MINUTES, POINTS, check_amount
from timebank.ledger.entries import Draft, check_day, check_slug
from timebank.ledger.statements import Line, Statement, latest_lines, statement
from timebank.ledger.store import Table
from timebank.programme.accounts import member_account
from timebank.programme.closing import closed_at
from timebank.programme.codes import check_card_number, check_member_id, new_member_id
from timebank.programme.households import check_free, check_list, household_on, members_on
from timebank.programme.moves import Move, moved_to, post_move
from timebank.programme.organisations import organisation
from timebank.programme.roles import check_allowed, check_operators

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader, Writer

MemberKind = Literal["person", "household", "team"]
KINDS: Final[tuple[MemberKind, ...]] = get_args(MemberKind)
MOST_LINES: Final = 500


@frozen
class Member:
    """A holder of points. The id is random; names live outside the ledger."""

    id: str
    org: str
    kind: str
    seq: int


@frozen
class Card:
    """What a member shows; *state* is active, blocked or replaced."""

    number: str
    member: str
    state: str
    seq: int


@frozen
class Balance:
    """What a member holds: whole points, and whole minutes of service given."""

    points: int
    minutes: int


MEMBERS: Final = Table("member", Member, ("id",))
CARDS: Final = Table("card", Card, ("number",))


def member_of(books: Reader, member: str) -> Member:
    """The member with this id; raises UnknownMember."""
    found = books.get(MEMBERS, member)
    if found is None:
        raise UnknownMember(member)
    return found


def check_kind(member: Member, wanted: MemberKind) -> None:
    """Raise WrongKind unless *member* is a *wanted* one."""
    if member.kind != wanted:
        raise WrongKind(member.id, member.kind, wanted)


def card_of(books: Reader, number: str) -> Card:
    """The card *number*, in whatever state; raises UnknownCard."""
    card = books.get(CARDS, number)
    if card is None:
        raise UnknownCard(number)
    return card


def check_active(card: Card) -> None:
    """Raise CardBlocked unless *card* can be used."""
    if card.state != "active":
        raise CardBlocked(card.number, card.state)


def check_points_or_minutes(unit: object) -> None:
    """Raise BadCode unless *unit* is one that members hold."""
    if unit not in (POINTS, MINUTES):
        raise BadCode("unit", str(unit)[:80], f"{POINTS}|{MINUTES}")


def id_of(member: Member | str) -> str:
    """The id of *member*, given as itself or by its id."""
    return check_member_id(member.id if isinstance(member, Member) else member)


@frozen
class Members:
    """The desk for members."""

    _journal: Journal

    def enrol(
        self,
        *,
        org: str,
        kind: MemberKind = "person",
        card: str | None = None,
        by: str,
        key: str | None = None,
    ) -> Member:
        """Take a new member in, with the first *card* if one is given; answers the member and its random id."""
        check_slug("org", org)
        if kind not in KINDS:
            raise BadCode("kind", str(kind)[:80], "|".join(KINDS))
        number = None if card is None else check_card_number(card)
        check_operators(by)
        request = ("member", org, kind, number or "", by)
        with self._journal.writing() as write:
            posted = write.already(key, request)
            if posted is None:
                organisation(write.books, org)
                check_allowed(write.books, "enrol", by)
                if number is not None:
                    check_new_card(write.books, number)
                member = self._new_id(write.books)
                body = {"member": member, "org": org, "type": kind} | ({"card": number} if number else {})
                draft = Draft(kind="member", day=write.today(), by=by, body=body)
                posted = write.append(draft, key=key, request=request)
            return member_of(write.books, posted.entry.body["member"])

    def _new_id(self, books: Reader) -> str:
        while True:
            member = new_member_id(self._journal.entropy)
            if books.get(MEMBERS, member) is None:
                return member

    def get(self, member: str) -> Member:
        """The member with this id; raises UnknownMember."""
        with self._journal.reading() as books:
            return member_of(books, check_member_id(member))

    def by_card(self, card: str) -> Member:
        """The member who shows *card*, if it is active; raises UnknownCard, CardMistyped or CardBlocked."""
        number = check_card_number(card)
        with self._journal.reading() as books:
            found = card_of(books, number)
            check_active(found)
            return member_of(books, found.member)

    def all(self) -> tuple[Member, ...]:
        """All members, by id."""
        with self._journal.reading() as books:
            return tuple(books.rows(MEMBERS))

    def balance(self, member: Member | str, *, day: date | None = None, at_entry: int | None = None) -> Balance:
        """Points and minutes now; at the end of *day*, as the entries' days say; or right after *at_entry*.

        *day* and *at_entry* ask for two different things: BadCode if both are given.
        """
        account = member_account(id_of(member))
        if day is not None:
            check_day("day", day)
            if at_entry is not None:
                raise BadCode("at_entry", str(at_entry)[:80], "either day or at_entry")
        with self._journal.reading() as books:
            member_of(books, id_of(member))
            if day is not None:
                return Balance(*(books.balance_on(account, unit, day) for unit in (POINTS, MINUTES)))
            if at_entry is not None:
                if type(at_entry) is not int or not 0 <= at_entry < books.size():
                    raise UnknownEntry(str(at_entry)[:40])
                return Balance(*(books.balance_at(account, unit, at_entry) for unit in (POINTS, MINUTES)))
            return Balance(*(books.balance(account, unit) for unit in (POINTS, MINUTES)))

    def statement(
        self,
        member: Member | str,
        *,
        unit: str = POINTS,
        first: date | None = None,
        last: date | None = None,
    ) -> Statement:
        """What happened to a member's points (or minutes) on the days from *first* to *last*, both included."""
        check_points_or_minutes(unit)
        with self._journal.reading() as books:
            known = member_of(books, id_of(member))
            account, since = member_account(known.id), self._journal.size_before(first)
            before = closed_at(books, last)
            return statement(books, account, unit, first=first, last=last, since=since, before=before)

    def latest(
        self, member: Member | str, *, unit: str = POINTS, limit: int = 20, before: int | None = None
    ) -> tuple[Line, ...]:
        """The newest *limit* (1 to 500) lines of a member, newest first: a page of an app, in one short read.

        *before* (None: the end) is an entry: only what was recorded before it, so the oldest line's entry asks
        for the next page. The lines of one entry stay together, even if they are more. Each line has the
        balance that was known right after it.
        """
        check_points_or_minutes(unit)
        check_amount("limit", limit, most=MOST_LINES)
        if before is not None and (type(before) is not int or before < 0):
            raise UnknownEntry(str(before)[:40])
        with self._journal.reading() as books:
            known = member_of(books, id_of(member))
            return latest_lines(books, member_account(known.id), unit, limit=limit, before=before)

    def move(self, member: Member | str, *, to: str, from_day: date, by: str, key: str | None = None) -> Posted:
        """Let *member* belong to the organisation *to* from *from_day* on (today or earlier).

        Raises NotInOrder if a move of the same member is known for that day or a later one, and PeriodClosed.
        """
        owner = id_of(member)

        def known(books: Reader) -> None:
            member_of(books, owner)
            organisation(books, to)

        return post_move(self._journal, Move("member", owner, to, from_day), known=known, by=by, key=key)

    def organisation(self, member: Member | str, *, day: date | None = None) -> str:
        """The organisation that *member* belongs to now, or belonged to at the end of *day*."""
        when = date.max if day is None else check_day("day", day)
        with self._journal.reading() as books:
            known = member_of(books, id_of(member))
            return moved_to(books, "member", known.id, when) or known.org

    def set_household(
        self,
        household: Member | str,
        members: Sequence[Member | str],
        *,
        from_day: date,
        by: str,
        key: str | None = None,
    ) -> Posted:
        """Let *household* be these persons from *from_day* on (today or earlier), in the order in which they pay.

        The list replaces the one before it; an empty one dissolves the household. Raises WrongKind,
        AlreadyInHousehold, NotInOrder if a later list is known, and PeriodClosed.
        """
        owner = id_of(household)
        named = check_list([id_of(member) for member in members])
        start = check_day("from_day", from_day).isoformat()
        check_operators(by)
        request = ("household", owner, named, start, by)
        with self._journal.writing() as write:
            write.check_day(from_day)
            if done := write.already(key, request):
                return done
            whole, persons = member_of(write.books, owner), [member_of(write.books, each) for each in named]
            check_allowed(write.books, "enrol", by, day=from_day)
            check_kind(whole, "household")
            for person in persons:
                check_kind(person, "person")
            check_free(write.books, owner, named, start)
            body = {"household": owner, "members": list(named), "from": start}
            draft = Draft(kind="household", day=from_day, by=by, body=body)
            return write.append(draft, key=key, request=request)

    def household(self, member: Member | str, *, day: date | None = None) -> str | None:
        """The household that *member* belongs to now, or belonged to at the end of *day*; None if to none."""
        when = date.max if day is None else check_day("day", day)
        with self._journal.reading() as books:
            return household_on(books, member_of(books, id_of(member)).id, when)

    def of_household(self, household: Member | str, *, day: date | None = None) -> tuple[str, ...]:
        """Who makes up *household* now, or did at the end of *day*, in the order in which they pay."""
        when = date.max if day is None else check_day("day", day)
        with self._journal.reading() as books:
            return members_on(books, member_of(books, id_of(household)).id, when)


def check_new_card(books: Reader, number: str) -> None:
    """Raise AlreadyExists unless *number* can be given out."""
    if books.get(CARDS, number) is not None:
        raise AlreadyExists("card", number)


def project_member(entry: Entry, books: Writer) -> None:
    """Keep the member, and the card it came with."""
    body = entry.body
    books.put(MEMBERS, Member(body["member"], body["org"], body["type"], entry.seq))
    if "card" in body:
        books.put(CARDS, Card(body["card"], body["member"], "active", entry.seq))
