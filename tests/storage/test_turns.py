"""When a writer naps, gives way, gives up and commits for all, at the last moment before and the first after."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.storage.books import posted, read
from tests.storage.test_known import Clock
from tests.storage.test_processes import GIFT, Group, commits, crew, group
from timebank.errors import FileLocked, TakenBack
from timebank.storage import sqlite_turns
from timebank.storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["crew", "group"]


class Still(Clock):
    """A clock that stands still but for naps."""

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Still:
    made = Still()
    monkeypatch.setattr(sqlite_turns, "time", made)
    monkeypatch.setattr(random, "uniform", lambda _, longest: longest)
    return made


def turns_of(path: Path, *, busy_seconds: float = 5.0) -> tuple[SqliteStore, Any]:
    store = SqliteStore.create(path, busy_seconds=busy_seconds)
    return store, store._turns


# --- Waiting for another process -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("busy_seconds", "naps"),
    [
        (0.0, []),
        (0.001, [0.001]),
        (0.0015, [0.001, 0.002]),
        (0.09, [0.001, 0.002, 0.004, 0.008, 0.016, 0.02, 0.02, 0.02]),
    ],
)
def test_naps_grow_twofold_up_to_the_longest_and_there_is_none_once_the_time_is_over(
    tmp_path: Path, clock: Still, busy_seconds: float, naps: list[float]
) -> None:
    clock.now = 0.0
    store, _ = turns_of(tmp_path / "a.timebank", busy_seconds=busy_seconds)
    with closing(store), closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(FileLocked) as caught, store.writing():
            raise AssertionError("nothing was begun")
    assert caught.value.facts() == {"path": store.path, "waited_seconds": busy_seconds}
    assert clock.naps == naps


def test_no_nap_is_shorter_than_the_least(tmp_path: Path, clock: Still, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[float, float]] = []

    def longest(least: float, most: float) -> float:
        asked.append((least, most))
        return most

    monkeypatch.setattr(random, "uniform", longest)
    store, _ = turns_of(tmp_path / "a.timebank", busy_seconds=0.002)
    with closing(store), closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(FileLocked), store.writing():
            raise AssertionError("nothing was begun")
    assert asked == [(0.0005, 0.001), (0.0005, 0.002)]


def test_a_turn_that_another_thread_keeps_is_waited_for_no_longer_than_was_said(group: Group) -> None:
    group.turns._busy_seconds = 0.02
    with group.store.writing() as books:
        posted(books, GIFT)
        group.crew.start(lambda: group.write())
        group.crew.join()
    assert group.told == [FileLocked]
    assert list(group.turns._waiting) == []
    with group.store.writing(), pytest.raises(FileLocked) as caught:
        group.turns._wait_for_turn()
    assert caught.value.facts() == {"path": group.store.path, "waited_seconds": 0.02}


# --- Giving way ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "came", "met", "naps", "came_then"),
    [
        (97, 94, 99, [], 100),  # there was time for others
        (98, 94, 99, [2], 102),  # just too little, and the stay was long enough
        (98, 95, 99, [], 95),  # not longer than one may stay
        (98, 94, 91, [2], 102),  # others wrote lately
        (98, 94, 90, [], 94),  # nobody did
        (100, 95, 90, [], 95),
    ],
)
def test_a_process_gives_way_after_a_long_stay_if_others_wrote_lately(
    tmp_path: Path,
    clock: Still,
    monkeypatch: pytest.MonkeyPatch,
    left: int,
    came: int,
    met: int,
    naps: list[int],
    came_then: int,
) -> None:
    for name, seconds in (("_LONGEST_NAP_SECONDS", 2), ("_LONGEST_STAY_SECONDS", 5), ("_LATELY_SECONDS", 10)):
        monkeypatch.setattr(sqlite_turns, name, seconds)
    store, turns = turns_of(tmp_path / "a.timebank")
    turns._left, turns._came, turns._met, clock.now = left, came, met, 100
    turns._give_way()
    assert (clock.naps, turns._came) == (naps, came_then)
    store.close()


def test_nobody_was_met_before_the_first_commit_of_a_machine_that_has_just_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(sqlite_turns, "time", clock)
    store, _ = turns_of(tmp_path / "a.timebank")
    clock.now = 0.95
    for _ in range(60):
        with store.writing() as books:
            posted(books, GIFT)
    assert clock.now > 1.05
    assert clock.naps == []
    store.close()


# --- Commits for many ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("waiting", "members", "age", "is_time"),
    [(1, 3, 4, False), (0, 3, 4, True), (1, 4, 4, True), (1, 3, 5, True), (1, 5, 6, True)],
)
def test_it_is_time_to_commit_when_nobody_waits_or_the_group_is_full_or_old(
    tmp_path: Path,
    clock: Still,
    monkeypatch: pytest.MonkeyPatch,
    waiting: int,
    members: int,
    age: int,
    is_time: bool,
) -> None:
    monkeypatch.setattr(sqlite_turns, "_MOST_IN_GROUP", 4)
    monkeypatch.setattr(sqlite_turns, "_LONGEST_GROUP_SECONDS", 5)
    store, turns = turns_of(tmp_path / "a.timebank")
    turns._waiting.extend([None] * waiting)
    assert turns._is_time(sqlite_turns._Group(begun=clock.now - age, members=members)) is is_time
    store.close()


def test_nobody_shares_the_commit_of_one_that_wants_to_be_alone(group: Group) -> None:
    told = commits(group)
    with group.store.writing(alone=True) as books:
        posted(books, GIFT)
        group.behind(group.write, group.write)
    group.crew.join()
    assert told[told.index("COMMIT") + 1] == "BEGIN IMMEDIATE"
    assert told.count("COMMIT") == 2
    assert read(group.store)["size"] == 3


def test_an_error_that_is_no_refusal_goes_out_as_it_is_though_its_group_is_taken_back(group: Group) -> None:
    """What a program's own mistake says does not depend on what others wrote."""

    def mistaken(books: Any) -> None:
        group.behind(lambda: group.write(fail))
        raise ZeroDivisionError

    def fail(books: Any) -> None:
        posted(books, GIFT)
        raise ZeroDivisionError

    with pytest.raises(TakenBack) as caught, group.store.writing() as books:
        posted(books, GIFT)
        group.behind(lambda: group.write(mistaken))
    group.crew.join()
    assert caught.value.facts() == {"path": group.store.path}
    assert group.told == [ZeroDivisionError, ZeroDivisionError]
    assert read(group.store)["size"] == 0


def test_what_took_a_group_back_is_told_as_it_is_if_it_is_an_error_of_ours(tmp_path: Path) -> None:
    store, turns = turns_of(tmp_path / "a.timebank", busy_seconds=0.25)
    busy = sqlite3.OperationalError("database is locked")
    busy.sqlite_errorname = "SQLITE_BUSY"
    assert turns._told(busy).facts() == {"path": store.path, "waited_seconds": 0.25}
    ours = FileLocked("another", 1.0)
    assert turns._told(ours) is ours
    taken_back = turns._told(ZeroDivisionError())
    assert (type(taken_back), taken_back.facts()) == (TakenBack, {"path": store.path})
    store.close()
