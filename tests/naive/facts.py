"""The facts, the clock, what the facts moved, and the steps that all commands share."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from tests.naive.inputs import bad_day

ZONE_HOURS = 8
Fact = dict[str, Any]
Move = tuple[str, str, str, int]

EVERYBODY = {"clerk", "registrar", "supervisor", "admin"}
SECOND = {"supervisor", "admin"}
ENROLLING = {"registrar", "supervisor", "admin"}
MAY = {
    "organise": {"admin"},
    "record-opening": ENROLLING,
    "erase-person": ENROLLING,
    "set-budget": {"admin"},
    "enrol": ENROLLING,
    "redeem": {"clerk", "supervisor", "admin"},
    **dict.fromkeys(
        ("set-price", "set-limit", "close-period", "reopen-period", "decide-objection", "decide-appeal"), SECOND
    ),
}
TWO_PEOPLE = {
    *("record-opening", "erase-person"),
    *("record-service", "receive-goods", "reverse", "deduct", "decide-appeal", "grant", "set-budget"),
    *("move-goods", "count-stock", "write-off", "return-goods", "settle", "rate-project", "reopen-period"),
}


@dataclass
class Done:
    """The command happened, as the fact at *seq*."""

    seq: int


@dataclass
class Again:
    """The same command with the same key happened before, as the fact at *seq*."""

    seq: int


@dataclass
class No:
    """A refusal with one of *codes*."""

    codes: set[str]


Answer = Done | Again | No


def month_of(day: date) -> str:
    return f"{day.year:04}-{day.month:02}"


def last_of_month(day: date, months: int = 0) -> date:
    """The last day of the month so many *months* after that of *day*."""
    count = day.year * 12 + day.month + months
    return date(count // 12, count % 12 + 1, 1) - timedelta(days=1)


def holder(kind: str, name: str) -> str:
    """An account, as the design's table spells it: `L:M:8KX2`."""
    return f"{kind}:{name.upper()}"


def change(move: Move, account: str, unit: str) -> int:
    """What *move* adds to an account, in the account's own sense."""
    debit, credit, of, amount = move
    if of != unit:
        return 0
    net = (amount if debit == account else 0) - (amount if credit == account else 0)
    return net if account[0] in "AX" else -net


def turned(moves: list[Move]) -> list[Move]:
    """What takes *moves* back: the last one first."""
    return [(credit, debit, unit, amount) for debit, credit, unit, amount in reversed(moves)]


