"""What strace wrote of a run: how often a thread made a call, in which order, and whether a fault was made."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.faults.injection import Injection

_LINE: Final = re.compile(r"^(?P<thread>\d+) +(?P<call>\w+)\(")
_MADE: Final = re.compile(
    r"\+\+\+ killed by SIGKILL|--- stopped by SIGSTOP|\b(?P<call>\w+)(?:\(| resumed>).*\(INJECTED\)"
)


def was_made(injection: Injection, log: Iterable[str]) -> bool:
    """Whether *injection* was made, by the lines of strace's *log*: its call failed, or somebody was hit at it."""
    return any(match["call"] in (None, injection.call) for match in map(_MADE.search, log) if match)


def counted(log: Iterable[str]) -> dict[str, int]:
    """How often each call stands in strace's *log*: as often as in the thread that makes it most."""
    by_thread = Counter(match.group("call", "thread") for match in map(_LINE.match, log) if match)
    most: dict[str, int] = {}
    for (call, _), times in by_thread.items():
        most[call] = max(times, most.get(call, 0))
    return most


def times_before(log: Iterable[str], other: str, call: str, place: int) -> int:
    """How often *other* stands in strace's *log* before a thread came to its *place*-th *call*."""
    others, by_thread = 0, Counter[str]()
    for match in filter(None, map(_LINE.match, log)):
        others += match["call"] == other
        by_thread[match["thread"]] += match["call"] == call
        if by_thread[match["thread"]] == place:
            break
    return others


def log_of(path: Path) -> list[str]:
    """What strace wrote of the last run on the ledger at *path*."""
    return (path.parent / "strace.log").read_text(encoding="ascii").splitlines()
