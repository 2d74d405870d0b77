"""What the checker is given: clients' histories, the final file's leaves, and copies taken on the way."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NEVER = 1 << 63


@dataclass(frozen=True)
class Violation:
    """Something that one honest book would not have shown; *name* says which promise was broken."""

    name: str
    detail: str


@dataclass(frozen=True)
class Attempt:
    """One call of a client: asked at *invoked*, and answered at *ended* with *outcome* ok, fail or info (unknown).

    Times are nanoseconds of the machine's monotonic clock. *answer* is what an ok answered, or a fail's facts.
    """

    op: str
    invoked: int
    ended: int
    outcome: str
    key: str | None
    request: dict[str, Any]
    answer: dict[str, Any]
    code: str = ""
    family: str = ""

    @property
    def client(self) -> str:
        """The client that asked."""
        return self.op.split(".")[0]

    @property
    def operation(self) -> str:
        """What this is an attempt of."""
        return self.op.rsplit(".", 1)[0]


@dataclass(frozen=True)
class Copy:
    """A copy of the file that was begun and finished at these times."""

    begun: int
    ended: int
    leaves: tuple[bytes, ...]


@dataclass(frozen=True)
class Evidence:
    """All that is known of a run. *stored* are the balances that the final file keeps, by account and unit."""

    meta: dict[str, Any]
    records: tuple[dict[str, Any], ...]
    leaves: tuple[bytes, ...]
    stored: dict[tuple[str, str], int]
    copies: tuple[Copy, ...] = field(default=())


def attempts_of(records: tuple[dict[str, Any], ...]) -> list[Attempt]:
    """The attempts that *records* of histories tell of; one that was never answered is unknown for ever."""
    asked = _by_name([each for each in records if each["e"] == "invoke"])
    ends = _by_name([each for each in records if each["e"] in ("ok", "fail", "info")])
    return [_attempt(each, ends.get(op)) for op, each in asked.items()]


def _by_name(records: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found = {each["op"]: each for each in records}
    if len(found) < len(records):
        raise ValueError("two attempts have the same name: the histories are of no use")
    return found


def _attempt(asked: dict[str, Any], end: dict[str, Any] | None) -> Attempt:
    start = (asked["op"], asked["t"])
    what = (asked.get("key"), asked["request"])
    if end is None:
        return Attempt(*start, NEVER, "info", *what, {})
    answer = end["answer"] if end["e"] == "ok" else end.get("facts", {})
    return Attempt(*start, end["t"], end["e"], *what, answer, end.get("code", ""), end.get("family", ""))


def records_in(path: Path) -> list[dict[str, Any]]:
    """The records of the history file at *path*; a line that was torn by a kill is none."""
    found = []
    for text in path.read_bytes().split(b"\n"):
        try:
            found.append(json.loads(text))
        except ValueError:
            continue
    return found


def leaves_in(path: Path) -> tuple[bytes, ...]:
    """The leaves of the file at *path*, in the journal's order, which has no gaps."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT seq, leaf FROM entry ORDER BY seq").fetchall()
    if [seq for seq, _ in rows] != list(range(len(rows))):
        raise ValueError(f"the journal of {path.name} has gaps")
    return tuple(leaf for _, leaf in rows)


def stored_in(path: Path) -> dict[tuple[str, str], int]:
    """The balances that the file at *path* keeps beside its leaves."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT code, unit, balance FROM account").fetchall()
    return {(code, unit): balance for code, unit, balance in rows}


def gathered(directory: Path, book: Path) -> Evidence:
    """The evidence of the run whose histories and copies lie in *directory*, with the final file *book*."""
    records = [each for path in sorted(directory.glob("*.history")) for each in records_in(path)]
    copies = [
        Copy(each["begun"], each["t"], leaves_in(directory / each["file"]))
        for each in records
        if each["e"] == "copy"
    ]
    meta = json.loads((directory / "meta.json").read_text(encoding="utf-8"))
    return Evidence(meta, tuple(records), leaves_in(book), stored_in(book), tuple(copies))
