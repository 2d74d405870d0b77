"""Faults at a few places of each errand; the modules named here make them at every place, as commands."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.faults import full_disks, io_errors, judging, kills, memory, stopped
from tests.faults.acts import LEDGER
from tests.faults.errands import ERRANDS
from tests.faults.injection import Injection, Told, can_trace, run
from tests.faults.judging import Case, Plain, faulted, judged, places, plain, wrongs
from tests.faults.strace_log import counted, times_before, was_made
from tests.small_disks import NO_DISK, small_disk

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
    made = list(kills.killed(1))
    assert told(made) == {}
    assert {case.errand for case in made} == ERRANDS.keys()


@traced
def test_a_full_disk_says_so_at_any_step_and_loses_nothing() -> None:
    """A flush for which there is no room is a flush that failed."""
    codes = told(full_disks.refused(2, ["award", "checkpoint", "create"]))
    assert codes["disk-full"] > 0
    assert codes.keys() <= {"disk-full", "disk-failed"}


@traced
def test_a_disk_that_fails_once_is_named_and_loses_nothing() -> None:
    """Of a page that it gives at the second try SQLite says that the file is malformed."""
    codes = told(io_errors.failed(2, ["redemption", "rotation", "group"]))
    assert codes["disk-failed"] > 0
    assert codes.keys() <= {"disk-failed", "file-damaged", "cannot-open"}


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


def test_on_a_small_disk_the_command_is_done_when_there_is_room(awards: Plain, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", full_disks.DISK_BYTES) as disk:
        if disk is None:
            pytest.skip(NO_DISK)
        made = [*full_disks.filled(awards, disk, every=7), *full_disks.filled(plain("batch"), disk, every=9)]
        assert told(made).keys() == {"disk-full"}
        assert all(case.told.errors for case in made if case.where == "0 pages left")


def test_a_small_disk_is_filled_page_by_page_whatever_count_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["full_disks", "--disk", "--count", "3"])
    with pytest.raises(SystemExit):
        full_disks.main()
    assert "takes no --count" in capsys.readouterr().err


# --- What counts as a fault ----------------------------------------------------------------------------------

LOG = """\
71 pread64(3, ""..., 100, 0) = 100
72 pwrite64(4, "a", 1, 0 <unfinished ...>
71 read(5, ""..., 4096) = 4096
71 pwrite64(4, "b", 1, 1) = 1
72 <... pwrite64 resumed>) = 1
72 pwrite64(4, "c", 1, 2) = 1
73 pwrite64(4, "d", 1, 3) = 1
""".splitlines()


def test_a_place_is_the_nth_call_of_one_thread_as_strace_counts() -> None:
    assert counted(LOG) == {"pread64": 1, "pwrite64": 2, "read": 1}
    assert places(LOG, "pwrite64,fsync,pread64", 0) == [("pwrite64", 1), ("pwrite64", 2), ("pread64", 1)]
    assert places(LOG, "pwrite64,fsync,pread64", 1) == [("pwrite64", 2)]
    assert [times_before(LOG, "read", "pwrite64", place) for place in (1, 2)] == [0, 1]


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ('7 pwrite64(3, "a", 1, 0) = -1 EIO (Input/output error) (INJECTED)', True),
        ("7 <... pwrite64 resumed>) = -1 ENOSPC (No space left on device) (INJECTED)", True),
        ("7 +++ killed by SIGKILL +++", True),
        ("7 --- stopped by SIGSTOP ---", True),
        ('7 read(3, "a", 1) = -1 EIO (Input/output error) (INJECTED)', False),
        ('7 pwrite64(3, "killed", 6, 0) = 6', False),
        ("7 +++ exited with 0 +++", False),
    ],
)
def test_a_fault_was_made_where_its_own_call_failed_or_somebody_was_hit(line: str, made: bool) -> None:
    assert was_made(Injection("pwrite64", "error=EIO", "7", "read:error=EIO:when=2+"), [*LOG, line]) is made


@traced
def test_a_fault_that_no_thread_came_to_is_no_case(
    awards: Plain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "TRIES", 2)
    assert faulted(awards, tmp_path / "room", Injection("pwrite64", "signal=KILL", "65535")) is None


@traced
def test_nobody_is_left_behind_when_a_look_at_a_stopped_process_fails(awards: Plain, tmp_path: Path) -> None:
    stood: list[int] = []

    def look(pid: int) -> None:
        stood.append(pid)
        raise LookupError

    path = awards.lay_out(tmp_path / "room")
    with pytest.raises(LookupError):
        run("award", path, Injection("pwrite64", "signal=STOP", "3"), stopped=look)
    with pytest.raises(ProcessLookupError):
        os.kill(stood[0], signal.SIGKILL)


# --- The judge ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("killed", [True, False])
def test_the_judge_sees_a_process_that_ended_by_itself(awards: Plain, tmp_path: Path, killed: bool) -> None:
    path = awards.lay_out(tmp_path / "room")
    meant = -signal.SIGKILL if killed else 0
    for code in (-9, 0, 1, None):
        case = judged(awards, "", path, Told(code=code), killed=killed)
        assert case.wrong == (() if code == meant else (f"the process ended with {code}, not {meant}",))


def test_the_judge_looks_into_a_file_that_was_brought_up_to_date(tmp_path: Path) -> None:
    """As it lies there: not one of the old version, but the new one at once."""
    upgrade = plain("migrate")
    path = upgrade.lay_out(tmp_path / "room")
    assert wrongs(upgrade, path, Told()) == []
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE account SET balance = balance + 1 WHERE rowid = 1")
    assert wrongs(upgrade, path, Told(finished=True))[0].startswith("The balance of")


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
