"""What a rulebook (积分细则) says, as values: services, caps, deductions, gifts, and how points are worked out."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from attrs import frozen

from timebank.errors import (
    MeasureWrong,
    NothingToShare,
    UnknownDeduction,
    UnknownGrade,
    UnknownOrderKind,
    UnknownService,
)
from timebank.ledger.codes import check_amount
from timebank.programme.roles import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.errors import TimebankError

MOST_MINUTES: Final = 24 * 60
MOST_OCCASIONS: Final = 100
MOST_POINTS: Final = 10_000
MOST_PEOPLE: Final = 200
AS_IT_IS: Final = 100
"""The percentage of a day without a multiplier."""
WHOLE: Final = 100
"""What the weights of a rating sum to."""

_MINUTES_PER_HOUR: Final = 60
_MONTHS_PER_YEAR: Final = 12
_LAST_MONTH: Final = date.max.year * _MONTHS_PER_YEAR + _MONTHS_PER_YEAR - 1

Rounding = Literal["down", "up", "half-up"]
Per = Literal["hour", "occasion", "grade"]
Expiry = Literal["never", "year-end", "year-after", "months"]
CapOf = Literal["minutes", "points", "occasions"]
CapPer = Literal["member", "household"]
Period = Literal["day", "month", "year"]
Unit = Literal["points", "minutes"]
Payer = Literal["programme", "pool", "recipient"]


def check_minutes(value: object) -> int:
    """Return *value* if it is 1 to 1,440 whole minutes."""
    return check_amount("minutes", value, most=MOST_MINUTES)


def check_occasions(value: object) -> int:
    """Return *value* if it is 1 to 100 occasions."""
    return check_amount("occasions", value, most=MOST_OCCASIONS)


def rounded(numerator: int, denominator: int, rounding: Rounding) -> int:
    """*numerator* / *denominator* (neither below zero) as a whole number; half-up: a half goes up."""
    if rounding == "up":
        return -(-numerator // denominator)
    if rounding == "half-up":
        return (2 * numerator + denominator) // (2 * denominator)
    return numerator // denominator


@frozen
class Measure:
    """How much of a service was done: whole minutes, how many times, or how well; *start* is its HH:MM."""

    minutes: int | None = None
    occasions: int | None = None
    grade: str | None = None
    start: str | None = None


@frozen
class Rules:
    """What holds for the whole rulebook; what a text leaves out is as here."""

    rounding: Rounding = "down"
    notice_days: int = 0
    approvers: tuple[str, ...] = SECOND
    overlap: Literal["allowed", "refused"] = "allowed"
    start: Literal["optional", "required"] = "optional"
    expiry: Expiry = "never"
    expiry_months: int | None = None
    hold_at_most_minutes: int | None = None
    appeal_days: int = 15
    point_value_fen: int = 100
    stars: tuple[int, ...] = (100, 300, 600, 1000, 1500)

    def expires(self, day: date) -> date | None:
        """The last day on which points earned on *day* can be spent; None: they do not lapse."""
        if self.expiry == "never":
            return None
        first_month = day.year * _MONTHS_PER_YEAR
        if self.expiry == "months":
            return _month_end(first_month + day.month - 1 + (self.expiry_months or 0))
        years = 1 if self.expiry == "year-after" else 0
        return _month_end(first_month + years * _MONTHS_PER_YEAR + _MONTHS_PER_YEAR - 1)


def _month_end(month: int) -> date:
    """The last day of *month*, counted from January of the year 0; the calendar's last day for one after it."""
    year, past = divmod(min(month, _LAST_MONTH), _MONTHS_PER_YEAR)
    return date(year, past + 1, monthrange(year, past + 1)[1])


@frozen
class Service:
    """A row of the rulebook: *points* for each hour or each occasion, or those of the grade.

    *grades* are (grade, points), only where *per* is "grade". A *shared* service's points are divided among those
    who did it together. *payer* pays *pays*; whatever else it earns comes from the programme.
    """

    id: str
    zh: str
    en: str
    per: Per
    points: int = 0
    grades: tuple[tuple[str, int], ...] = ()
    shared: bool = False
    least_minutes: int = 1
    most_minutes: int = MOST_MINUTES
    payer: Payer = "programme"
    pays: Unit = "points"
    approvers: tuple[str, ...] = SECOND

    def fraction(self, measure: Measure) -> tuple[int, int]:
        """The points for *measure* on an ordinary day, exactly: numerator and denominator.

        By the hour minutes are needed (1 to 1,440) and nothing else belongs. By the occasion occasions are
        needed (1 to 100), by grade a grade; minutes may say how long it took, and must where it earns no points.
        Raises MeasureWrong, BadAmount, UnknownGrade. How long it may take is not looked at.
        """
        self._check(measure)
        if self.per == "hour":
            return check_minutes(measure.minutes) * self.points, _MINUTES_PER_HOUR
        if measure.minutes is not None:
            check_minutes(measure.minutes)
        if self.per == "occasion":
            return check_occasions(measure.occasions) * self.points, 1
        return self.grade_points(measure.grade or ""), 1

    def grade_points(self, grade: str) -> int:
        """The points of *grade*; raises UnknownGrade, which lists the grades there are."""
        for name, points in self.grades:
            if name == grade:
                return points
        raise UnknownGrade(grade, self.id, ", ".join(name for name, _ in self.grades))

    def _check(self, measure: Measure) -> None:
        needed = {"hour": "minutes", "occasion": "occasions", "grade": "grade"}[self.per]
        given = {name for name in ("minutes", "occasions", "grade") if getattr(measure, name) is not None}
        if needed not in given or not given <= {needed, "minutes"}:
            raise MeasureWrong(self.id, needed)
        if self.per == "occasion" and not self.points and measure.minutes is None:
            raise MeasureWrong(self.id, "minutes")


