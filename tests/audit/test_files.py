"""The file as a file: read only, in use, half on another disk, or torn to pieces."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import timebank
from tests.audit.books import ENTRIES, Clock, Ledger, build
from tests.audit.tamper import facts, found, raw
from timebank.audit.findings import Verification
from timebank.checking import verify_file
from timebank.errors import FileDamaged, FileMissing, NotALedger

HEADER = 100


def test_verify_changes_no_byte_of_the_file(ledger: Ledger, path: Path) -> None:
    before = path.read_bytes()
    found(path, *ledger.notes)
    assert path.read_bytes() == before


def test_verify_leaves_no_more_than_the_empty_side_files_of_any_reader(path: Path) -> None:
    found(path)
    sides = {item.name.removeprefix(path.name): item.stat().st_size for item in path.parent.iterdir()}
    assert sides.keys() <= {"", "-shm", "-wal"}
    assert sides.get("-wal", 0) == 0


def test_verify_of_a_file_that_is_half_gone_changes_no_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    _answers(path, content)


def test_a_file_that_is_no_ledger_is_an_error_and_no_finding(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        verify_file(tmp_path / "nothing")
    (tmp_path / "text").write_text("a text")
    with pytest.raises(NotALedger):
        verify_file(tmp_path / "text")


def test_what_a_crashed_writer_left_in_the_write_ahead_log_is_seen(ledger: Ledger, tmp_path: Path) -> None:
    live, left = tmp_path / "live.timebank", tmp_path / "left.timebank"
    shutil.copy(ledger.path, live)
    with timebank.open(live, clock=_later()) as bank:
        seq = bank.goods.add("tea", name="茶", name_en="tea", by="admin").seq
        for suffix in ("", "-wal"):
            shutil.copy(f"{live}{suffix}", f"{left}{suffix}")
    assert verify_file(left).entries == seq + 1 == ENTRIES + 1
    assert found(left) == set()


def test_an_edit_that_lies_in_the_write_ahead_log_is_found(path: Path, tmp_path: Path) -> None:
    left = tmp_path / "left.timebank"
    with raw(path) as connection:
        connection.execute("DROP TRIGGER price_is_not_updated")
        connection.execute("UPDATE price SET points = 1 WHERE good = 'soap'")
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", f"{left}{suffix}")
    assert found(left) == {("record-differs", None), ("schema-missing", None)}


def _later() -> Clock:
    clock = Clock()
    clock.now = clock.now.replace(month=3)
    return clock


def test_nothing_is_found_while_somebody_writes(ledger: Ledger, path: Path) -> None:
    stop = threading.Event()
    member = ledger.members(ledger.find("member"))["body"]["member"]
    with timebank.open(path, clock=_later()) as bank:

        def write() -> None:
            while not stop.is_set():
                bank.services.record(
                    member, "patrol", minutes=60, day=date(2026, 3, 1), by="clerk-1", approved_by="sup-1"
                )

        writer = threading.Thread(target=write)
        writer.start()
        try:
            seen = []
            while len(seen) < 8 or seen[-1] == ENTRIES:
                verification = verify_file(path)
                assert verification.findings == ()
                seen.append(verification.entries)
        finally:
            stop.set()
            writer.join()
    assert seen == sorted(seen)
    assert seen[-1] > ENTRIES


def test_pages_that_lead_to_each_other_a_thousand_million_times_do_not_hang(path: Path) -> None:
    """Ten inner pages, each with eight times the next one as its child: 8^10 rows in a file of half a megabyte."""
    with raw(path) as connection:
        page_size = connection.execute("PRAGMA page_size").fetchone()[0]
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'entry'").fetchone()[0]
    content = bytearray(path.read_bytes())
    start = (root - 1) * page_size
    assert content[start] == 5  # the inner page of a table
    first_child = int.from_bytes(content[start + 12 : start + 14], "big")
    leaf = int.from_bytes(content[start + first_child : start + first_child + 4], "big")
    pages = len(content) // page_size
    levels, fan = 10, 8
    for level in range(levels):
        child = leaf if level == levels - 1 else pages + level + 2
        content += _inner_page(page_size, child, fan)
    content[start + 8 : start + 12] = (pages + 1).to_bytes(4, "big")
    content[28:32] = (len(content) // page_size).to_bytes(4, "big")
    path.write_bytes(content)
    began = time.process_time()
    assert ("integrity", None) in found(path)
    assert any("interrupted" in str(known.get("detail")) for _, known in facts(path))
    assert time.process_time() - began < 20


def _inner_page(page_size: int, child: int, fan: int) -> bytes:
    cell = child.to_bytes(4, "big") + b"\x01"
    cells = cell * fan
    start = page_size - len(cells)
    head = b"\x05\0\0" + fan.to_bytes(2, "big") + start.to_bytes(2, "big") + b"\0" + child.to_bytes(4, "big")
    places = b"".join((start + number * len(cell)).to_bytes(2, "big") for number in range(fan))
    return (head + places).ljust(start, b"\0") + cells


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A short journal, for many rounds: one complete run, no write-ahead log."""
    folder = tmp_path_factory.mktemp("small")
    made = build(folder, entries=300)
    with sqlite3.connect(made.path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    return folder / "torn.timebank", made.path.read_bytes()


@settings(
    max_examples=max(250, settings.default.max_examples),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=12))
def test_whatever_bytes_are_flipped_verify_answers_or_says_damaged(
    small: tuple[Path, bytes], flips: list[tuple[float, int]]
) -> None:
    path, original = small
    content = bytearray(original)
    for where, change in flips:
        content[HEADER + int(where * (len(content) - HEADER))] ^= change
    _answers(path, content)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    place=st.integers(0, 2**20),
    other=st.integers(0, 2**20),
    kind=st.sampled_from(["swap", "copy", "zero", "cut", "noise"]),
    noise=st.binary(min_size=512, max_size=512),
)
def test_whatever_pages_are_torn_verify_answers_or_says_damaged(
    small: tuple[Path, bytes], place: int, other: int, kind: str, noise: bytes
) -> None:
    path, original = small
    size = 4096
    pages = [bytearray(original[start : start + size]) for start in range(0, len(original), size)]
    first, second = 1 + place % (len(pages) - 1), 1 + other % (len(pages) - 1)
    if kind == "swap":
        pages[first], pages[second] = pages[second], pages[first]
    elif kind == "copy":
        pages[first] = pages[second]
    elif kind == "zero":
        pages[first] = bytearray(size)
    elif kind == "noise":
        pages[first][: len(noise)] = noise
    else:
        del pages[first:]
    _answers(path, bytearray().join(pages))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(flips=st.lists(st.tuples(st.integers(HEADER, 4095), st.integers(1, 255)), min_size=1, max_size=6))
def test_whatever_bytes_of_the_schema_are_flipped_verify_answers_or_says_damaged(
    small: tuple[Path, bytes], flips: list[tuple[int, int]]
) -> None:
    path, original = small
    content = bytearray(original)
    for where, change in flips:
        content[where] ^= change
    _answers(path, content)


def _answers(path: Path, content: bytearray) -> None:
    path.write_bytes(content)
    began = time.process_time()
    try:
        verification = verify_file(path)
    except FileDamaged:
        pass
    else:
        assert isinstance(verification, Verification)
        for finding in verification.findings:
            finding.message("en").encode()
            finding.message("zh_CN").encode()
    assert time.process_time() - began < 20
    assert path.read_bytes() == content
