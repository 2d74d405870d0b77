"""Leaves read as entries: `members_of` is the rule, and here is a faster way to the same verdict.

A journal says the same words over and over: who acted, what kind of entry, which day, which accounts. What
`members_of` has passed once is known, and need not be looked at again letter by letter.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NotRequired, TypedDict

import msgspec

from timebank.errors import InvalidInput
from timebank.ledger.entries import members_of
from timebank.ledger.transfers import check_move
from timebank.tlog import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from timebank.audit.findings import Findings
    from timebank.audit.replay import Members

_MOST_KNOWN: Final = 10_000
"""Bounded: a file with endless different words makes reading slower, never memory larger."""
_MOST_AMOUNT: Final = 10**12
_KEY: Final = re.compile(r"[A-Za-z0-9._:/-]{1,64}")
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}Z")

_Whole = Annotated[int, msgspec.Meta(ge=-canonical.MAX_INTEGER, le=canonical.MAX_INTEGER)]
_Place = Annotated[int, msgspec.Meta(ge=0, le=canonical.MAX_INTEGER)]
_Text = Annotated[str, msgspec.Meta(max_length=canonical.MAX_TEXT)]


def _value(depth: int) -> Any:
    """What an entry can hold, by type, bounds and so many arrays and objects inside one another."""
    value: Any = _Text | _Whole | bool
    for _ in range(depth):
        value = _Text | _Whole | bool | list[value] | dict[str, value]
    return value


class _Usual(TypedDict):
    """The members of an entry. Others are passed over in reading, and missed in writing it again."""

    at: _Text
    body: dict[str, _value(canonical.MAX_DEPTH - 2)]  # type: ignore[valid-type]  # it is made, not written
    by: _Text
    day: _Text
    key: NotRequired[_Text]
    kind: _Text
    move: NotRequired[list[list[_Text | _Whole]]]
    nonce: _Text
    ok: NotRequired[_Text]
    ref: NotRequired[_Place]
    v: Literal[1]


_read: Final = msgspec.json.Decoder(_Usual).decode
_write: Final = msgspec.json.Encoder(order="sorted").encode


class Leaves:
    """Reads leaves; *is_known_account* says whether an account of one unit has been moved before."""

    def __init__(self, is_known_account: Callable[[tuple[str, str]], bool]) -> None:
        self._is_known_account = is_known_account
        self._names: set[tuple[str, ...]] = set()
        self._words: set[tuple[Any, ...]] = set()
        self._days: set[str] = set()
        self._last_at = ""

    def read(self, seq: int, leaf: bytes) -> Members:
        """The members of the entry at *seq*. Raises NotCanonical or BadEntry; nothing else."""
        members = self._usual(seq, leaf)
        if members is None:
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

    def _usual(self, seq: int, leaf: bytes) -> Members | None:
        """The members of an entry that is surely as the rule wants it; None for one that the rule has to read.

        Types and bounds are the decoder's. Written again, it is the same bytes: so no member was passed over, none
        was there twice, and all stand in order. All text is printable ASCII, and all names were seen before
        but those of accounts, which are looked at.
        """
        if len(leaf) > canonical.MAX_LEAF_BYTES or not leaf.isascii() or b"\\" in leaf or b"\x7f" in leaf:
            return None
        try:
            members: Any = _read(leaf)
        except (msgspec.DecodeError, RecursionError):  # passing a deep member over is what recurses
            return None
        if not (
            self._count_known(members["body"]) == leaf.count(b"{") - 1
            and (members["kind"], members["by"], members.get("ok")) in self._words
            and members["day"] in self._days
            and (members["at"] == self._last_at or self._is_moment(members["at"]))
            and _NONCE.fullmatch(members["nonce"])
            and ("key" not in members or _KEY.fullmatch(members["key"]))
            and ("ref" not in members or members["ref"] < seq)
            and ("move" not in members or self._are_usual_moves(members["move"]))
            and _write(members) == leaf
        ):
            return None
        return members  # type: ignore[no-any-return]

    def _count_known(self, value: Any) -> int:
        """How many objects are in *value*, itself counted, if the names in each were seen together before.

        Fewer than there are opening braces when some were not, or when a text has a brace.
        """
        if type(value) is dict:
            if tuple(value) not in self._names:
                return 0
            count, value = 1, value.values()
        else:
            count = 0
        for item in value:
            if type(item) is list or type(item) is dict:
                count += self._count_known(item)
        return count

    def _is_moment(self, at: str) -> bool:
        if not _MOMENT.fullmatch(at):
            return False
        try:
            datetime.fromisoformat(at)
        except ValueError:
            return False
        self._last_at = at
        return True

    def _are_usual_moves(self, moves: list[list[Any]]) -> bool:
        is_known = self._is_known_account
        try:
            for debit, credit, unit, amount in moves:
                if not (is_known((debit, unit)) and is_known((credit, unit))):
                    check_move(debit, credit, unit, amount)
                elif debit == credit or not 1 <= amount <= _MOST_AMOUNT:
                    return False
        except (InvalidInput, TypeError, ValueError):  # or an amount is a text, or there are more parts, or fewer
            return False
        return bool(moves)

    def _learn(self, members: Members) -> None:
        words = (members["kind"], members["by"], members.get("ok"))
        learnt: tuple[tuple[set[Any], Any], ...] = (
            *((self._names, names) for names in _names_in(members["body"])),
            (self._words, words),
            (self._days, members["day"]),
        )
        for known, word in learnt:
            if len(known) < _MOST_KNOWN:
                known.add(word)
        self._last_at = members["at"]


def _names_in(value: Any) -> Iterator[tuple[str, ...]]:
    """The names in each object of *value*."""
    if isinstance(value, dict):
        yield tuple(value)
        value = value.values()
    for item in value if not isinstance(value, str | int) else ():
        yield from _names_in(item)
