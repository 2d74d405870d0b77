"""Faults at a few places of each errand; the modules named here make them at every place, as commands."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.faults import full_disks, io_errors, kills, memory, stopped
from tests.faults.injection import LEDGER, Told, can_trace
from tests.faults.judging import Case, Plain, plain, wrongs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

traced = pytest.mark.skipif(not can_trace(), reason="strace is not here, or may not trace")


@pytest.fixture(scope="module")
def awards() -> Plain:
    return plain("award")


def told(made: Iterable[Case]) -> Counter[str]:
    """What the callers were told, after a look whether every book was as it must be."""
    all_of_them = list(made)
    assert [case for case in all_of_them if case.wrong] == []
    assert all_of_them
    return Counter(code for case in all_of_them for code in case.told.errors)


@traced
def test_a_process_killed_at_any_step_leaves_what_it_answered_and_no_half_of_the_rest() -> None:
    assert told(kills.killed(1)) == {}


@traced
def test_a_full_disk_says_so_at_any_step_and_loses_nothing() -> None:
    """A flush for which there is no room is a flush that failed."""
    assert told(full_disks.refused(2, ["award", "checkpoint", "create"])).keys() <= {"disk-full", "disk-failed"}


@traced
def test_a_disk_that_fails_once_is_named_and_loses_nothing() -> None:
    """Of a page that it gives at the second try SQLite says that the file is malformed."""
    assert told(io_errors.failed(2, ["redemption", "rotation", "group"])).keys() <= {
        "disk-failed",
        "file-damaged",
        "cannot-open",
    }


@traced
def test_a_page_that_the_disk_does_not_give_is_never_called_damage() -> None:
    assert told(io_errors.unreadable(2, ["award", "verify"])).keys() == {"disk-failed"}


def test_memory_that_runs_out_is_named_and_loses_nothing(awards: Plain) -> None:
    heap = list(memory.short(awards, "heap", count=4))
    addresses = list(memory.short(plain("redemption"), "addresses", count=3))
    assert "out-of-memory" in told([*heap, *addresses])


@traced
def test_while_a_process_stands_still_others_are_told_in_time(awards: Plain) -> None:
    made = [*stopped.stopped(awards, count=3)]
    assert told(made)["file-locked"] > 0


def test_on_a_small_disk_the_command_is_done_when_there_is_room(awards: Plain) -> None:
    with full_disks.small_disk() as disk:
        if disk is None:
            pytest.skip("no disk can be mounted here")
        assert told([*full_disks.filled(awards, disk, every=7), *full_disks.filled(plain("batch"), disk, every=9)])


# --- The judge ---------------------------------------------------------------------------------------------


def test_the_judge_sees_what_is_lost_halved_or_done_twice(awards: Plain, tmp_path: Path) -> None:
    path = awards.lay_out(tmp_path / "room")
    assert path.name == LEDGER
    assert wrongs(awards, path, Told()) == []
    path = awards.lay_out(tmp_path / "room")
    assert wrongs(awards, path, Told(((awards.size, b"{}"),))) == [f"entry {awards.size} was answered and is gone"]
    path = awards.lay_out(tmp_path / "room")
    assert wrongs(awards, path, Told(finished=True))[0].endswith("half of a command")
    path.unlink()
    assert wrongs(awards, path, Told())[0] == "the book is gone"
