"""What a rulebook says: points, limits, expiry, read from its text each time."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from typing import Any

from tests.naive.facts import Answer, No, last_of_month
from tests.naive.inputs import bad_day, bad_key, bad_slugs
from tests.naive.people import People

USUAL = {
    "rounding": "down",
    "notice_days": 0,
    "approvers": ["supervisor", "admin"],
    "overlap": "allowed",
    "start": "optional",
    "expiry": "never",
    "expiry_months": 0,
    "hold_at_most_minutes": None,
    "appeal_days": 15,
    "point_value_fen": 100,
    "stars": [100, 300, 600, 1000, 1500],
}
RATING = {
    "residents": 60,
    "reviewers": [["street", 15], ["community", 15], ["owners", 10]],
    "grades": [90, 80, 70, 60],
}

Rules = dict[str, Any]


def of_rules(book: Rules, name: str) -> Any:
    """One line of [rules], or what it means where it is not written."""
    return book.get("rules", {}).get(name, USUAL[name])


def expires(book: Rules, day: date) -> date | None:
    """The last day on which points earned on *day* can be spent."""
    how = of_rules(book, "expiry")
    if how == "months":
        return last_of_month(day, of_rules(book, "expiry_months"))
    return {"never": None, "year-end": date(day.year, 12, 31), "year-after": date(day.year + 1, 12, 31)}[how]


def percent_on(book: Rules, service: str, day: date) -> int:
    for row in book.get("multiplier", []):
        if row["first"] <= day <= row["last"] and service in row.get("services", [service]):
            return row["percent"]
    return 100


def rounded(book: Rules, top: int, bottom: int) -> int:
    how = of_rules(book, "rounding")
    if how == "up":
        return -(-top // bottom)
    return (2 * top + bottom) // (2 * bottom) if how == "half-up" else top // bottom


def worth(book: Rules, service: str, measure: Rules, day: date, people: int = 1) -> int:
    """The points of one member's measure, rounded once at the end."""
    row = book["service"][service]
    percent = percent_on(book, service, day)
    if row["per"] == "hour":
        return rounded(book, measure["minutes"] * row["points"] * percent, 6000)
    if row["per"] == "grade":
        return rounded(book, dict(row["grades"])[measure["grade"]] * percent, 100)
    share = people if row.get("shared") else 1
    return rounded(book, measure["occasions"] * row["points"] * percent, 100 * share)


def unfit(book: Rules, service: str, measure: Rules) -> set[str]:
    """Why a service cannot be measured so."""
    row = book["service"].get(service)
    if row is None:
        return {"unknown-service"}
    has = {name for name, value in measure.items() if value is not None}
    needed, allowed = {
        "hour": ({"minutes"}, {"minutes", "start"}),
        "occasion": ({"occasions"}, {"occasions", "minutes", "start"}),
        "grade": ({"grade"}, {"grade", "minutes", "start"}),
    }[row["per"]]
    if not needed <= has <= allowed:
        return {"measure-wrong"}
    if row["per"] == "hour" and of_rules(book, "start") == "required" and "start" not in has:
        return {"start-missing"}
    if "start" in has and "minutes" not in has:
        return {"duration-missing"}
    if "grade" in has and measure["grade"] not in dict(row["grades"]):
        return {"unknown-grade"}
    return set()


def too_long(book: Rules, service: str, measure: Rules) -> bool:
    """Whether the minutes, where they are given, are fewer or more than the service allows."""
    row = book["service"][service]
    minutes = measure["minutes"]
    return minutes is not None and not row.get("least_minutes", 1) <= minutes <= row.get("most_minutes", 1440)


class Rulebooks(People):
    """Rulebooks come one after the other."""

    def rulebook(self, day: date) -> Rules | None:
        """The text in force on *day*, as it stands there."""
        books = [fact for _, fact in self.of("rulebook") if fact["from_day"] <= day]
        return books[-1]["book"] if books else None

    def expires(self, day: date) -> date | None:
        """The last day of what came in on *day*; before the first rulebook, as if it had come in with that one."""
        starts = [fact["from_day"] for _, fact in self.of("rulebook")]
        when = max(day, *starts[:1])
        return expires(self.rulebook(when) or {}, when)

    def approvers(self, service: str, day: date) -> list[str]:
        """The roles that may confirm a service of *day*."""
        book = self.rulebook(day)
        return book["service"][service].get("approvers", of_rules(book, "approvers"))

    def _unfit(self, service: str, measure: Rules, day: date) -> set[str]:
        book = self.rulebook(day)
        return {"no-rulebook"} if book is None else unfit(book, service, measure)

    def rulebooks_adopt(self, text: Any, *, from_day: Any, by: Any, key: Any = None) -> Answer:
        """*text* is a rulebook that parses; the tests of rulebooks judge the others."""
        bad = bad_slugs(by) | bad_key(key) | bad_day(from_day)
        if bad:
            return No(bad)
        request = ("rulebooks.adopt", text, from_day, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(operators=[by]) or self._may("organise", by):
            return No(wrong)
        if any(fact["from_day"] >= from_day for _, fact in self.of("rulebook")):
            return No({"not-in-order"})
        book = tomllib.loads(text)
        last = self.rulebook(from_day)
        if last is not None:
            until, then = expires(last, from_day - timedelta(days=1)), expires(book, from_day)
            if (then or date.max) < (until or date.max):
                return No({"expiry-out-of-order"})
        return self._add("rulebook", by=by, from_day=from_day, book=book, key=key, request=request)
