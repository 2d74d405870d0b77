"""The double entry of a journal, done again in plain Python from the leaves.

A second path: it shares no code with what posts entries or keeps projections, so that one mistake does not hide
the other. The package `programme` does the same for the programme's rules.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from timebank.audit.findings import Findings

Members = dict[str, Any]
Place = tuple[str, str]
Row = tuple[Any, ...]

_WEIGHT_BITS: Final = 61
_ONE_ANSWER: Final = ("reversal", "post", "void")
_ONE_DAY: Final = timedelta(days=1)


class _Account:
    """One account in one unit: debits less credits, and the same by days, each day with its weight.

    *number* is what the file calls it in its transfers; None if the file does not know it. *sign* times the net is
    the balance, in the account's own sign.
    """

    __slots__ = ("days", "may_be_negative", "net", "number", "place", "sign")

    def __init__(self, place: Place, number: int | None) -> None:
        self.place = place
        self.number = number
        self.sign = 1 if place[0][0] in "AX" else -1
        self.may_be_negative = place[0][0] not in "AL"
        self.net = self.days = 0


class LedgerReplay:
    """Balances, day totals, tallies and resolutions, folded from entries one by one.

    Day totals are kept as one sum per account, each day with a random weight: equal sums mean equal totals but
    for a chance of 2^-61, and memory does not grow with the journal.
    """

    def __init__(self, findings: Findings, leaf: Callable[[int], Members | None]) -> None:
        self.findings = findings
        self.origin = ""
        self.resolvers: dict[int, int] = {}
        self.numbers: Mapping[Place, int] = {}
        """What the file calls each account; its transfers are to be found under these numbers."""
        self._accounts: dict[Place, _Account] = {}
        self.tallies: dict[str, int] = {}
        """How many entries of each kind there are in complete runs."""
        self._run_tallies: dict[str, int] = {}
        self._in_run: list[tuple[_Account, _Account, int]] = []
        """What moved in the last run of 256, which is not complete: day totals leave it out."""
        self._leaf = leaf
        self.weights: dict[Any, int] = {}
        """What each day is multiplied by, that was asked for; see `weight`."""
        self._dates: dict[str, tuple[int, int]] = {}
        self._random = random.SystemRandom()
        self._last_at = ""
        self.today = ""
        """The local day on which the last entry was recorded; empty without a time zone."""
        self._local: _LocalDays | None = None
        self._opening: Callable[[Place], int] | None = None
        self.has_debts = False
        """Whether any member has taken on a debt."""
        self.is_known = self._accounts.__contains__
        """Whether an account of one unit has been moved before."""

    def balances(self) -> dict[Place, int]:
        """What every account that ever moved holds, in its own sign."""
        return {place: account.sign * account.net for place, account in self._accounts.items()}

    def balance(self, place: Place) -> int:
        """What an account (code, unit) holds, in its own sign."""
        account = self._accounts.get(place)
        return 0 if account is None else account.sign * account.net

    def day_sums(self) -> dict[Place, int]:
        """For every account, the sum of its day totals in complete runs, each times the weight of its day."""
        sums = {place: account.sign * account.days for place, account in self._accounts.items()}
        for debited, credited, weighed in self._in_run:
            sums[debited.place] -= debited.sign * weighed
            sums[credited.place] += credited.sign * weighed
        return sums

    def resume(self, genesis: Members, last: Members, opening: Callable[[Place], int]) -> None:
        """Go on after the entry *last* of the journal that *genesis* founded, with what accounts held there."""
        self._genesis(0, genesis)
        self._last_at = last["at"]
        self._opening = opening

    def entry(self, seq: int, members: Members) -> list[Row]:
        """Fold the entry at *seq*; answer its transfers as the store should keep them."""
        kind = members["kind"]
        self._check_times(seq, members["at"], members["day"])
        if seq == 0 or kind == "genesis":
            self._genesis(seq, members)
        rows = self._move(seq, members) if "move" in members else []
        if kind in _ONE_ANSWER:
            self._resolve(seq, members)
        self._run_tallies[kind] = self._run_tallies.get(kind, 0) + 1
        return rows

    def close_run(self) -> None:
        """A run of 256 entries is complete: what it holds counts in the day totals and tallies."""
        for kind, entries in self._run_tallies.items():
            self.tallies[kind] = self.tallies.get(kind, 0) + entries
        self._run_tallies.clear()
        self._in_run.clear()

    def weight(self, day: object) -> int:
        """The random weight of a day, written yyyymmdd."""
        weight = self.weights.get(day)
        if weight is None:
            weight = self.weights[day] = self._random.getrandbits(_WEIGHT_BITS) | 1
        return weight

    def _date(self, day: str) -> tuple[int, int]:
        """A day as the store has it, and its weight."""
        date = self._dates.get(day)
        if date is None:
            number = int(day.replace("-", ""))
            date = self._dates[day] = (number, self.weight(number))
        return date

    def _genesis(self, seq: int, members: Members) -> None:
        body = members["body"]
        if seq != 0 or members["kind"] != "genesis":
            self.findings.add("genesis-wrong", seq, reason="genesis is entry 0, and entry 0 is genesis")
            return
        if body.get("tree") != "rfc6962-sha256":
            self.findings.add("genesis-wrong", seq, reason="another tree")
        self.origin = str(body.get("origin"))
        try:
            self._local = _LocalDays(ZoneInfo(str(body.get("zone"))))
        except (KeyError, ValueError, OSError):
            self.findings.add("genesis-wrong", seq, reason="no such time zone")

    def _check_times(self, seq: int, at: str, day: str) -> None:
        if at != self._last_at:
            if at < self._last_at:
                self.findings.add("time-goes-back", seq)
            self._last_at = at
        if self._local is not None:
            self.today = self._local.day_of(at)
            if day > self.today:
                self.findings.add("day-after-recording", seq)

    def _move(self, seq: int, members: Members) -> list[Row]:
        day, weight = self._date(members["day"])
        accounts, in_run = self._accounts, self._in_run
        rows: list[Row] = []
        for debit, credit, unit, amount in members["move"]:
            debited = accounts.get((debit, unit)) or self._account(debit, unit)
            credited = accounts.get((credit, unit)) or self._account(credit, unit)
            weighed = amount * weight
            debited.net += amount
            debited.days += weighed
            credited.net -= amount
            credited.days -= weighed
            in_run.append((debited, credited, weighed))
            from_balance, to_balance = debited.sign * debited.net, credited.sign * credited.net
            if from_balance < 0:
                self._below_zero(seq, debited)
            if to_balance < 0:
                self._below_zero(seq, credited)
            rows.append((seq, len(rows), debited.number, credited.number, amount, day, from_balance, to_balance))
        return rows

    def _account(self, code: str, unit: str) -> _Account:
        """An account that moves for the first time."""
        place = (code, unit)
        account = self._accounts[place] = _Account(place, self.numbers.get(place))
        self.has_debts = self.has_debts or code.startswith("A:DEBT:")
        if self._opening is not None:
            account.net = account.sign * self._opening(place)
        return account

    def _below_zero(self, seq: int, account: _Account) -> None:
        if not account.may_be_negative:
            code, unit = account.place
            self.findings.add("below-zero", seq, account=code, unit=unit, amount=account.sign * account.net)

    def _resolve(self, seq: int, members: Members) -> None:
        kind, ref = members["kind"], members.get("ref")
        original = None if ref is None else self._leaf(ref)
        if ref is None or original is None:
            self.findings.add("reversal-wrong" if kind == "reversal" else "hold-wrong", seq, ref=str(ref))
            return
        if ref in self.resolvers:
            self.findings.add("resolved-twice", seq, ref=ref)
        self.resolvers.setdefault(ref, seq)
        moves, answer = original.get("move", []), members.get("move", [])
        if kind == "reversal":
            of = original["kind"]
            if "debt" in members["body"]:
                answer = _without_debts(answer, len(moves))
            if not _mirrors(moves, answer) or members["body"].get("of") != of or of in ("hold", *_ONE_ANSWER):
                self.findings.add("reversal-wrong", seq, ref=ref)
        elif original["kind"] != "hold" or not (_mirrors if kind == "void" else _empties)(moves, answer):
            self.findings.add("hold-wrong", seq, ref=ref)


class _LocalDays:
    """The day of a moment in one time zone; moments mostly come in order, and a day is long."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._day, self._first, self._end = "", "", ""

    def day_of(self, at: str) -> str:
        """The local day, written 2026-02-08, of a UTC moment written 2026-02-08T01:00:00Z."""
        if not self._first <= at < self._end:
            self._find(at)
        return self._day

    def _find(self, at: str) -> None:
        try:
            local = datetime.fromisoformat(at).astimezone(self._zone)
            midnight = local.replace(hour=0, minute=0, second=0, fold=0) + _ONE_DAY
        except OverflowError:  # at either end of the calendar there is no local day: UTC's has to do
            self._day, self._first, self._end = at[:10], at, at
            return
        self._day, self._first, self._end = local.date().isoformat(), at, at
        if midnight.utcoffset() == local.utcoffset():  # no clock is changed before the day ends
            self._end = midnight.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _mirrors(moves: Sequence[Any], answer: Sequence[Any]) -> bool:
    """Whether *answer* is *moves* with their sides swapped, last first; there has to be something to mirror."""
    mirrored = [[credit, debit, unit, amount] for debit, credit, unit, amount in reversed(moves)]
    return bool(mirrored) and mirrored == list(answer)


