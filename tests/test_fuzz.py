"""Bytes that nobody meant: whatever a reader is given, it answers or refuses with an error of ours."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tlog.test_receipt import NOTE, TEXT
from tests.tlog.test_standalone import VKEY, alone
from timebank import shipped_rulebook
from timebank.errors import TimebankError
from timebank.importing.tables import read_table
from timebank.ledger.entries import entry_of
from timebank.programme.rulebook_text import parse_rulebook
from timebank.tlog.canonical import decode, encode
from timebank.tlog.checkpoint import parse_note, parse_signer, parse_verifier, read_unverified
from timebank.tlog.receipt import parse_receipt

if TYPE_CHECKING:
    from collections.abc import Callable

LEAF = encode(
    {"at": "2026-02-14T02:30:05Z", "body": {"a": [1, "云"]}, "kind": "award", "move": [["L:A", "L:B", "PTS", 3]]}
)
REGISTER = "积分卡号,服务项目,日期,时长（分钟）\n0001,patrol,2026-02-08,60\n".encode()


@st.composite
def mutated(draw: st.DrawFn, good: bytes) -> bytes:
    """*good* with a few bytes changed, doubled, moved or gone."""
    data = bytearray(good)
    for _ in range(draw(st.integers(1, 6))):
        begin = draw(st.integers(0, len(data)))
        end = draw(st.integers(begin, min(len(data), begin + 8)))
        piece = draw(st.one_of(st.binary(max_size=4), st.just(bytes(data[begin:end]) * 2), st.just(b"")))
        data[begin:end] = piece
    return bytes(data)


def some(good: bytes) -> st.SearchStrategy[bytes]:
    return st.one_of(mutated(good), st.binary(max_size=300))


def as_text(reader: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: reader(data.decode("utf-8", "surrogateescape"))


READERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "canonical bytes": (decode, LEAF),
    "entry": (lambda data: entry_of(3, data), LEAF),
    "note": (as_text(parse_note), NOTE.encode()),
    "checkpoint": (as_text(read_unverified), NOTE.encode()),
    "receipt": (as_text(parse_receipt), TEXT.encode()),
    "public key": (as_text(parse_verifier), VKEY.encode()),
    "private key": (as_text(parse_signer), b"PRIVATE+KEY+" + VKEY.encode()),
    "rulebook": (as_text(parse_rulebook), shipped_rulebook()[:600].encode()),
}


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
def test_readers_answer_or_refuse(name: str, data: st.DataObject) -> None:
    reader, good = READERS[name]
    with suppress(TimebankError):
        reader(data.draw(some(good)))


@given(some(LEAF))
def test_what_decodes_is_written_back_as_the_same_bytes(data: bytes) -> None:
    try:
        value = decode(data)
    except TimebankError:
        return
    assert encode(value) == data


@given(some(TEXT.encode()))
def test_the_program_for_auditors_answers_or_refuses(data: bytes) -> None:
    try:
        alone.proved(data.decode("utf-8", "surrogateescape"), VKEY)
    except (alone.Wrong, alone.Unreadable):
        return
    assert data.decode() == TEXT


@given(data=some(REGISTER), encoding=st.sampled_from(["utf-8", "utf-16", "gb18030", "utf-8-sig"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_registers_are_read_or_refused(tmp_path: Path, data: bytes, encoding: str) -> None:
    file = tmp_path / "register.csv"
    file.write_bytes(data.decode("utf-8", "replace").encode(encoding, "replace") if data[:1] != b"\0" else data)
    with suppress(TimebankError):
        list(read_table(file))


def a_workbook() -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in REGISTER.decode().splitlines():
        book.active.append(row.split(","))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


WORKBOOK = a_workbook()


@given(data=mutated(WORKBOOK))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_workbooks_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "register.xlsx"
    file.write_bytes(data)
    with suppress(TimebankError):
        list(read_table(file))
