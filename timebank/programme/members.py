"""Members (person 个人, household 户, team 志愿服务队) and their cards (issue 发卡, block 挂失, replace 补卡)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

from attrs import frozen

from timebank.errors import AlreadyExists, BadCode, CardBlocked, UnknownCard, UnknownEntry, UnknownMember
from timebank.ledger.codes import MINUTES, POINTS
from timebank.ledger.entries import Draft, check_day, check_slug
from timebank.ledger.statements import Statement, statement
from timebank.ledger.store import Table
from timebank.programme.accounts import member_account
from timebank.programme.codes import (
    check_card_number,
    check_member_id,
    new_card_number,
    new_member_id,
)
from timebank.programme.organisations import organisation
from timebank.programme.roles import check_allowed, check_operators

if TYPE_CHECKING:
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader, Writer

MemberKind = Literal["person", "household", "team"]
KINDS: Final[tuple[MemberKind, ...]] = get_args(MemberKind)


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
        """Points and minutes now; at the end of *day*, as the entries' days say; or right after *at_entry*."""
        account = member_account(id_of(member))
        if day is not None:
            check_day("day", day)
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
        if unit not in (POINTS, MINUTES):
            raise BadCode("unit", str(unit)[:80], f"{POINTS}|{MINUTES}")
        with self._journal.reading() as books:
            known = member_of(books, id_of(member))
            since = self._journal.size_before(first)
            return statement(books, member_account(known.id), unit, first=first, last=last, since=since)


@frozen
class Cards:
    """The desk for cards."""

    _journal: Journal

    def issue(self, member: Member | str, *, card: str | None = None, by: str, key: str | None = None) -> Card:
        """Give *member* a further card: the printed number *card*, or a new random one."""
        owner = id_of(member)
        number = None if card is None else check_card_number(card)
        check_operators(by)
        request = ("card-issue", owner, number or "", by)
        with self._journal.writing() as write:
            posted = write.already(key, request)
            if posted is None:
                member_of(write.books, owner)
                check_allowed(write.books, "enrol", by)
                number = self._number(write.books, number)
                body = {"card": number, "member": owner, "do": "issue"}
                draft = Draft(kind="card", day=write.today(), by=by, body=body)
                posted = write.append(draft, key=key, request=request)
            return card_of(write.books, posted.entry.body["card"])

    def block(self, card: str, *, by: str, key: str | None = None) -> Posted:
        """Block a lost *card*; its points stay with the member. Raises CardBlocked if it is blocked already."""
        number = check_card_number(card)
        check_operators(by)
        request = ("card-block", number, by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            found = card_of(write.books, number)
            check_allowed(write.books, "block-card", by)
            check_active(found)
            body = {"card": number, "member": found.member, "do": "block"}
            draft = Draft(kind="card", day=write.today(), by=by, body=body)
            return write.append(draft, key=key, request=request)

    def replace(self, card: str, *, new: str | None = None, by: str, key: str | None = None) -> Card:
        """Give the member a *new* card (None: a random number) for *card*, lost or worn; the old one ends."""
        old = check_card_number(card)
        number = None if new is None else check_card_number(new)
        check_operators(by)
        request = ("card-replace", old, number or "", by)
        with self._journal.writing() as write:
            posted = write.already(key, request)
            if posted is None:
                found = card_of(write.books, old)
                check_allowed(write.books, "enrol", by)
                if found.state == "replaced":
                    raise CardBlocked(old, found.state)
                number = self._number(write.books, number)
                body = {"card": number, "member": found.member, "do": "replace", "replaces": old}
                draft = Draft(kind="card", day=write.today(), by=by, body=body)
                posted = write.append(draft, key=key, request=request)
            return card_of(write.books, posted.entry.body["card"])

    def get(self, card: str) -> Card:
        """The card with this number, in whatever state; raises UnknownCard or CardMistyped."""
        number = check_card_number(card)
        with self._journal.reading() as books:
            return card_of(books, number)

    def _number(self, books: Reader, number: str | None) -> str:
        while number is None:
            made = new_card_number(self._journal.entropy)
            number = made if books.get(CARDS, made) is None else None
        check_new_card(books, number)
        return number


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


def project_card(entry: Entry, books: Writer) -> None:
    """Keep the card's state, and end the one it replaces."""
    body = entry.body
    state = "blocked" if body["do"] == "block" else "active"
    if body["do"] == "replace":
        books.put(CARDS, Card(body["replaces"], body["member"], "replaced", entry.seq))
    books.put(CARDS, Card(body["card"], body["member"], state, entry.seq))
