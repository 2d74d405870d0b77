"""Awards: from what members did to the transfers of one entry. Pure: nothing here reads the books."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from timebank.errors import BadCode
from timebank.ledger.codes import MINUTES, POINTS
from timebank.ledger.entries import check_slug
from timebank.ledger.transfers import Transfer
from timebank.programme import accounts
from timebank.programme.rulebook_terms import Measure, Payer, Unit, check_minutes, check_occasions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

_START: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_EVIDENCE: Final = re.compile(r"[0-9a-f]{64}")
_MINUTES_PER_HOUR: Final = 60


@frozen
class Item:
    """What one member did, and the *points* that it earns."""

    member: str
    measure: Measure
    points: int

    @property
    def minutes(self) -> int:
        """Whole minutes of service; 0 where none were measured."""
        return self.measure.minutes or 0

    @property
    def occasions(self) -> int:
        """How many times; a graded service is done once, one by the hour is not counted so."""
        return occasions_of(self.measure.occasions, self.measure.grade)


@frozen
class Payment:
    """Who pays for an award: *payer* pays what *pays* says, the programme of *org* the rest.

    *hold_at_most_minutes* (None: no limit) is what a member may hold; what is over goes to the pool of *org*.
    """

    org: str
    payer: Payer = "programme"
    pays: Unit = "points"
    recipient: str | None = None
    hold_at_most_minutes: int | None = None

    def source(self, pays: Unit) -> str:
        """The account that points, or minutes, come from."""
        if self.payer == "programme" or self.pays != pays:
            of_programme = accounts.awarded_account if pays == "points" else accounts.service_account
            return of_programme(self.org)
        if self.recipient is not None:
            return accounts.member_account(self.recipient)
        return accounts.pool_account(self.org)


@frozen
class Standing:
    """How a member stands before an award: minutes held, points owed."""

    minutes: int = 0
    debt_points: int = 0


_NOTHING: Final = Standing()


def award_moves(items: Sequence[Item], payment: Payment, standing: Mapping[str, Standing]) -> tuple[Transfer, ...]:
    """The transfers of one award, member by member as in *items*.

    For each: points; minutes; what is over the limit, to the pool; what repays a debt. *standing* may leave out
    a member who holds no minutes and owes nothing.
    """
    moves: list[Transfer] = []
    for item in items:
        account, before = accounts.member_account(item.member), standing.get(item.member, _NOTHING)
        if item.points:
            moves.append(Transfer(payment.source("points"), account, POINTS, item.points))
        if item.minutes:
            moves.append(Transfer(payment.source("minutes"), account, MINUTES, item.minutes))
        limit = payment.hold_at_most_minutes
        if limit is not None and (over := min(item.minutes, max(0, before.minutes + item.minutes - limit))):
            moves.append(Transfer(account, accounts.pool_account(payment.org), MINUTES, over))
        if repaid := min(item.points, before.debt_points):
            moves.append(Transfer(account, accounts.debt_account(item.member), POINTS, repaid))
    return tuple(moves)


def programme_points(items: Sequence[Item], payment: Payment) -> int:
    """The points of an award that the programme gives: what counts towards a budget."""
    if payment.payer != "programme" and payment.pays == "points":
        return 0
    return sum(item.points for item in items)


# --- How a measure is given, checked and written


def occasions_of(occasions: int | None, grade: str | None) -> int:
    """How many times, for a cap: a grade stands for one."""
    return occasions or (0 if grade is None else 1)


def check_measure(measure: Measure) -> Measure:
    """Return *measure* if each of its values can be one. Raises BadAmount, BadCode."""
    if measure.minutes is not None:
        check_minutes(measure.minutes)
    if measure.occasions is not None:
        check_occasions(measure.occasions)
    if measure.grade is not None:
        check_slug("grade", measure.grade)
    if measure.start is not None:
        _check_form("start", measure.start, _START)
    return measure


def check_evidence(value: object) -> str:
    """Return *value* if it is the SHA-256 of some evidence: 64 lower-case hexadecimal digits."""
    return _check_form("evidence", value, _EVIDENCE)


def _check_form(field: str, value: object, form: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise BadCode(field, str(value)[:80], form.pattern)
    return value


def measure_body(measure: Measure) -> dict[str, Any]:
    """*measure* as an entry holds it: only what was given."""
    given = {
        "minutes": measure.minutes,
        "occasions": measure.occasions,
        "grade": measure.grade,
        "start": measure.start,
    }
    return {name: value for name, value in given.items() if value is not None}


def measure_of(body: Mapping[str, Any]) -> Measure:
    """The measure that an entry holds."""
    return Measure(body.get("minutes"), body.get("occasions"), body.get("grade"), body.get("start"))


def items_body(measures: Sequence[tuple[str, Measure]]) -> list[list[Any]]:
    """Members and their measures as a claim holds them."""
    return [[member, measure_body(measure)] for member, measure in measures]


def items_of(body: Mapping[str, Any]) -> tuple[tuple[str, Measure], ...]:
    """The members and measures of a claim's body."""
    return tuple((member, measure_of(measure)) for member, measure in body["items"])


def minute_of(day: date, start: str) -> int:
    """The minute at which a service of *day* began, counted from the calendar's start."""
    hours, minutes = start.split(":")
    return day.toordinal() * 24 * _MINUTES_PER_HOUR + int(hours) * _MINUTES_PER_HOUR + int(minutes)