def _without_debts(answer: Sequence[Any], length: int) -> Sequence[Any]:
    """The last *length* transfers of a reversal, if all that comes before them are debts that members take on."""
    debts = answer[: max(0, len(answer) - length)]
    if all(debit[:7] == "A:DEBT:" and credit == f"L:M:{debit[7:]}" for debit, credit, _, _ in debts):
        return answer[len(debts) :]
    return answer


def _empties(moves: Sequence[Any], answer: Sequence[Any]) -> bool:
    """Whether *answer* takes out of the holding accounts exactly what *moves* put in.

    A held liability was credited and leaves by a debit; anything else was debited and leaves by a credit. What a
    merchant hands out was never held, and comes from the merchant.
    """
    held: dict[tuple[str, str, str], int] = {}
    for debit, credit, unit, amount in moves:
        place = ("debit", credit, unit) if credit[0] == "L" else ("credit", debit, unit)
        held[place] = held.get(place, 0) + amount
    for debit, credit, unit, amount in answer:
        if credit.startswith("I:OFFERED:") and debit == f"X:GIVEN:{credit[10:]}":
            continue
        sides = [place for place in (("debit", debit, unit), ("credit", credit, unit)) if place in held]
        if len(sides) != 1:
            return False
        held[sides[0]] -= amount
    return not any(held.values())
