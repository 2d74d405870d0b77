"""Clients that are broken on purpose: what the checker must find in a whole run."""

from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from timebank.ledger.journal import Write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import timebank
    from tests.histories.written import Written

_DIES_AT: Final = 3
_UNGUARDED: Final = ("DROP TRIGGER entry_key_is_new", "DROP INDEX entry_key")


def answers_before_commit(_: timebank.Bank, history: Written) -> None:
    """Say that a command is done when it is written but not committed, and be killed once between the two."""
    append: Callable[..., Any] = Write.append
    line = history.line
    left = [_DIES_AT]
    asked: dict[str, str] = {}

    def noted(event: str, **values: Any) -> None:
        if event == "invoke" and "key" in values:
            asked[values["key"]] = values["op"]
        line(event, **values)

    def early(self: Write, *positional: Any, **named: Any) -> Any:
        posted = append(self, *positional, **named)
        left[0] -= 1
        key = named.get("key")
        if left[0] <= 0 and key in asked:
            answer = {"seq": posted.seq, "hash": posted.leaf_hash.hex(), "repeated": False}
            line("ok", op=asked[key], answer=answer)
            os.kill(os.getpid(), signal.SIGKILL)
        return posted

    history.line = noted  # type: ignore[method-assign]
    Write.append = early  # type: ignore[method-assign]


def forgets_keys(bank: timebank.Bank, _: Written) -> None:
    """Post again what was posted before with the same key, in a file whose schema does not mind."""
    Write.already = lambda *_: None  # type: ignore[method-assign, assignment]


def reads_a_cache(bank: timebank.Bank, _: Written) -> None:
    """Answer a member's balance from what was first read of it."""
    balance = bank.members.balance
    kept = cache(lambda member: balance(member))

    def cached(member: str, **when: Any) -> timebank.Balance:
        return balance(member, **when) if any(each is not None for each in when.values()) else kept(member)

    object.__setattr__(bank, "members", _Members(bank.members, cached))


class _Members:
    def __init__(self, desk: Any, balance: Callable[..., Any]) -> None:
        self._desk = desk
        self.balance = balance

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk, name)


WAYS: Final[dict[str, Callable[[Any, Any], None]]] = {
    "answers-before-commit": answers_before_commit,
    "forgets-keys": forgets_keys,
    "reads-a-cache": reads_a_cache,
}


def break_it(way: str, bank: timebank.Bank, history: Written) -> None:
    """Break this process's client in that *way*; empty: not at all."""
    if way:
        WAYS[way](bank, history)


def unguard(book: Path) -> None:
    """Take out of the schema of *book* what refuses a key for a second time."""
    with closing(sqlite3.connect(book)) as connection:
        for statement in _UNGUARDED:
            connection.execute(statement)
        connection.commit()
