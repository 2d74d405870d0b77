"""What an answer says about the journal that it was taken from: which sizes it can have had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.histories.checker.books import Books, Place
    from tests.histories.checker.evidence import Attempt


class Observation:
    """True of a journal of some sizes: *holds* tells of which; it changes only where one of *places* moves.

    No places: it may change at any entry. *exactly* is the only size that comes into question, if there is one.
    """

    def __init__(
        self, holds: Callable[[int], bool], places: Sequence[Place] = (), exactly: int | None = None
    ) -> None:
        self.holds, self._places, self._exactly = holds, places, exactly

    def first(self, books: Books, low: int, high: int) -> int | None:
        """The smallest size from *low* to *high*, both included, that it can be true of."""
        if self._exactly is not None:
            return self._exactly if low <= self._exactly <= high and self.holds(self._exactly) else None
        size = low
        while size <= high:
            if self.holds(size):
                return size
            size = books.next_change(self._places, size)
        return None


class Observer:
    """Makes observations of the run with *meta*, whose final journal is *books* with these *roots*."""

    def __init__(self, meta: dict[str, Any], books: Books, roots: list[bytes]) -> None:
        self._meta, self._books, self._roots = meta, books, roots

    def observation(self, attempt: Attempt) -> Observation | None:
        """What *attempt* saw of the books; None if it says nothing about them."""
        if attempt.outcome == "ok":
            make = self._SEEN.get(attempt.request["do"])
        elif attempt.request["do"] == "batch":
            make = None  # It was refused by what it had itself written, and taken back.
        else:
            make = self._TOLD.get(attempt.code) if attempt.outcome == "fail" else None
        return None if make is None else make(self, attempt)

    def _balances(self, wanted: dict[Place, int], day: str | None = None, *, whole: bool = False) -> Observation:
        def holds(size: int) -> bool:
            return (not whole or self._books.accounts(size) == len(wanted)) and all(
                self._books.balance(place, size, day) == amount for place, amount in wanted.items()
            )

        return Observation(holds, () if whole else list(wanted))

    def _balance(self, attempt: Attempt) -> Observation:
        account = f"L:M:{attempt.request['member']}"
        wanted = {(account, "PTS"): attempt.answer["points"], (account, "MIN"): attempt.answer["minutes"]}
        entry = attempt.request.get("entry")
        if entry is None:
            return self._balances(wanted, attempt.request.get("day"))
        then = all(self._books.balance(place, entry + 1) == amount for place, amount in wanted.items())
        return Observation(lambda size: then and size > entry)

    def _trial(self, attempt: Attempt) -> Observation:
        wanted = {(account, unit): amount for account, unit, amount in attempt.answer["accounts"]}
        return self._balances(wanted, attempt.request.get("day"), whole=True)

    def _report(self, attempt: Attempt) -> Observation:
        size, outstanding = attempt.answer["entries"], attempt.answer["outstanding"]

        def holds(at: int) -> bool:
            members = [
                place for place in self._books.moves if place[0][:4] in ("L:M:", "L:H:") and place[1] == "PTS"
            ]
            return outstanding == sum(self._books.balance(place, at) for place in members)

        return Observation(holds, exactly=size)

    def _latest(self, attempt: Attempt) -> Observation:
        place, limit = (f"L:M:{attempt.request['member']}", "PTS"), attempt.request["limit"]
        return Observation(lambda size: self._books.lines(place, size, limit) == attempt.answer["lines"], [place])

    def _stock(self, attempt: Attempt) -> Observation:
        account = f"A:S:{attempt.request['shop'].upper()}"
        return self._balances({(account, good.upper()): each for good, each in attempt.answer["goods"].items()})

    def _checkpoint(self, attempt: Attempt) -> Observation:
        return Observation(
            lambda size: self._roots[size].hex() == attempt.answer["root"], exactly=attempt.answer["size"]
        )

    def _too_few_points(self, attempt: Attempt) -> Observation:
        facts = attempt.answer
        return self._too_few((f"L:M:{facts['member']}", "PTS"), facts["available_points"], facts["needed_points"])

    def _too_few_minutes(self, attempt: Attempt) -> Observation:
        facts = attempt.answer
        return self._too_few(
            (f"L:M:{facts['member']}", "MIN"), facts["available_minutes"], facts["needed_minutes"]
        )

    def _too_few_goods(self, attempt: Attempt) -> Observation:
        facts = attempt.answer
        place = (f"A:S:{facts['shop'].upper()}", facts["good"].upper())
        return self._too_few(place, facts["available"], facts["needed"])

    def _too_few(self, place: Place, available: int, needed: int) -> Observation:
        return Observation(
            lambda size: available < needed and self._books.balance(place, size) == available, [place]
        )

    def _conflict(self, attempt: Attempt) -> Observation:
        seq = attempt.answer["seq"]
        is_it = seq < self._books.size and self._books.entries[seq].get("key") == attempt.answer["key"]
        return Observation(lambda size: is_it and size > seq)

    def _resolved(self, attempt: Attempt) -> Observation:
        seq, resolver = attempt.answer["seq"], attempt.answer["resolved_by_seq"]
        is_it = resolver < self._books.size and self._books.entries[resolver].get("ref") == seq
        return Observation(lambda size: is_it and size > resolver)

    def _no_entry(self, attempt: Attempt) -> Observation | None:
        entry = attempt.request.get("entry")
        return None if entry is None else Observation(lambda size: size <= entry)

    _SEEN: ClassVar[dict[str, Callable[[Observer, Attempt], Observation | None]]] = {
        "balance": _balance,
        "balance-on": _balance,
        "balance-at": _balance,
        "trial": _trial,
        "trial-on": _trial,
        "report": _report,
        "latest": _latest,
        "stock": _stock,
        "checkpoint": _checkpoint,
    }
    _TOLD: ClassVar[dict[str, Callable[[Observer, Attempt], Observation | None]]] = {
        "not-enough-points": _too_few_points,
        "not-enough-minutes": _too_few_minutes,
        "not-enough-stock": _too_few_goods,
        "key-conflict": _conflict,
        "already-resolved": _resolved,
        "unknown-entry": _no_entry,
    }
