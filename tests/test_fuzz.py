"""Bytes that nobody meant: whatever a reader is given, it answers or refuses with an error of ours."""

from __future__ import annotations

import io
import re
import zipfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tlog.test_receipt import NOTE, SIGNER, TEXT
from tests.tlog.test_standalone import VKEY, alone
from timebank import shipped_rulebook
from timebank.errors import TableUnreadable, TimebankError
from timebank.importing.tables import read_table
from timebank.ledger.entries import entry_of
from timebank.programme.rulebook_text import parse_rulebook
from timebank.tlog.canonical import decode, encode
from timebank.tlog.checkpoint import parse_checkpoint, parse_note, parse_signer, parse_verifier, read_unverified
from timebank.tlog.receipt import parse_receipt

if TYPE_CHECKING:
    from collections.abc import Callable

LEAF = encode(
    {"at": "2026-02-14T02:30:05Z", "body": {"a": [1, "云"]}, "kind": "award", "move": [["L:A", "L:B", "PTS", 3]]}
)
TOO_LONG = timedelta(seconds=5)
"""No reader takes so long over a page of text; a loop without an end, or one that doubles, does."""
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
    "whole rulebook": (as_text(parse_rulebook), shipped_rulebook().encode()),
}
RENDERED: dict[str, tuple[Callable[[str], str], str]] = {
    "note": (lambda text: parse_note(text).render(), NOTE),
    "checkpoint": (lambda text: parse_checkpoint(text).text(), NOTE.split("\n\n")[0] + "\n"),
    "receipt": (lambda text: parse_receipt(text).render(), TEXT),
    "public key": (lambda text: parse_verifier(text).vkey, VKEY),
    "private key": (lambda text: parse_signer(text).private_text, SIGNER.private_text),
}
"""What reads a text and writes it again."""


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
@settings(deadline=TOO_LONG)
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


@pytest.mark.parametrize("name", RENDERED)
@given(data=st.data())
def test_a_text_that_is_read_is_written_back_as_the_same_text(name: str, data: st.DataObject) -> None:
    again, good = RENDERED[name]
    text = data.draw(some(good.encode())).decode("utf-8", "surrogateescape")
    assert again(good) == good
    with suppress(TimebankError):
        assert again(text) == text


@given(some(TEXT.encode()))
def test_the_program_for_auditors_answers_or_refuses(data: bytes) -> None:
    try:
        alone.proved(data.decode("utf-8", "surrogateescape"), VKEY)
    except (alone.Wrong, alone.Unreadable):
        return
    assert data.decode() == TEXT


@given(data=some(REGISTER), encoding=st.sampled_from(["utf-8", "utf-16", "gb18030", "utf-8-sig"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=TOO_LONG)
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
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=TOO_LONG)
def test_workbooks_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "register.xlsx"
    file.write_bytes(data)
    with suppress(TimebankError):
        list(read_table(file))


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=TOO_LONG)
def test_workbooks_whose_parts_were_changed_are_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    # A changed byte of a workbook is mostly found by its checksum: here the parts are changed and packed anew.
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    changed = data.draw(st.sampled_from([name for name in parts if name.startswith("xl/") or "Types" in name]))
    parts[changed] = data.draw(some(parts[changed]))
    parts.pop(data.draw(st.sampled_from(["", "", "", *parts])), None)
    file = tmp_path / "register.xlsx"
    with zipfile.ZipFile(file, "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    with suppress(TimebankError):
        list(read_table(file))


def a_workbook_with(tmp_path: Path, *changes: tuple[bytes, bytes]) -> Path:
    """The register as a workbook, its sheet's XML changed; it does not say how large it is."""
    file = tmp_path / "register.xlsx"
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as packed, zipfile.ZipFile(file, "w") as again:
        for name in packed.namelist():
            part = packed.read(name)
            if name.endswith("sheet1.xml"):
                for old, new in ((b'<dimension ref="A1:D2" />', b""), *changes):
                    assert old in part
                    part = part.replace(old, new, 1)
            again.writestr(name, part)
    return file


@pytest.mark.parametrize("place", ["A1048576", "XFD2", "ZZZ2", "A0", "a1", "", "2A", "A-1", "A99999999999"])
def test_a_cell_in_a_place_that_a_sheet_hardly_has_is_read_or_refused(place: str, tmp_path: Path) -> None:
    with suppress(TimebankError):
        list(read_table(a_workbook_with(tmp_path, (b'r="A2"', f'r="{place}"'.encode()))))


def test_a_row_is_the_last_that_a_sheet_can_have_and_the_next_is_refused_before_hours_pass(tmp_path: Path) -> None:
    last = a_workbook_with(tmp_path, (b'<row r="2"', b'<row r="1048576"'))
    assert [row.number for row in read_table(last)] == [1, 1048576]
    for row in (1048577, 10**11):
        with pytest.raises(TableUnreadable, match="too large"):
            list(read_table(a_workbook_with(tmp_path, (b'<row r="2"', f'<row r="{row}"'.encode()))))


def test_what_a_workbook_says_of_its_own_size_hides_no_row(tmp_path: Path) -> None:
    file = a_workbook_with(tmp_path, (b"<sheetData>", b'<dimension ref="A1" /><sheetData>'))
    assert [len(row.cells) for row in read_table(file)] == [4, 4]


def test_a_workbook_with_an_odd_date_and_without_styles_is_read_without_a_word_of_warning(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["日期"])
    book.active.append([-(10**9)])
    book.active["A2"].number_format = "yyyy-mm-dd"
    made, file = io.BytesIO(), tmp_path / "register.xlsx"
    book.save(made)
    with zipfile.ZipFile(made) as packed, zipfile.ZipFile(file, "w") as again:
        for name in packed.namelist():
            part = packed.read(name)
            again.writestr(name, re.sub(rb"<cellStyles>.*</cellStyles>", b"", part) if "styles" in name else part)
    assert [row.number for row in read_table(file)] == [1, 2]


def test_a_workbook_whose_words_multiply_without_end_is_refused(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    file = a_workbook_with(
        tmp_path,
        (b"<worksheet", f'<!DOCTYPE worksheet [<!ENTITY l0 "ha">{laughs}]><worksheet'.encode()),
        (b"</sheetData>", b'<row r="3"><c r="A3" t="inlineStr"><is><t>&l9;</t></is></c></row></sheetData>'),
    )
    with pytest.raises(TableUnreadable):
        list(read_table(file))
