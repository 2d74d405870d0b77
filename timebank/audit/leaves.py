"""Leaves read as entries: `members_of` is the rule, and here is a faster way to the same verdict.

A journal says the same words over and over: who acted, what kind of entry, which day, which accounts. What
`members_of` has passed once is known, and need not be looked at again letter by letter.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from timebank.errors import InvalidInput
from timebank.ledger.entries import members_of
from timebank.tlog import canonical

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.findings import Findings
    from timebank.audit.replay import Members

_MOST_KNOWN: Final = 10_000
"""Bounded: a file with endless different words makes reading slower, never memory larger."""
_MOST_AMOUNT: Final = 10**12
_KEY: Final = re.compile(r"[A-Za-z0-9._:/-]{1,64}")
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}Z")


class Leaves:
    """Reads leaves; *is_known_account* says whether an account of one unit has been moved before."""

    def __init__(self, is_known_account: Callable[[tuple[str, str]], bool]) -> None:
        self._is_known_account = is_known_account
        self._shapes: set[tuple[str, ...]] = set()
        self._words: set[tuple[Any, ...]] = set()
        self._days: set[str] = set()
        self._last_at = ""

    def read(self, seq: int, leaf: bytes) -> Members:
        """The members of the entry at *seq*. Raises NotCanonical or BadEntry; nothing else."""
        members = canonical.decode(leaf)
        try:
            if self._is_usual(seq, members):
                return members
        except (TypeError, ValueError, KeyError):
            pass  # A member of another type: the rule names it.
        members = members_of(seq, leaf)
        self._learn(members)
        return members

    def kept(self, seq: int, leaf: bytes | None) -> Members | None:
        """The entry that lies at *seq* as *leaf*, if there is one that can be read."""
        try:
            return None if leaf is None else self.read(seq, leaf)
        except InvalidInput:
            return None

    def row(self, findings: Findings, seq: int, columns: tuple[object, object], leaf: bytes) -> Members | None:
        """The entry of a row, whose key and kind stand in *columns* too; findings for what is wrong with it."""
        try:
            members = self.read(seq, leaf)
        except InvalidInput as error:
            findings.add("leaf-bad", seq, reason=str(error))
            return None
        if (members.get("key"), members["kind"]) != columns:
            findings.add("column-differs", seq)
        return members

    def _is_usual(self, seq: int, members: Members) -> bool:
        if not (
            tuple(members) in self._shapes  # in order and complete: the canonical form sorts them
            and (members["kind"], members["by"], members.get("ok")) in self._words
            and members["day"] in self._days
            and (members["at"] == self._last_at or self._is_moment(members["at"]))
            and _NONCE.fullmatch(members["nonce"])
            and type(members["v"]) is int
            and members["v"] == 1
            and type(members["body"]) is dict
        ):
            return False
        if "key" in members and not _KEY.fullmatch(members["key"]):
            return False
        if "ref" in members and (type(members["ref"]) is not int or not 0 <= members["ref"] < seq):
            return False
        return "move" not in members or self._are_usual_moves(members["move"])

    def _is_moment(self, at: str) -> bool:
        if not _MOMENT.fullmatch(at):
            return False
        datetime.fromisoformat(at)  # a ValueError says no
        self._last_at = at
        return True

    def _are_usual_moves(self, moves: Any) -> bool:
        is_known = self._is_known_account
        if type(moves) is not list or not moves:
            return False
        for debit, credit, unit, amount in moves:
            if (
                type(amount) is not int
                or not 1 <= amount <= _MOST_AMOUNT
                or debit == credit
                or not is_known((debit, unit))
                or not is_known((credit, unit))
            ):
                return False
        return True

    def _learn(self, members: Members) -> None:
        words = (members["kind"], members["by"], members.get("ok"))
        learnt: tuple[tuple[set[Any], Any], ...] = (
            (self._shapes, tuple(members)),
            (self._words, words),
            (self._days, members["day"]),
        )
        for known, word in learnt:
            if len(known) < _MOST_KNOWN:
                known.add(word)
        self._last_at = members["at"]
