"""Places, households, teams, closed months, ratings and venues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from timebank.audit.programme.books import check_days, is_code, is_whole, month_end
from timebank.audit.programme.founding import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.programme.books import Books, Row
    from timebank.audit.programme.sums import Sums
    from timebank.audit.programme.usage import Usage
    from timebank.audit.replay import Members

_SUBJECTS: Final = ("project", "team", "property")
_MOST_SCORE: Final = 100
_MOST_PEOPLE: Final = 10**12
_LONGEST_WORD: Final = 40


class Places:
    """Under which organisation things are, who belongs to a household, and who is in a team."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.folds: dict[str, Callable[[int, Members], None]] = {
            "move": self._move,
            "household": self._household,
            "team": self._team,
        }

    def _move(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        what, name, to, start = body["what"], body["id"], body["to"], body["from"]
        if what not in ("member", "shop", "organisation"):
            books.wrong(seq, "move: of something else")
            return
        row, above = books.known(seq, what, name), books.known(seq, "organisation", to)
        if start != members["day"]:
            books.wrong(seq, "move: from another day")
        if what == "organisation" and not _is_below(row, above):
            books.wrong(seq, "move: not below its parent")
        if not books.place((what, name), start, seq, to):
            books.broken(seq, "not-in-order")
        books.add(seq, "placement", (what, name, start, seq, to), key=4)

    def _household(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        household, people, start = body["household"], body["members"], body["from"]
        check_days(start)
        self._check_kind(seq, household, "household")
        if len(set(people)) < len(people):
            books.wrong(seq, "household: a member twice")
        for member in people:
            self._check_kind(seq, member, "person")
            if books.household_of(member, start) not in ("", household):
                books.broken(seq, f"already-in-household {member}")
        left = [member for member in books.household(household, start) if member not in set(people)]
        if not books.place(("household", household), start, seq, people):
            books.broken(seq, "not-in-order")
        books.add(seq, "household", (household, start, seq, " ".join(people)), key=3)
        for member, belongs in [*((one, household) for one in people), *((one, "") for one in left)]:
            books.place(("household_of", member), start, seq, belongs)
            books.add(seq, "household_of", (member, start, seq, belongs), key=3)

    def _check_kind(self, seq: int, member: str, kind: str) -> None:
        row = self._books.known(seq, "member", member)
        if row is not None and row[2] != kind:
            self._books.wrong(seq, f"{member} is no {kind}")

    def _team(self, seq: int, members: Members) -> None:
        body, books, day = members["body"], self._books, members["day"]
        team, member = body["team"], body["member"]
        self._check_kind(seq, team, "team")
        self._check_kind(seq, member, "person")
        joined = books.latest(("team", team, member), day) or ""
        if body["do"] == "join":
            if joined:
                books.check_state(seq, "team", member, "in", ())
            books.place(("team", team, member), day, seq, day)
            books.tables["team_member"][team, member, day] = (team, member, day, "", seq)
        elif body["do"] == "leave":
            row = books.tables["team_member"].get((team, member, joined))
            if row is None:
                books.check_state(seq, "team", member, "out", ())
                return
            books.place(("team", team, member), day, seq, "")
            books.tables["team_member"][team, member, joined] = (team, member, joined, day, seq)
        else:
            books.wrong(seq, "team: neither joined nor left")


def _is_below(row: Row | None, above: Row | None) -> bool:
    """Whether one organisation can be below another; nothing is said of one that nobody knows."""
    return row is None or above is None or LEVELS.index(row[2]) > LEVELS.index(above[2])


class Periods:
    """Which months are closed, and what they came to."""

    def __init__(self, books: Books, sums: Sums, usage: Usage) -> None:
        self._books = books
        self._sums = sums
        self._usage = usage
        self.folds: dict[str, Callable[[int, Members], None]] = {"period": self._period}

    def check_open(self, seq: int, kind: str, day: str) -> None:
        """A finding if an entry belongs to a closed month."""
        if day[:7] <= self._books.closed_through and kind != "period":
            self._books.findings.add("period-closed", seq, day=day, through=self._books.closed_through)

    def _period(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        month = body["month"]
        end = month_end(month)
        self._sums.begin(seq)
        if body["do"] == "close":
            if end >= books.ledger.today:
                books.broken(seq, "month-not-over")
            if books.closed_through and month != _following(books.closed_through):
                books.broken(seq, "not-in-order")
            self._check_totals(seq, month, body["totals"])
            books.closed_through = month
        elif body["do"] == "reopen":
            if month != books.closed_through:
                books.broken(seq, "not-in-order")
            books.closed_through = _preceding(month)  # all that comes before it stays closed
        else:
            books.wrong(seq, "period: neither closed nor reopened")
        books.tables["closing"]["all",] = ("all", books.closed_through, seq)
        self._usage.close(seq)

    def _check_totals(self, seq: int, month: str, totals: dict[str, Any]) -> None:
        months = self._sums.months
        expected = {name: sums.get(month, 0) for name, sums in months.items()}
        expected["outstanding"] = self._sums.outstanding(month)
        for name in sorted(expected.keys() | totals.keys()):
            self._books.check_amount(seq, f"period {name}", expected.get(name), totals.get(name))


def _following(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


def _preceding(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year - (number == 1):04}-{(number - 2) % 12 + 1:02}"


class Records:
    """Ratings, venues, and how their rooms are used."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.folds: dict[str, Callable[[int, Members], None]] = {
            "rating": self._rating,
            "venue": self._venue,
            "visit": self._visit,
        }

    def _rating(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        quarter, party = body["quarter"], body["party"]
        if (
            body["subject"] not in _SUBJECTS
            or not is_whole(body["score"], _MOST_SCORE, 0)
            or not is_whole(body["people"], _MOST_PEOPLE)
            or len(quarter) != 7
            or not (quarter[:4].isdigit() and quarter[4:6] == "-Q" and quarter[6] in "1234")
            or not is_code(body["id"])
        ):
            books.wrong(seq, "rating: no such subject, quarter or score")
        terms = books.terms(members["day"])
        if terms is None or party not in terms.weights:
            books.broken(seq, f"rating-party {party}")
        key = (body["subject"], body["id"], quarter, party)
        books.tables["rating"][key] = (*key, body["score"], body["people"], seq)

    def _venue(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        books.known(seq, "organisation", body["org"])
        books.add(seq, "venue", (body["venue"], body["org"], body["name"], seq))

    def _visit(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        books.known(seq, "venue", body["venue"])
        words = (body["room"], body["purpose"])
        if not all(1 <= len(word) <= _LONGEST_WORD for word in words):
            books.wrong(seq, "visit: no room or purpose")
        if not (is_whole(body["uses"], _MOST_PEOPLE) and is_whole(body["people"], _MOST_PEOPLE)):
            books.wrong(seq, "visit: no number of uses or people")
        key = (body["venue"], members["day"][:7], *words)
        row = books.tables["visit"].get(key, (*key, 0, 0, seq))
        books.tables["visit"][key] = (*key, row[4] + body["uses"], row[5] + body["people"], seq)