@frozen
class Cap:
    """At most so much *of* something in a day, month or year; *service* None: all services together."""

    of: CapOf
    per: CapPer
    period: Period
    most: int
    service: str | None = None

    def covers(self, service: str) -> bool:
        """Whether *service* counts towards it."""
        return self.service is None or self.service == service

    def days(self, day: date) -> tuple[date, date]:
        """The first and the last day of the period in which *day* lies."""
        if self.period == "day":
            return day, day
        if self.period == "month":
            return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
        return date(day.year, 1, 1), date(day.year, 12, 31)


@frozen
class Multiplier:
    """Services earn *percent* of their points from *first* to *last*; no *services*: all of them do."""

    percent: int
    first: date
    last: date
    services: tuple[str, ...] = ()

    def applies(self, service: str, day: date) -> bool:
        """Whether it changes what *service* earns on *day*."""
        return self.first <= day <= self.last and (not self.services or service in self.services)


@frozen
class Deduction:
    """A row of the negative list (负面清单): what takes points away."""

    id: str
    zh: str
    en: str
    points: int


@frozen
class OrderKind:
    """What residents can order; overdue after so many *days* (None: never); *wish*: a small wish (微心愿)."""

    id: str
    zh: str
    en: str
    days: int | None = None
    wish: bool = False


@frozen
class GiftRules:
    """What members may give, and to whom: to a relative of these *relations*, to a pool."""

    units: tuple[Unit, ...]
    to: tuple[Literal["relative", "pool"], ...]
    relations: tuple[str, ...] = ()


@frozen
class RatingRules:
    """How projects are rated: the weights (per cent) of residents and reviewers; *grades*: 5, 4, 3, 2 stars."""

    residents: int = 60
    reviewers: tuple[tuple[str, int], ...] = (("street", 15), ("community", 15), ("owners", 10))
    grades: tuple[int, ...] = (90, 80, 70, 60)


@frozen
class Rulebook:
    """What a rulebook's text says. Without *gift* members give nothing away."""

    name: str
    zh: str
    en: str
    services: tuple[Service, ...]
    rules: Rules = Rules()
    caps: tuple[Cap, ...] = ()
    multipliers: tuple[Multiplier, ...] = ()
    deductions: tuple[Deduction, ...] = ()
    orders: tuple[OrderKind, ...] = ()
    gift: GiftRules | None = None
    rating: RatingRules = RatingRules()

    def service(self, service: str, day: date) -> Service:
        """The row *service*; raises UnknownService, which lists the rows there are."""
        return _row(self.services, service, day, UnknownService)

    def deduction(self, deduction: str, day: date) -> Deduction:
        """The row *deduction* of the negative list; raises UnknownDeduction, which lists the rows there are."""
        return _row(self.deductions, deduction, day, UnknownDeduction)

    def order_kind(self, order: str, day: date) -> OrderKind:
        """The kind of order *order*; raises UnknownOrderKind, which lists the kinds there are."""
        return _row(self.orders, order, day, UnknownOrderKind)

    def percent(self, service: str, day: date) -> int:
        """What *service* earns on *day*, in per cent of its points: 100 on an ordinary day."""
        return next((each.percent for each in self.multipliers if each.applies(service, day)), AS_IT_IS)

    def points(self, service: Service | str, measure: Measure, day: date, people: int = 1) -> int:
        """The points of each of *people* for *measure* of *service* on *day*, rounded once, as the rules say.

        A service that is not shared gives everybody the whole. Raises UnknownService, MeasureWrong, BadAmount,
        UnknownGrade, NothingToShare.
        """
        row = self.service(service, day) if isinstance(service, str) else service
        numerator, denominator = row.fraction(measure)
        shares = check_amount("people", people, most=MOST_PEOPLE) if row.shared else 1
        each = rounded(numerator * self.percent(row.id, day), denominator * AS_IT_IS * shares, self.rules.rounding)
        if row.shared and not each:
            raise NothingToShare(row.id, people)
        return each


_Row = TypeVar("_Row", Service, Deduction, OrderKind)


def _row(rows: tuple[_Row, ...], name: str, day: date, unknown: Callable[[str, str, str], TimebankError]) -> _Row:
    for row in rows:
        if row.id == name:
            return row
    raise unknown(name, day.isoformat(), ", ".join(row.id for row in rows))
