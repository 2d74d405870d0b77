"""Power cuts at every point of a recorded run: nothing acknowledged is lost, and with less flushing some is."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, cast

import pytest

from tests.faults import acts
from tests.faults.acts import LEDGER
from tests.faults.disk import CLASSES, Disk, File
from tests.faults.injection import can_trace
from tests.faults.power_cuts import Tape, cuts, recorded
from tests.faults.tape import Ack, Create, FailedSync, Remove, Sync, Truncate, Write
from timebank.errors import DiskFailed

if TYPE_CHECKING:
    from pathlib import Path

    from timebank import Bank


traced = pytest.mark.skipif(not can_trace(), reason="strace is not here, or may not trace")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Tape:
    """A run long enough for the write-ahead log to be copied back into the file."""
    return recorded(tmp_path_factory.mktemp("shipped"), commands=250)


@traced
def test_no_acknowledged_entry_is_lost_and_every_file_goes_on(shipped: Tape) -> None:
    made = list(cuts(shipped, count=700, seed=1, verify_every=20))
    assert Counter(each.left for each in made) == Counter({each.__name__: 100 for each in CLASSES})
    assert [each for each in made if each.lost or each.wrong] == []
    assert max(each.acknowledged for each in made) > shipped.founded + 200


@traced
def test_the_same_cuts_lose_entries_where_less_is_flushed(tmp_path: Path) -> None:
    made = list(cuts(recorded(tmp_path, commands=40, synchronous="NORMAL"), count=140, seed=1))
    assert sum(each.lost for each in made) > 0
    assert [each for each in made if each.wrong] == []


@traced
def test_a_flush_that_failed_is_answered_as_an_error_and_the_next_try_is_kept(tmp_path: Path) -> None:
    """The system then holds its pages for clean: a store that only flushed again would lose them."""
    tape = recorded(tmp_path, commands=60, fail_every=7)
    assert sum(isinstance(event, FailedSync) for event in tape.events) >= 8
    assert len(tape.hashes) == tape.founded + 60
    made = list(cuts(tape, count=140, seed=1, verify_every=20))
    assert [each for each in made if each.lost or each.wrong] == []


def test_on_a_disk_that_never_flushes_a_command_is_not_sent_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def patrol(*_: object, key: str, **__: object) -> None:
        tries.append(key)
        assert len(tries) <= 100
        raise DiskFailed("bank.timebank", "SQLITE_IOERR_FSYNC")

    monkeypatch.setattr(acts, "patrol", patrol)
    with pytest.raises(RuntimeError):
        acts.insisting(cast("Bank", None), "wang", 0)
    assert tries == ["turn-0"] * 20


@traced
def test_the_tape_is_the_whole_run(shipped: Tape) -> None:
    """Played to its end it gives the file that the run left."""
    disk = Disk({name: File(bytearray(data)) for name, data in shipped.before.items()})
    kinds = Counter(type(event) for event in shipped.events)
    assert kinds[Ack] == 250
    assert kinds[Sync] > 250
    for event in shipped.events:
        disk.take(event)
    assert any(isinstance(event, Write) and event.name == LEDGER for event in shipped.events)
    assert len(shipped.hashes) == shipped.founded + 250


def test_a_disk_keeps_what_was_flushed_and_any_part_of_what_was_not() -> None:
    disk = Disk({"a": File(bytearray(b"old"))})
    for event in (Write("a", 0, b"new"), Sync("a"), Write("a", 3, b"x" * 16_384)):
        disk.take(event)
    found = {choose.__name__: disk.after_a_cut(choose, Random(3))["a"] for choose in CLASSES}
    assert found["nothing"] == b"new"
    assert found["everything"] == b"new" + b"x" * 16_384
    assert found["torn"] != found["everything"]


def test_a_file_is_surely_there_or_gone_when_its_directory_was_flushed() -> None:
    disk = Disk({"a": File(bytearray(b"a"))})
    disk.take(Create("b"))
    disk.take(Remove("a"))
    seen = {tuple(sorted(disk.after_a_cut(CLASSES[1], Random(seed)))) for seed in range(40)}
    assert seen == {(), ("a",), ("b",), ("a", "b")}
    disk.take(Sync("."))
    assert {tuple(disk.after_a_cut(CLASSES[1], Random(seed))) for seed in range(40)} == {("b",)}


def test_what_a_failed_flush_lost_no_later_flush_brings_back() -> None:
    disk = Disk({"a": File(bytearray(b"old"))})
    disk.take(Write("a", 0, b"new"))
    disk.fail_to_flush("a", CLASSES[0], Random(1))
    for event in (Write("a", 3, b"er"), Sync("a")):
        disk.take(event)
    assert {disk.after_a_cut(choose, Random(1))["a"] for choose in CLASSES} == {b"older"}


def test_a_truncated_file_is_as_long_as_was_said() -> None:
    disk = Disk({"a": File(bytearray(b"abcdef"))})
    disk.take(Truncate("a", 2))
    assert disk.after_a_cut(CLASSES[1], Random(1)) == {"a": b"ab"}
    disk.take(Truncate("a", 4))
    assert disk.after_a_cut(CLASSES[1], Random(1)) == {"a": b"ab\0\0"}
