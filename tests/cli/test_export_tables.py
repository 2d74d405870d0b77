"""`timebank export csv`, `xlsx`, `sqlite` and `tiles`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

import timebank
from tests.audit.flat_books import leaves_again, rows_of
from tests.audit.tile_reader import Reader, tree_hash
from tests.cli.conftest import Shell
from timebank.tlog.checkpoint import open_checkpoint, parse_verifier, read_unverified

COMMANDS = ("csv", "xlsx", "sqlite", "tiles")


def root_of(shell: Shell) -> str:
    return str(shell.json("verify", "FILE")["root"])


def left_in(place: Path) -> list[str]:
    return sorted(each.name for each in place.iterdir() if not each.name.endswith(("-wal", "-shm", ".signed")))


@pytest.mark.parametrize("command", COMMANDS)
def test_an_export_says_what_it_wrote(both: Shell, tmp_path: Path, command: str) -> None:
    out = str(tmp_path / "out")
    root = root_of(both)
    line = both.out("export", command, "FILE", out)
    assert out in line
    assert "20 entries" in line or "20 条" in line
    assert root in line
    again = str(tmp_path / "again")
    assert both.json("export", command, "FILE", again) == {"path": again, "entries": 20, "root": root}


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_there_is_never_overwritten(shell: Shell, tmp_path: Path, command: str) -> None:
    for name in ("file", "empty", "full"):
        place = tmp_path / name
        if name == "file":
            place.write_text("mine")
        else:
            place.mkdir()
    (tmp_path / "full" / "a").write_text("mine")
    before = left_in(tmp_path)
    for place in (tmp_path / "file", tmp_path / "empty", tmp_path / "full", shell.file):
        assert "[file-exists]" in shell.error("export", command, "FILE", str(place), code=2)
    assert left_in(tmp_path) == before
    assert (tmp_path / "file").read_text() == (tmp_path / "full" / "a").read_text() == "mine"
    assert list((tmp_path / "empty").iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_what_cannot_be_written_or_read_is_refused_and_leaves_nothing(
    shell: Shell, tmp_path: Path, command: str
) -> None:
    before = left_in(tmp_path)
    for out in (tmp_path / "no" / "out", shell.file / "out"):
        assert "[cannot-write]" in shell.error("export", command, "FILE", str(out), code=2)
    missing = shell.error("export", command, str(tmp_path / "none"), str(tmp_path / "out"), code=2)
    assert "[file-missing]" in missing
    (tmp_path / "text").write_text("no ledger")
    wrong = shell.error("export", command, str(tmp_path / "text"), str(tmp_path / "out"), code=2)
    assert "[not-a-ledger]" in wrong
    (tmp_path / "text").unlink()
    assert left_in(tmp_path) == before


@pytest.mark.parametrize("command", COMMANDS)
def test_an_edited_entry_is_refused_and_leaves_nothing(shell: Shell, tmp_path: Path, command: str) -> None:
    with closing(sqlite3.connect(shell.file, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER entry_is_not_updated")
        edited = "CAST(replace(CAST(leaf AS TEXT), 'grid-7', 'grid-8') AS BLOB)"
        connection.execute(f"UPDATE entry SET leaf = {edited} WHERE seq = 10")
    before = left_in(tmp_path)
    assert "[file-damaged]" in shell.error("export", command, "FILE", str(tmp_path / "out"), code=4)
    assert left_in(tmp_path) == before


@pytest.mark.parametrize("command", ["csv", "xlsx", "sqlite"])
def test_a_name_that_is_no_text_is_refused(shell: Shell, tmp_path: Path, command: str) -> None:
    with closing(sqlite3.connect(shell.file, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER shop_is_not_updated")
        connection.execute("UPDATE shop SET name = CAST(x'EDA080' AS TEXT)")  # half of a surrogate pair
    before = left_in(tmp_path)
    assert "[file-damaged]" in shell.error("export", command, "FILE", str(tmp_path / "out"), code=4)
    assert left_in(tmp_path) == before


def test_the_files_of_a_day_lead_to_its_root(shell: Shell, tmp_path: Path) -> None:
    shell.out("export", "csv", "FILE", str(tmp_path / "out"))
    leaves = leaves_again(rows_of(tmp_path / "out/entries.csv"), rows_of(tmp_path / "out/transfers.csv"))
    assert tree_hash([sha256(b"\x00" + leaf).digest() for leaf in leaves]).hex() == root_of(shell)
    readme = (tmp_path / "out/README.txt").read_text(encoding="utf-8-sig")
    assert root_of(shell) in readme
    assert "Asia/Shanghai" in readme


def test_without_the_extra_a_workbook_is_refused_and_csv_files_are_not(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    assert "timebank[excel]" in shell.error("export", "xlsx", "FILE", str(tmp_path / "a.xlsx"), code=2)
    assert not (tmp_path / "a.xlsx").exists()
    shell.out("export", "csv", "FILE", str(tmp_path / "out"))


@pytest.mark.parametrize("side", ["-wal", "-shm", "-journal"])
def test_a_flat_file_is_not_put_where_sqlite_would_mix_it_with_another(
    shell: Shell, tmp_path: Path, side: str
) -> None:
    (tmp_path / f"a.db{side}").write_text("of an older file")
    assert "[file-exists]" in shell.error("export", "sqlite", "FILE", str(tmp_path / "a.db"), code=2)
    assert not (tmp_path / "a.db").exists()


# --- tiles, and the checkpoint in them


def tiles_of(place: Path) -> tuple[str, list[bytes]]:
    files = {file.relative_to(place).as_posix(): file.read_bytes() for file in place.rglob("*") if file.is_file()}
    note = files.pop("checkpoint").decode()
    return note, Reader(files, read_unverified(note).size).entries()


def test_the_tiles_hold_every_entry_under_a_checkpoint_that_is_signed(shell: Shell, tmp_path: Path) -> None:
    shell.out("export", "tiles", "FILE", str(tmp_path / "out"))
    note, entries = tiles_of(tmp_path / "out")
    with timebank.open(shell.file, readonly=True) as bank:
        verifier = parse_verifier(bank.journal.entry(0).body["vkey"])
        with bank.journal.reading() as books:
            assert entries == [leaf for _, leaf in books.leaves()]
    checkpoint = open_checkpoint(note, verifier)
    assert checkpoint.root == tree_hash([sha256(b"\x00" + leaf).digest() for leaf in entries])
    assert shell.out("checkpoint", "FILE") == note, "the note is kept, like every other"


def test_a_kept_checkpoint_of_all_entries_is_used_as_it_is_and_needs_no_key(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = shell.out("checkpoint", "FILE")
    monkeypatch.setattr("timebank.cli.export_tables.writing", None)
    Path(f"{shell.file}.key").unlink()
    assert "20 entries" in shell.out("export", "tiles", "FILE", str(tmp_path / "out"))
    assert tiles_of(tmp_path / "out")[0] == note


def test_without_the_key_the_tiles_end_with_the_last_checkpoint(both: Shell, tmp_path: Path) -> None:
    note = both.out("checkpoint", "FILE")
    both.run("enrol", "FILE", "--org", "yungu", "--card", "0099", "--by", "grid-7")
    Path(f"{both.file}.key").unlink()
    lines = both.out("export", "tiles", "FILE", str(tmp_path / "out")).splitlines()
    assert len(lines) == 2
    assert "20" in lines[1]
    assert "22" in lines[1] or "21" in lines[1]
    kept, entries = tiles_of(tmp_path / "out")
    assert kept == note
    assert len(entries) == 20


def test_without_key_and_checkpoint_there_are_no_tiles(shell: Shell, tmp_path: Path) -> None:
    Path(f"{shell.file}.key").unlink()
    assert "[key-missing]" in shell.error("export", "tiles", "FILE", str(tmp_path / "out"), code=2)
    assert not (tmp_path / "out").exists()


def test_a_kept_checkpoint_of_another_journal_is_refused(shell: Shell, tmp_path: Path) -> None:
    note = shell.out("checkpoint", "FILE").replace("\n20\n", "\n19\n")
    with closing(sqlite3.connect(shell.file, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER IF EXISTS checkpoint_is_not_updated")
        connection.execute("UPDATE checkpoint SET note = ?", (note,))
    Path(f"{shell.file}.key").unlink()
    assert "[file-damaged]" in shell.error("export", "tiles", "FILE", str(tmp_path / "out"), code=4)
    assert not (tmp_path / "out").exists()
