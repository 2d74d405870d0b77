"""Organisations in levels (street → community → grid → building), and the operators who act for them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, Literal, get_args

from attrs import frozen

from timebank.errors import (
    AlreadyExists,
    BadCode,
    LastAdministrator,
    LevelTooLow,
    LoopInTree,
    UnknownOrganisation,
)
from timebank.ledger.entries import Draft, check_day, check_slug
from timebank.ledger.store import Table
from timebank.programme.moves import Move, moved_to, post_move
from timebank.programme.roles import OPERATORS, ROLES, Operator, Role, check_allowed, check_operators
from timebank.programme.text import check_name

if TYPE_CHECKING:
    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader, Writer

Level = Literal["district", "street", "community", "grid", "building"]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)


@frozen
class Organisation:
    """A node of the tree: district 区, street 街道/乡镇, community 社区/村, grid 网格/小区, building 楼栋."""

    id: str
    name: str
    level: str
    parent: str | None
    seq: int


ORGANISATIONS: Final = Table("organisation", Organisation, ("id",))


def check_level(level: str, parent: Organisation | None = None) -> None:
    """Raise BadCode unless *level* is one of LEVELS, and below its parent's."""
    allowed = LEVELS if parent is None else LEVELS[LEVELS.index(parent.level) + 1 :]
    if level not in allowed:
        raise BadCode("level", str(level)[:80], "|".join(allowed))


def organisation(books: Reader, name: str) -> Organisation:
    """The organisation *name*; raises UnknownOrganisation."""
    found = books.get(ORGANISATIONS, name)
    if found is None:
        raise UnknownOrganisation(name)
    return found


def parent_on(books: Reader, org: str, day: date) -> str | None:
    """What *org* stood below at the end of *day*; None if it stood at the top. Raises UnknownOrganisation."""
    return moved_to(books, "organisation", org, day) or organisation(books, org).parent


def tree_on(books: Reader, day: date) -> dict[str, str | None]:
    """What every organisation stood below at the end of *day*, by its id."""
    rows = tuple(books.rows(ORGANISATIONS))
    return {row.id: moved_to(books, "organisation", row.id, day) or row.parent for row in rows}


def check_below(books: Reader, org: str, to: str, day: date) -> None:
    """Raise LoopInTree or LevelTooLow unless *org* can stand below *to* from *day* on."""
    lower, upper = organisation(books, org), organisation(books, to)
    above: str | None = to
    while above is not None:
        if above == org:
            raise LoopInTree(org, to)
        above = parent_on(books, above, day)
    if LEVELS.index(upper.level) >= LEVELS.index(lower.level):
        raise LevelTooLow(org, lower.level, to, upper.level)


def check_an_administrator_stays(books: Reader, operator: str, role: str) -> None:
    """Raise LastAdministrator if nobody would be an administrator once *operator* is *role*."""
    if role == "admin":
        return
    admins = [each.id for each in books.rows(OPERATORS) if each.role == "admin"]
    if admins == [operator]:
        raise LastAdministrator(operator)


@frozen
class Organisations:
    """The desk for organisations and operators."""

    _journal: Journal

    def add(
        self, org: str, *, name: str, level: Level, parent: str | None = None, by: str, key: str | None = None
    ) -> Posted:
        """Add the organisation *org* (a short lower-case id) below *parent*; *name* is what people read."""
        check_slug("org", org)
        check_name("name", name)
        check_level(level)
        if parent is not None:
            check_slug("parent", parent)
        check_operators(by)
        request = ("organisation", org, name, level, parent or "", by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            above = None if parent is None else organisation(write.books, parent)
            check_level(level, above)
            check_allowed(write.books, "organise", by)
            if write.books.get(ORGANISATIONS, org):
                raise AlreadyExists("organisation", org)
            body = {"org": org, "name": name, "level": level} | ({"parent": parent} if parent else {})
            draft = Draft(kind="organisation", day=write.today(), by=by, body=body)
            return write.append(draft, key=key, request=request)

    def appoint(self, operator: str, *, org: str, role: Role, by: str, key: str | None = None) -> Posted:
        """Let *operator* act for *org* as *role*; for one who acts already, change it.

        Raises LastAdministrator if that would leave nobody who can appoint operators.
        """
        check_slug("operator", operator)
        check_slug("org", org)
        if role not in ROLES:
            raise BadCode("role", str(role)[:80], "|".join(ROLES))
        check_operators(by)
        request = ("operator", operator, org, role, by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            organisation(write.books, org)
            check_allowed(write.books, "organise", by)
            check_an_administrator_stays(write.books, operator, role)
            body = {"operator": operator, "org": org, "role": role}
            draft = Draft(kind="operator", day=write.today(), by=by, body=body)
            return write.append(draft, key=key, request=request)

    def move(self, org: str, *, to: str, from_day: date, by: str, key: str | None = None) -> Posted:
        """Let *org*, with all below it, stand below the organisation *to* from *from_day* on (today or earlier).

        Raises LoopInTree, LevelTooLow, NotInOrder, PeriodClosed.
        """
        check_slug("org", org)
        move = Move("organisation", org, to, from_day)

        def known(books: Reader) -> None:
            organisation(books, org)
            organisation(books, to)

        def fits(books: Reader) -> None:
            check_below(books, org, to, from_day)

        return post_move(self._journal, move, known=known, fits=fits, by=by, key=key)

    def tree(self, day: date | None = None) -> dict[str, str | None]:
        """What every organisation stands below now, or stood below at the end of *day*; None for the top."""
        when = date.max if day is None else check_day("day", day)
        with self._journal.reading() as books:
            return tree_on(books, when)

    def get(self, org: str) -> Organisation:
        """The organisation *org*; raises UnknownOrganisation."""
        with self._journal.reading() as books:
            return organisation(books, check_slug("org", org))

    def all(self) -> tuple[Organisation, ...]:
        """All organisations, by id."""
        with self._journal.reading() as books:
            return tuple(books.rows(ORGANISATIONS))

    def operators(self) -> tuple[Operator, ...]:
        """All operators, by id."""
        with self._journal.reading() as books:
            return tuple(books.rows(OPERATORS))


def project_organisation(entry: Entry, books: Writer) -> None:
    """Keep the organisation."""
    body = entry.body
    books.put(ORGANISATIONS, Organisation(body["org"], body["name"], body["level"], body.get("parent"), entry.seq))
