"""A backup copy, brought in in place of a ledger that is lost.

A copy that lacks entries which were signed is not put in place, unless the book itself says from now on which of
them are lost: the first thing that is written is the entry that opens a new epoch.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from timebank.bank import open_bank, utc_now
from timebank.checking import verify_file
from timebank.errors import CopyDamaged, CopyTooOld, ExtraMissing, KeyMissing, KeyNotInForce, NothingLost
from timebank.storage import sqlite_file
from timebank.storage.keys import KeyFile
from timebank.tlog.checkpoint import read_unverified

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from timebank.bank import Bank
    from timebank.errors import TimebankError
    from timebank.ledger.journal import Posted
    from timebank.tlog.checkpoint import Checkpoint


@frozen
class NewEpoch:
    """What stands under a new epoch: a short *reason*, who declares it, and who approves."""

    reason: str
    by: str
    approved_by: str


@frozen
class Restored:
    """What was put in place: so many *entries*, the entry that opened an epoch, and the note that was signed.

    *unsigned* is why there is no note.
    """

    entries: int
    epoch: Posted | None = None
    note: str | None = None
    unsigned: TimebankError | None = None


def restore(
    copy: Path,
    target: Path,
    *,
    notes: Mapping[str, str],
    epoch: NewEpoch | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Restored:
    """Put the ledger *copy* at *target*, where there is none, verified whole; *notes* are known, by their source.

    What was signed last beside *target* counts among *notes*. Raises CopyTooOld for a copy that lacks signed
    entries unless *epoch* declares them lost, NothingLost if it lacks none and an epoch is asked for, CopyDamaged
    for one with findings, FileExists, FileMissing, NotALedger, and what Keys.open_epoch raises. A refusal or a
    crash leaves nothing at *target*.
    """
    sqlite_file.check_file(copy)
    last = KeyFile(target).last_note()
    known = {**notes, **({str(KeyFile(target).signed_path): last} if last is not None else {})}
    with sqlite_file.new_file(target) as unfinished:
        _back_up(copy, unfinished)
        entries, lost = _verified(copy, unfinished, known)
        if lost is not None and epoch is None:
            raise CopyTooOld(str(copy), entries, lost[1].size, lost[0])
        if lost is None and epoch is not None:
            sizes = [read_unverified(note).size for note in known.values()]
            raise NothingLost(max(sizes, default=0), entries)
        with open_bank(unfinished, clock=clock) as bank:  # brings an older file up to date, too
            opened = None
            if lost is not None and epoch is not None:
                who = {"by": epoch.by, "approved_by": epoch.approved_by}
                opened = bank.keys.open_epoch(known[lost[0]], reason=epoch.reason, **who)
    if opened is None:
        return Restored(entries)
    with open_bank(target, clock=clock) as bank:
        return _signed(bank, Restored(opened.seq + 1, opened))


def _back_up(copy: Path, target: Path) -> None:
    """Copy the database page by page through SQLite, whatever lies in its write-ahead log."""
    with (
        sqlite_file.translated(str(copy)),
        closing(sqlite_file.connect(copy, readonly=True, busy_seconds=5.0)) as source,
        closing(sqlite3.connect(target)) as made,
    ):
        source.backup(made)


def _verified(copy: Path, unfinished: Path, known: Mapping[str, str]) -> tuple[int, tuple[str, Checkpoint] | None]:
    """How many entries there are, and the newest of the *known* notes that covers more, with its source."""
    sources = list(known)
    found = verify_file(unfinished, checkpoints=list(known.values()))
    wrong = [each for each in found.findings if each.code != "journal-short"]
    if wrong:
        raise CopyDamaged(str(copy), len(wrong), wrong[0].message())
    short = [sources[int(str(each.facts["source"]).removeprefix("#")) - 1] for each in found.findings]
    lost = [(source, read_unverified(known[source])) for source in short]
    return found.entries, max(lost, key=lambda each: each[1].size, default=None)


def _signed(bank: Bank, restored: Restored) -> Restored:
    """*restored*, with the first note of the new epoch if the key is here."""
    try:
        return evolve(restored, note=bank.checkpoint())
    except (KeyMissing, KeyNotInForce, ExtraMissing) as error:
        return evolve(restored, unsigned=error)
