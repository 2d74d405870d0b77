"""Verify beside eight processes that append: it sees one moment of the journal, and nothing is wrong with it."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING, Any

import pytest

import timebank
from tests.audit import writers
from tests.audit.writers import found_town
from timebank.checking import verify_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRITERS = 8
ROUNDS = 6
LONG = 120.0
"""Seconds after which a test that waits for a process has failed."""

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(["tests.audit.writers"])


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Path]:
    """A ledger file to which eight processes write until the test is over."""
    path = tmp_path / "busy.timebank"
    found_town(path, WRITERS)
    pipes, processes = [], []
    for number in range(WRITERS):
        here, there = forks.Pipe()
        process = forks.Process(target=writers.write, args=(path, there, number))
        process.start()
        there.close()
        pipes.append(here)
        processes.append(process)
    assert [pipe.recv() for pipe in pipes] == ["writing"] * WRITERS
    yield path
    written = [_ended(pipe) for pipe in pipes]
    for process in processes:
        process.join(LONG)
        assert process.exitcode == 0
    assert min(written) > 0
    verification = verify_file(path)
    assert verification.findings == ()
    with timebank.open(path) as bank:
        assert bank.report().entries == verification.entries >= sum(written)


def _ended(pipe: Any) -> int:
    pipe.send("stop")
    assert pipe.poll(LONG)
    return int(pipe.recv())


def test_nothing_is_found_while_eight_processes_append(busy: Path) -> None:
    """Round after round, until the journal has grown between rounds; each moment contains the one before it."""
    seen = [verify_file(busy)]
    for _ in range(100):
        if len(seen) >= ROUNDS and seen[-1].entries > seen[0].entries:
            break
        seen.append(verify_file(busy))
    assert [each.findings for each in seen] == [()] * len(seen)
    assert [each.entries for each in seen] == sorted(each.entries for each in seen)
    assert seen[-1].entries > seen[0].entries


def test_a_note_taken_while_they_append_covers_a_beginning_of_every_later_moment(busy: Path) -> None:
    with timebank.open(busy, busy_seconds=LONG) as bank:
        notes = [bank.checkpoint() for _ in range(ROUNDS)]
    for number in range(1, ROUNDS + 1):
        assert verify_file(busy, checkpoints=notes[:number]).findings == ()
