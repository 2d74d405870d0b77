"""What a rulebook says, read from its text a second time."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from typing import Any, Final

from timebank.audit.programme.books import SECOND, is_whole, month_end

Data = dict[str, Any]

UNLIMITED: Final = 10**12
_MOST_POINTS: Final = 10_000
_MOST_MINUTES: Final = 24 * 60
_MOST_OCCASIONS: Final = 100
_STARS: Final = [100, 300, 600, 1000, 1500]
_REVIEWERS: Final = [["street", 15], ["community", 15], ["owners", 10]]
_GRADES: Final = [90, 80, 70, 60]
_APPROVERS: Final = ("clerk", "registrar", "supervisor", "admin")
_PERIODS: Final = {"day": 10, "month": 7, "year": 4}
_CHOICES: Final = (
    ("rounding", ("down", "up", "half-up")),
    ("overlap", ("allowed", "refused")),
    ("start", ("optional", "required")),
    ("expiry", ("never", "year-end", "year-after", "months")),
)
_NEVER: Final = "9999-12-31"


class Service:
    """A row of the rulebook, with its defaults filled in."""

    def __init__(self, row: Data, approvers: list[str]) -> None:
        self.per: str = row["per"]
        self.points: int = row.get("points", 0)
        self.grades: dict[str, int] = dict(row.get("grades", ()))
        self.shared: bool = row.get("shared", False)
        self.least: int = row.get("least_minutes", 1)
        self.most: int = row.get("most_minutes", _MOST_MINUTES)
        self.payer: str = row.get("payer", "programme")
        self.pays: str = row.get("pays", "points")
        self.approvers: list[str] = row.get("approvers", approvers)
        bounds = {"least_minutes", "most_minutes"}
        self.is_plain = self.payer == "programme" and not self.shared and not bounds & row.keys()
        """Whether any time of it is paid by the programme, and to each member alone."""
        self.caps: list[Cap] = []
        """The caps that it counts for."""


class Cap:
    """No more than *most* of something in a period; *service* is empty for all of them together."""

    def __init__(self, row: Data) -> None:
        self.of: str = row["of"]
        self.per: str = row["per"]
        self.period: str = row["in"]
        self.most: int = row["most"]
        self.service: str = row.get("service", "")

    @property
    def letters(self) -> int:
        """How many letters of a day name the period; of a period that is none, all: `problems` says so."""
        return _PERIODS.get(self.period, 10)


class Terms:
    """A rulebook: `problems` says what in it cannot be."""

    def __init__(self, text: str) -> None:
        data = tomllib.loads(text)
        self.problems: list[str] = []
        rules = self._rules(data.get("rules", {}))
        self.rounding: str = rules["rounding"]
        self.notice_days: int = rules["notice_days"]
        self.approvers: list[str] = rules["approvers"]
        self.overlap: str = rules["overlap"]
        self.start: str = rules["start"]
        self.expiry: str = rules["expiry"]
        self.expiry_months: int = rules["expiry_months"]
        self.hold_most: int = rules["hold_at_most_minutes"]
        self.appeal_days: int = rules["appeal_days"]
        self.services = self._services(data["service"])
        self.caps = self._caps(data.get("cap", []))
        self.multipliers = self._multipliers(data.get("multiplier", []))
        self.deductions = {name: self._whole(row, "points") for name, row in data.get("deduction", {}).items()}
        self.orders: Data = data.get("order", {})
        self.gift: Data | None = data.get("gift")
        rating = data.get("rating", {})
        self.weights: dict[str, int] = {"residents": rating.get("residents", 60)}
        self.weights.update(rating.get("reviewers", _REVIEWERS))
        self._check(sum(self.weights.values()) == 100, "the weights of a rating")
        self._check_others(rating)
        self._say_what_holds_for_each()

    def _say_what_holds_for_each(self) -> None:
        """Give each service its caps; none is plain where more than that says what an award can be."""
        is_plain = not (self.notice_days or self.start == "required" or self.overlap == "refused")
        for name, service in self.services.items():
            service.caps = [cap for cap in self.caps if cap.service in ("", name)]
            service.is_plain &= is_plain and self.hold_most == UNLIMITED

    def _check(self, holds: bool, reason: str) -> None:
        if not holds:
            self.problems.append(reason)

    def _whole(self, row: Data, name: str, most: int = _MOST_POINTS, least: int = 1) -> int:
        value = row.get(name)
        self._check(is_whole(value, most, least), name)
        return value if is_whole(value, most, least) else 0  # type: ignore[return-value]

    def _rules(self, rules: Data) -> Data:
        given = dict(rules)
        for name, choices in _CHOICES:
            self._check(rules.get(name, choices[0]) in choices, name)
            given.setdefault(name, choices[0])
        self._check((given["expiry"] == "months") == ("expiry_months" in rules), "expiry_months")
        for name, least, most, usual in (
            ("notice_days", 0, 30, 0),
            ("expiry_months", 1, 1200, 12),
            ("hold_at_most_minutes", 1, UNLIMITED, UNLIMITED),
            ("appeal_days", 0, 366, 15),
        ):
            if not is_whole(given.setdefault(name, usual), most, least):
                self.problems.append(name)
                given[name] = usual
        self._check_approvers(given.setdefault("approvers", list(SECOND)))
        stars = given.get("stars", _STARS)
        self._check(len(stars) == len(_STARS) and sorted(set(stars)) == stars and stars[0] > 0, "stars")
        return given

    def _check_approvers(self, approvers: list[str]) -> None:
        self._check(bool(approvers) and all(role in _APPROVERS for role in approvers), "approvers")

    def _services(self, rows: Data) -> dict[str, Service]:
        services = {}
        for name, row in rows.items():
            service = Service(row, self.approvers)
            before = len(self.problems)
            self._check_service(name, row, service)
            if len(self.problems) > before:
                service.points = 0
            services[name] = service
        self._check(bool(services), "no service")
        return services

    def _check_service(self, name: str, row: Data, service: Service) -> None:
        least = 0 if service.per in ("hour", "occasion") else 1
        graded = service.per == "grade"
        values = service.grades.values() if graded else [service.points]
        self._check(
            service.per in ("hour", "occasion", "grade")
            and graded == ("grades" in row) != ("points" in row)
            and len(service.grades) == len(row.get("grades", ()))
            and all(is_whole(value, _MOST_POINTS, least) for value in values),
            name,
        )
        self._check(not service.shared or service.per == "occasion", f"{name}: shared")
        self._check(
            is_whole(service.least, _MOST_MINUTES)
            and is_whole(service.most, _MOST_MINUTES)
            and service.least <= service.most,
            f"{name}: minutes",
        )
        self._check(service.payer in ("programme", "pool", "recipient"), f"{name}: payer")
        self._check(service.pays in ("points", "minutes"), f"{name}: pays")
        self._check(
            service.pays == "points" or (service.per == "hour" and service.payer != "programme") or
            service.payer == "programme", f"{name}: pays",
        )  # fmt: skip
        self._check_approvers(service.approvers)

    def _caps(self, rows: list[Data]) -> list[Cap]:
        caps = [Cap(row) for row in rows]
        seen: dict[tuple[str, ...], int] = {}
        for cap in caps:
            key = (cap.of, cap.per, cap.period, cap.service)
            service = self.services.get(cap.service)
            self._check(
                cap.of in ("minutes", "points", "occasions")
                and cap.per in ("member", "household")
                and cap.period in _PERIODS
                and is_whole(cap.most, UNLIMITED)
                and (service is not None or not cap.service)
                and key not in seen,
                "cap",
            )
            if service is not None:
                self._check(cap.of != "occasions" or service.per != "hour", "cap of occasions")
                self._check(cap.of != "minutes" or cap.most >= service.least, "cap of minutes")
            seen[key] = cap.most
        for (of, per, period, name), most in seen.items():
            if per == "household":
                self._check(most >= seen.get((of, "member", period, name), 0), "cap of a household")
        return caps

    def _multipliers(self, rows: list[Data]) -> list[tuple[str, str, int, list[str] | None]]:
        found: list[tuple[str, str, int, list[str] | None]] = []
        for row in rows:
            first, last = (row[name].isoformat() for name in ("first", "last"))
            services = row.get("services")
            self._check(
                first <= last
                and is_whole(row["percent"], 1000)
                and all(name in self.services for name in services or ()),
                "multiplier",
            )
            found.append((first, last, row["percent"], services))
        for name in self.services:
            days = sorted(
                (first, last) for first, last, _, services in found if services is None or name in services
            )
            for (_, last), (first, _) in pairwise(days):
                self._check(last < first, "multipliers overlap")
        return found

    def _check_others(self, rating: Data) -> None:
        grades = rating.get("grades", _GRADES)
        self._check(
            len(grades) == len(_GRADES) and sorted(set(grades), reverse=True) == grades, "grades of a rating"
        )
        for row in self.orders.values():
            self._check("days" not in row or is_whole(row["days"], 366), "days of an order")
        if self.gift is not None:
            self._check(
                "relative" not in self.gift.get("to", []) or bool(self.gift.get("relations")), "gift to a relative"
            )

    def percent(self, service: str, day: str) -> int:
        """What the points of *service* are multiplied by on *day*; 100 is as it is."""
        for first, last, percent, services in self.multipliers:
            if first <= day <= last and (services is None or service in services):
                return percent
        return 100

    def points(self, name: str, measure: Data, day: str, people: int = 1) -> int:
        """The points for this much of a service; -1, which no award can have, where it gives none."""
        service = self.services.get(name)
        minutes: Any = measure.get("minutes")
        occasions: Any = measure.get("occasions")
        grade: Any = measure.get("grade")
        if service is None or not (minutes is None or is_whole(minutes, _MOST_MINUTES)):
            return -1
        if service.per == "hour":
            if minutes is None or occasions is not None or grade is not None:
                return -1
            if not self.multipliers and self.rounding == "down":
                return service.points * int(minutes) // 60
            return self._rounded(service.points * int(minutes) * self.percent(name, day), 6000)
        if service.per == "grade":
            if occasions is not None or grade not in service.grades:
                return -1
            return self._rounded(service.grades[grade] * self.percent(name, day), 100)
        if grade is not None or not is_whole(occasions, _MOST_OCCASIONS):
            return -1
        if not self.multipliers and not service.shared:
            return service.points * int(occasions)
        shares = people if service.shared else 1
        return self._rounded(service.points * occasions * self.percent(name, day), 100 * shares)

    def _rounded(self, dividend: int, divisor: int) -> int:
        if self.rounding == "up":
            return -(-dividend // divisor)
        if self.rounding == "half-up":
            return (2 * dividend + divisor) // (2 * divisor)
        return dividend // divisor

    def expires(self, day: str) -> str:
        """The last day of points that come in on *day*; the end of the calendar for points that never lapse."""
        if self.expiry == "never":
            return _NEVER
        year = int(day[:4])
        if self.expiry == "year-end":
            return f"{day[:4]}-12-31"
        if self.expiry == "year-after":
            return _NEVER if year > 9997 else f"{year + 1:04}-12-31"
        months = year * 12 + int(day[5:7]) - 1 + self.expiry_months
        return _NEVER if months >= 9999 * 12 + 11 else month_end(f"{months // 12:04}-{months % 12 + 1:02}")


def minute_of(start: object) -> int:
    """The minute of the day of a time written 08:30. Raises ValueError or TypeError."""
    if not isinstance(start, str) or len(start) != 5 or start[2] != ":":
        raise ValueError("no time of day")
    hour, minute = int(start[:2]), int(start[3:])
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and start == f"{hour:02}:{minute:02}"):
        raise ValueError("no time of day")
    return hour * 60 + minute