@dataclass
class Facts:
    """A programme from its founding on. *now* is what the clock on the wall says, in UTC."""

    now: datetime
    admin: str = "admin"
    facts: list[Fact] = field(default_factory=list)

    def __post_init__(self) -> None:
        for kind, names in (
            ("genesis", {}),
            ("unit", {"unit": "PTS"}),
            ("unit", {"unit": "MIN"}),
            ("operator", {"operator": self.admin, "org": None, "role": "admin"}),
        ):
            self._add(kind, by=self.admin, **names)

    # --- the facts and the clock ---

    def _add(self, kind: str, *, by: str, day: date | None = None, **names: Any) -> Done:
        """Another fact. *body* is what its entry must say, where it is worth comparing."""
        blank = {"ok": None, "key": None, "ref": None, "body": None, "moves": []}
        fact = {"kind": kind, "by": by, **blank, "at": self.moment(), **names}
        fact["moves"] = [tuple(move) for move in fact["moves"] if move[3]]
        self.facts.append({**fact, "day": day or self.today()})
        return Done(len(self.facts) - 1)

    def moment(self) -> datetime:
        """When a fact is recorded: the clock's whole second, but never before the last fact."""
        now = self.now.replace(microsecond=0)
        return max(now, self.facts[-1]["at"]) if self.facts else now

    def today(self) -> date:
        return (self.moment() + timedelta(hours=ZONE_HOURS)).date()

    def wall_day(self) -> date:
        """The day by this machine's clock, which may be behind the last fact."""
        return (self.now + timedelta(hours=ZONE_HOURS)).date()

    def behind_seconds(self) -> int:
        """How far the clock is behind the last fact."""
        return int((self.moment() - self.now.replace(microsecond=0)).total_seconds())

    def copy(self) -> Any:
        return copy.deepcopy(self)

    def of(self, *kinds: str) -> list[tuple[int, Fact]]:
        """Places and facts of these kinds."""
        return [(seq, fact) for seq, fact in enumerate(self.facts) if fact["kind"] in kinds]

    def answers(self, seq: int, *kinds: str) -> list[tuple[int, Fact]]:
        """What was said to the fact at *seq* later."""
        return [(later, fact) for later, fact in self.of(*kinds) if fact["ref"] == seq]

    def reversed_by(self, seq: int) -> int | None:
        """What took the fact at *seq* back; for a reservation: what ended it."""
        return next((later for later, _ in self.answers(seq, "reversal", "post", "void")), None)

    def standing(self, *kinds: str) -> list[tuple[int, Fact]]:
        """Facts that were not taken back."""
        return [(seq, fact) for seq, fact in self.of(*kinds) if self.reversed_by(seq) is None]

    # --- what the facts moved ---

    def known(self, *, day: date | None = None, at_entry: int | None = None) -> list[Fact]:
        """The facts of *day* or before, or the facts up to *at_entry*."""
        some = self.facts if at_entry is None else self.facts[: at_entry + 1]
        return [fact for fact in some if day is None or fact["day"] <= day]

    def held(self, account: str, unit: str, *, day: date | None = None, at_entry: int | None = None) -> int:
        facts = self.known(day=day, at_entry=at_entry)
        return sum(change(move, account, unit) for fact in facts for move in fact["moves"])

    def lines(self, account: str, unit: str) -> list[tuple[date, int, int]]:
        """Day, place and net change of what moved an account, by day."""
        found = []
        for seq, fact in enumerate(self.facts):
            changes = [change(move, account, unit) for move in fact["moves"]]
            found += [(fact["day"], seq, delta) for delta in changes if delta]
        return sorted(found, key=lambda line: line[:2])

    def statement_of(
        self, account: str, unit: str, *, first: date | None = None, last: date | None = None
    ) -> tuple[int, list[tuple[int, int, int]], int]:
        """Opening, lines of place, change and balance after, and closing."""
        balance = opening = 0
        lines = []
        for day, seq, delta in self.lines(account, unit):
            if last is not None and day > last:
                continue
            balance += delta
            if first is not None and day < first:
                opening = balance
            else:
                lines.append((seq, delta, balance))
        return opening, lines, balance

    def trial_balance(self, day: date | None = None) -> dict[tuple[str, str], int]:
        """Every account that ever moved, by *day*."""
        totals: dict[tuple[str, str], int] = {}
        for fact in self.facts:
            for move in fact["moves"]:
                for account in move[:2]:
                    counts = day is None or fact["day"] <= day
                    line = account, move[2]
                    totals[line] = totals.get(line, 0) + counts * change(move, account, move[2])
        return totals

    def sum_of(self, start: str, unit: str, *, first: date | None = None, last: date | None = None) -> int:
        """What all accounts that begin so have gained on these days."""
        total = 0
        for fact in self.facts:
            if (first is None or first <= fact["day"]) and (last is None or fact["day"] <= last):
                for move in fact["moves"]:
                    total += sum(change(move, side, unit) for side in move[:2] if side.startswith(start))
        return total

    # --- the steps that all commands share ---

    def _before(self, key: str | None, request: tuple[Any, ...]) -> Answer | None:
        """What the key says: nothing, the same again, or a conflict."""
        for seq, fact in enumerate(self.facts):
            if key is not None and fact["key"] == key:
                return Again(seq) if fact["request"] == request else No({"key-conflict"})
        return None

    def operators(self) -> dict[str, str]:
        """The role of each operator: the latest word counts."""
        return {fact["operator"]: fact["role"] for _, fact in self.of("operator")}

    def closed_through(self) -> str:
        """The last closed month, or nothing."""
        said = [fact for _, fact in self.of("period")]
        return said[-1]["through"] if said else ""

    def _may(
        self, act: str, by: str, ok: str | None = None, *, day: date | None = None, approvers: Any = SECOND
    ) -> set[str]:
        """Why *by* may not, with *ok* for a second person, in a fact of *day*."""
        role = self.operators()
        wrong = set()
        if role[by] not in MAY.get(act, EVERYBODY):
            wrong.add("role-not-allowed")
        if ok is not None and role[ok] not in approvers:
            wrong.add("role-not-allowed")
        if act in TWO_PEOPLE and ok is None:
            wrong.add("approval-missing")
        if ok == by:
            wrong.add("self-approval")
        return wrong or self._closed(day)

    def _closed(self, day: date | None) -> set[str]:
        """A month that is closed stays as it is."""
        return {"period-closed"} if day is not None and month_of(day) <= self.closed_through() else set()

    def first_open(self, day: date) -> date:
        """*day*, or the first day after the closed months."""
        if not self._closed(day):
            return day
        year, month = map(int, self.closed_through().split("-"))
        return date(year + month // 12, month % 12 + 1, 1)

    def _unknown_operators(self, *names: str | None) -> set[str]:
        known = self.operators()
        return {"unknown-operator"} if any(name not in known for name in names if name is not None) else set()

    def _bad_past(self, *days: Any) -> set[str]:
        """Days that something happened on."""
        return bad_day(*days) or ({"day-in-future"} if any(day > self.today() for day in days) else set())
