"""Threads that share a commit: each is answered after the flush that holds its entry, and a refusal harms nobody.

A real run is watched with strace: where the system calls of 12 threads stand in the log is the order in which they
were made, the beginning and the end of a flush included.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attrs import define, field

import timebank
from tests.faults.acts import found
from tests.faults.test_power_cuts import traced

if TYPE_CHECKING:
    from collections.abc import Iterator

THREADS, COMMANDS = 12, 9
_CALLS = "write,pwrite64,fdatasync,fsync"
_LINE = re.compile(r"(?P<thread>\d+) +(?P<call>\w+)\((?P<handle>\d+)<(?P<path>[^>]*)>(?P<rest>.*)")
_RESUMED = re.compile(r"(?P<thread>\d+) +<\.\.\. (?P<call>fdatasync|fsync) resumed>.*= 0")


@define
class Watched:
    """What was seen of a run: answers in their order, flushes of the log, and what was answered too early."""

    answers: list[str] = field(factory=list)
    flushes: int = 0
    early: list[str] = field(factory=list)


def watched(directory: Path, synchronous: str = "shipped") -> Watched:
    """Let the threads act on a ledger in *directory*, and read from strace's log in which order."""
    ledger, log = directory / "crowd.timebank", directory / "strace.log"
    found(ledger)
    subprocess.run(
        [
            *("strace", "-f", "-y", "-s", "1048576", "-e", f"trace={_CALLS}", "-o", str(log)),
            *(sys.executable, "-m", "tests.faults.crowd"),
            *(str(ledger), str(THREADS), str(COMMANDS), synchronous),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    )
    with log.open(encoding="ascii", errors="replace") as lines:
        return _read(lines)


def _read(lines: Iterator[str]) -> Watched:
    """What is written is not yet flushed; a flush holds what was written to the log before it began."""
    seen = Watched()
    written: list[str] = []
    flushing: dict[str, int] = {}
    flushed = 0
    for line in lines:
        if match := _RESUMED.match(line):
            if match["thread"] in flushing:
                flushed, seen.flushes = max(flushed, flushing.pop(match["thread"])), seen.flushes + 1
        elif match := _LINE.match(line):
            if match["call"] == "write" and match["handle"] == "1":
                words = match["rest"].split('"')[1].removesuffix("\\n").split()
                seen.answers.append(words[0])
                if words[0] == "ack" and not any(words[2] in each for each in written[:flushed]):
                    seen.early.append(words[1])
            elif match["path"].endswith("-wal"):
                if match["call"] == "pwrite64":
                    written.append(match["rest"])
                elif "unfinished" in match["rest"]:
                    flushing[match["thread"]] = len(written)
                else:
                    flushed, seen.flushes = len(written), seen.flushes + 1
    return seen


@traced
def test_each_is_answered_after_the_flush_that_holds_its_entry(tmp_path: Path) -> None:
    seen = watched(tmp_path)
    acknowledged = THREADS * COMMANDS * 2 // 3
    assert seen.early == []
    assert seen.answers.count("ack") == acknowledged
    assert seen.answers.count("refused") == THREADS * COMMANDS - acknowledged
    assert seen.flushes < acknowledged * 0.9, "the threads share their flushes"
    with timebank.open(tmp_path / "crowd.timebank") as bank:
        assert bank.members.balance(bank.members.by_card("0001")).minutes == 20 * acknowledged
        assert bank.verify().is_clean


@traced
@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_with_less_flushing_answers_are_seen_to_come_too_early(tmp_path: Path, synchronous: str) -> None:
    seen = watched(tmp_path, synchronous)
    assert len(seen.early) > THREADS


def test_an_answer_before_the_end_of_its_flush_is_early() -> None:
    write = '7 pwrite64(4</d/a-wal>, "entry one", 9, 0) = 9\n'
    begin, end = "7 fdatasync(4</d/a-wal> <unfinished ...>\n", "7 <... fdatasync resumed>) = 0\n"
    whole = "7 fdatasync(4</d/a-wal>) = 0\n"
    ack = '8 write(1</dev/null>, "ack 5 one\\n", 10) = 10\n'
    for order, early in (
        ([write, begin, end, ack], []),
        ([write, whole, ack], []),
        ([write, begin, ack, end], ["5"]),
        ([begin, write, end, ack], ["5"]),
        ([write, ack, whole], ["5"]),
        ([whole, ack], ["5"]),
    ):
        assert _read(iter(order)).early == early
