"""The books as tables and as tiles: `export csv`, `export xlsx`, `export sqlite`, `export tiles`."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from timebank.audit.flat.database import write_sqlite
from timebank.audit.flat.files import write_csv, write_workbook
from timebank.audit.flat.places import new_directory, new_file
from timebank.audit.flat.source import Source, source_of
from timebank.audit.tiles import write_tiles
from timebank.cli.commands import AS_JSON, FILE, argument, command, reading, writing
from timebank.cli.exporting import export
from timebank.cli.language import language, say
from timebank.cli.output import put, put_json, wants_json
from timebank.errors import CannotOpen, CannotWrite, ExtraMissing, FileExists, KeyMissing
from timebank.tlog.checkpoint import read_unverified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.errors import TimebankError

__all__ = ["export"]


@contextmanager
def _source(file: str) -> Iterator[Source]:
    """One view of the books of *file*, for as long as the export takes."""
    with reading(file) as bank, bank.journal.reading() as books:
        yield source_of(books, file)


def _put_written(path: str, entries: int, root: bytes) -> None:
    if wants_json():
        put_json({"path": path, "entries": entries, "root": root.hex()})
    else:
        put(say("cli", "export-written", path=path, entries=entries, root=root.hex()))


@command("csv", into=export)
@FILE
@argument("directory")
@AS_JSON
def export_csv(file: str, directory: str) -> None:
    """Write the books as CSV files."""
    with _source(file) as source, new_directory(Path(directory)) as place:
        write_csv(source, place, language())
    _put_written(directory, source.size, source.root)


@command("xlsx", into=export)
@FILE
@argument("out")
@AS_JSON
def export_xlsx(file: str, out: str) -> None:
    """Write the books as a workbook."""
    with _source(file) as source, new_file(Path(out)) as place:
        write_workbook(source, place, language())
    _put_written(out, source.size, source.root)


@command("sqlite", into=export)
@FILE
@argument("out")
@AS_JSON
def export_sqlite(file: str, out: str) -> None:
    """Write the books as a flat SQLite file."""
    for side in ("-wal", "-shm", "-journal"):
        # SQLite would read what an older file of this name has left behind as the new file's own.
        if Path(out + side).exists():
            raise FileExists(out + side)
    with _source(file) as source, new_file(Path(out)) as place:
        write_sqlite(source, place, language())
    _put_written(out, source.size, source.root)


@command("tiles", into=export)
@FILE
@argument("directory")
@AS_JSON
def export_tiles(file: str, directory: str) -> None:
    """Write the journal as tiles."""
    with new_directory(Path(directory)) as place:
        unsigned = _sign(file)
        with reading(file) as bank, bank.journal.reading() as books:
            last, size = books.last_note(), books.size()
            if last is None:
                raise unsigned or KeyMissing(f"{file}.key")
            write_tiles(books, last.note, place, path=file)
    checkpoint = read_unverified(last.note)
    _put_written(directory, checkpoint.size, checkpoint.root)
    if checkpoint.size < size and not wants_json():
        put(say("cli", "export-short", entries=checkpoint.size, size=size))


def _sign(file: str) -> TimebankError | None:
    """Have the last checkpoint cover the whole journal; why that cannot be, where there is no key or no way to it.

    Nothing is signed, nor the file opened for writing, where the last checkpoint covers all of it anyway.
    """
    with reading(file) as bank, bank.journal.reading() as books:
        last = books.last_note()
        if last is not None and last.size == books.size():
            return None
    try:
        with writing(file) as bank:
            bank.checkpoint()
    except (KeyMissing, CannotOpen, CannotWrite, ExtraMissing) as error:
        return error
    return None
