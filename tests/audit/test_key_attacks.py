"""Attacks with keys, with epochs, and with notes of a tail that is lost: what verify says to each."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

import timebank
from tests.audit.books import backup
from tests.audit.everything import ORIGIN
from tests.audit.forging import Forger
from tests.audit.tamper import edit_leaf, run
from timebank.bank import Bank
from timebank.checking import verify_file
from timebank.safekeeping.restore import NewEpoch, Restored, restore
from timebank.storage.keys import KeyFile
from timebank.tlog.checkpoint import Checkpoint, Signer, generate_key, read_unverified, sign_checkpoint
from timebank.tlog.merkle import root

TWO = {"by": "admin", "approved_by": "sup-1"}
APPROVED = {"by": "admin", "ok": "sup-1"}


def said(path: Path, *notes: str) -> tuple[list[tuple[str, int | None]], list[tuple[str, int | None]]]:
    """Findings and notices: codes and entries."""
    found = verify_file(path, checkpoints=notes)
    return [(each.code, each.seq) for each in found.findings], [(each.code, each.seq) for each in found.notices]


def key(number: int, name: str = ORIGIN) -> Signer:
    return generate_key(name, lambda count: bytes([number]) * count)


# --- Entries that no command would write -------------------------------------------------------------------


def in_force(forger: Forger) -> str:
    return str(forger.leaves[forger.seqs["key"]]["body"]["vkey"])


def test_a_key_that_follows_is_in_order(forger: Forger) -> None:
    body = {"vkey": key(1).vkey, "previous": in_force(forger)}
    assert forger.forge("key", body, **APPROVED) == []


@pytest.mark.parametrize(
    ("change", "members", "codes"),
    [
        ({}, {"ok": None}, [("not-allowed", "None")]),
        ({}, {"by": "clerk-1"}, [("not-allowed", "clerk-1")]),
        ({}, {"ok": "clerk-1"}, [("not-allowed", "clerk-1")]),
        ({"previous": None}, {}, [("entry-wrong", "key: the one before is another")]),
        ({"previous": key(2).vkey}, {}, [("entry-wrong", "key: the one before is another")]),
        ({"vkey": key(1, "other.example/a").vkey}, {}, [("entry-wrong", "key: of another name")]),
        ({"vkey": f"{ORIGIN}+x"}, {}, [("entry-wrong", "key: vkey")]),
        ({"vkey": None}, {}, [("entry-wrong", "key: KeyError 'vkey'")]),
        ({}, {"move": [["X:AWARDED:YUNGU", "L:POOL:YUNGU", "PTS", 5]]}, [("entry-wrong", "key: moves value")]),
    ],
)
def test_a_key_that_comes_in_another_way_is_found(
    forger: Forger, change: dict[str, Any], members: dict[str, Any], codes: list[tuple[str, str]]
) -> None:
    body = {"vkey": key(1).vkey, "previous": in_force(forger), **change}
    body = {name: value for name, value in body.items() if value is not None}
    assert forger.forge("key", body, **{**APPROVED, **members}) == codes


def test_a_key_that_comes_back_is_found(forger: Forger) -> None:
    first = forger.leaves[0]["body"]["vkey"]
    found = forger.forge("key", {"vkey": first, "previous": in_force(forger)}, **APPROVED)
    assert found == [("entry-wrong", "key: it has signed before")]


def lines(size: int, signer: Signer, origin: str = ORIGIN) -> list[str]:
    return sign_checkpoint(Checkpoint(origin, size, b"l" * 32), signer).split("\n")[:-1]


NOT_SIGNED = [("epoch-wrong", "no signature of the key in force")]
NO_NOTE = [("epoch-wrong", "a note is a text, an empty line, and lines of signatures")]


@pytest.mark.parametrize(
    ("change", "members", "codes"),
    [
        ({}, {}, []),
        ({}, {"ok": None}, [("not-allowed", "None")]),
        ({}, {"by": "sup-2"}, [("not-allowed", "sup-2")]),
        ({"epoch": 1}, {}, [("entry-wrong", "epoch: not after the one before")]),
        ({"epoch": 3}, {}, [("entry-wrong", "epoch: not after the one before")]),
        ({"reason": "Disk broken"}, {}, [("entry-wrong", "epoch: no reason")]),
        ({"note": []}, {}, [("entry-wrong", "epoch: IndexError list index out of range")]),
        ({"note": lines(9_000, key(2))}, {}, NOT_SIGNED),
        ({"note": lines(9_000, key(1, "other.example/a"), "other.example/a")}, {}, NOT_SIGNED),
        ({"note": lines(9_000, key(1))[:-1]}, {}, NO_NOTE),
    ],
)
def test_an_epoch_that_is_opened_in_another_way_is_found(
    everything: tuple[Path, Any],
    forger: Forger,
    change: dict[str, Any],
    members: dict[str, Any],
    codes: list[tuple[str, str]],
) -> None:
    note = lines(9_000, KeyFile(everything[0]).load())
    body = {"epoch": 2, "reason": "disk-broken", "note": note, **change}
    assert forger.forge("epoch", body, **{**APPROVED, **members}) == codes


def test_an_epoch_for_nothing_is_found(everything: tuple[Path, Any], forger: Forger) -> None:
    body = {"epoch": 2, "reason": "r", "note": lines(len(forger.leaves), KeyFile(everything[0]).load())}
    assert forger.forge("epoch", body, **APPROVED) == [("entry-wrong", "epoch: nothing was lost")]


# --- Notes under keys that are not in force ----------------------------------------------------------------


@frozen
class Book:
    """A small book with a rotation at entry 6: notes before and after it, and both keys."""

    path: Path
    old: Signer
    new: Signer
    notes: tuple[str, ...]

    def note(self, size: int, signer: Signer) -> str:
        """A note of *size* entries with their true root, by *signer*."""
        with timebank.open(self.path, readonly=True) as bank, bank.journal.reading() as books:
            return sign_checkpoint(Checkpoint(bank.origin, size, root(books, size)), signer)


def founded(path: Path) -> Bank:
    bank = Bank.create(path, origin=ORIGIN)
    bank.organisations.add("yungu", name="云谷", level="community", by="admin")
    bank.organisations.appoint("sup-1", org="yungu", role="supervisor", by="admin")
    return bank


def grow(bank: Bank, *names: str) -> None:
    for name in names:
        bank.organisations.add(name, name="网格", level="grid", parent="yungu", by="admin")


@pytest.fixture
def book(tmp_path: Path) -> Book:
    path = tmp_path / "book.timebank"
    with founded(path) as bank:
        before = bank.checkpoint()
        old = KeyFile(path).load()
        assert bank.rotate_key(**TWO).seq == 6
        at = bank.checkpoint()
        grow(bank, "east", "west")
        return Book(path, old, KeyFile(path).load(), (before, at, bank.checkpoint()))


def test_notes_by_the_keys_in_force_are_in_order(book: Book) -> None:
    assert said(book.path, *book.notes) == ([], [])
    assert [read_unverified(note).size for note in book.notes] == [6, 7, 9]


@pytest.mark.parametrize("size", range(1, 10))
def test_the_entry_that_brings_a_key_is_the_first_that_it_covers(book: Book, size: int) -> None:
    by_old, by_new = said(book.path, book.note(size, book.old)), said(book.path, book.note(size, book.new))
    assert by_old == ([("key-replaced", 6)] if size > 6 else [], [])
    assert by_new == ([] if size > 6 else [("signature-wrong", None)], [])


def test_a_note_by_nobody_s_key_is_found(book: Book) -> None:
    for size in (3, 6, 7, 9):
        assert said(book.path, book.note(size, key(9))) == ([("signature-wrong", None)], [])


def test_who_stole_the_old_key_cannot_sign_another_history_unseen(book: Book) -> None:
    fork = sign_checkpoint(Checkpoint(ORIGIN, 8, b"f" * 32), book.old)
    assert said(book.path, fork) == ([("root-differs", None), ("key-replaced", 6)], [])


# --- A lost tail -------------------------------------------------------------------------------------------


@frozen
class Loss:
    """A book that went on from a copy of 6 entries after 10 were signed, and what is known of the lost ones."""

    path: Path
    lost_path: Path
    lost: dict[int, str]
    receipts: tuple[str, str]
    restored: Restored
    key: Signer


@pytest.fixture
def loss(tmp_path: Path) -> Loss:
    path, copy, lost_path = (tmp_path / f"{name}.timebank" for name in ("book", "copy", "lost"))
    with founded(path) as bank:
        notes = {6: bank.checkpoint()}
        backup(path, copy)
        for name in ("east", "west", "north", "south"):
            grow(bank, name)
            note = bank.checkpoint()
            notes[read_unverified(note).size] = note
        receipts = bank.receipt(5), bank.receipt(6)
    path.rename(lost_path)
    restored = restore(copy, path, notes={}, epoch=NewEpoch("disk-broken", **TWO))
    return Loss(path, lost_path, notes, receipts, restored, KeyFile(path).load())


def test_the_epoch_stands_where_the_lost_entries_begin(loss: Loss) -> None:
    assert loss.restored.epoch is not None
    assert (loss.restored.entries, loss.restored.epoch.seq) == (7, 6)
    assert said(loss.path) == ([], [("epoch-opened", 6)])


@pytest.mark.parametrize("more", [0, 2, 9])
def test_a_note_of_the_lost_tail_is_no_finding_however_long_the_book_is_by_now(loss: Loss, more: int) -> None:
    with timebank.open(loss.path) as bank:
        grow(bank, *(f"g-{number}" for number in range(more)))
        newest = bank.checkpoint()
    assert said(loss.path, newest, loss.lost[6]) == ([], [("epoch-opened", 6)])
    for size in (7, 8, 9, 10):
        assert said(loss.path, loss.lost[size]) == ([], [("epoch-opened", 6), ("lost-tail", 6)])


@pytest.mark.parametrize(
    ("size", "signer", "codes"),
    [
        (5, None, ["root-differs"]),
        (6, None, ["root-differs"]),
        (10, None, ["journal-short"]),
        (11, None, ["journal-short"]),
        (8, key(9), ["journal-short", "signature-wrong"]),
    ],
)
def test_what_the_epoch_does_not_declare_is_found(
    loss: Loss, size: int, signer: Signer | None, codes: list[str]
) -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, size, b"f" * 32), signer or loss.key)
    findings, notices = said(loss.path, note)
    assert ([code for code, _ in findings], notices) == (codes, [("epoch-opened", 6)])


@pytest.mark.parametrize(("more", "code"), [(0, "root-differs"), (3, "root-differs"), (4, "journal-short")])
def test_the_lost_file_found_again_is_not_the_book_any_more(loss: Loss, more: int, code: str) -> None:
    with timebank.open(loss.path) as bank:
        grow(bank, *(f"g-{number}" for number in range(more)))
        newest = bank.checkpoint()
    assert said(loss.lost_path, newest) == ([(code, None)], [])


def test_a_stored_note_is_not_excused_by_an_epoch(loss: Loss) -> None:
    with timebank.open(loss.path) as bank:
        grow(bank, *(f"g-{number}" for number in range(5)))
        bank.checkpoint()
    shutil.copy(loss.path, f"{loss.path}.copy")
    run(Path(f"{loss.path}.copy"), f"INSERT INTO checkpoint VALUES (9, '{loss.lost[9]}')")
    findings, _ = said(Path(f"{loss.path}.copy"))
    assert findings == [("root-differs", None)]


def test_receipts_of_lost_entries_are_no_finding_and_those_of_kept_ones_still_prove_them(loss: Loss) -> None:
    kept, lost = loss.receipts
    found = verify_file(loss.path, receipts=[kept, lost])
    assert found.findings == ()
    assert [each.code for each in found.notices] == ["epoch-opened", "lost-tail", "lost-tail"]
    edit_leaf(loss.path, 5, lambda members: members.update(nonce="A" * 22))
    codes = [each.code for each in verify_file(loss.path, receipts=[kept, lost]).findings]
    assert codes.count("receipt-differs") == 1
