"""Entries that show something: how many there are, and the numbers of the first of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

Name = TypeVar("Name")
Value = TypeVar("Value")

MOST_SHOWN: Final = 20
"""More numbers than these nobody looks up; the count says how many there are."""


class Examples:
    """Counts entries and keeps the numbers of the first ones, however many come."""

    __slots__ = ("_seqs", "count")

    def __init__(self) -> None:
        self.count = 0
        self._seqs: list[int] = []

    def add(self, seq: int) -> None:
        """One more."""
        self.count += 1
        if len(self._seqs) < MOST_SHOWN:
            self._seqs.append(seq)

    def extend(self, other: Examples) -> None:
        """All those of *other*; of both together the lowest numbers are kept."""
        self.count += other.count
        self._seqs = sorted(self._seqs + other._seqs)[:MOST_SHOWN]

    @property
    def seqs(self) -> tuple[int, ...]:
        """The numbers of the first ones, at most MOST_SHOWN."""
        return tuple(self._seqs)


def by_name(things: Mapping[Name, Value]) -> list[tuple[Name, Value]]:
    """*things* in the order of their names, which in a file that somebody prepared may be of any type."""
    return sorted(things.items(), key=lambda each: str(each[0]))


def whole(value: object) -> int:
    """*value*, which has to be a whole number. Raises TypeError: a text times a number is a very long text."""
    if type(value) is not int:
        raise TypeError("no whole number")
    return value
