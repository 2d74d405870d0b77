"""Attackers who hold the key, and the slips of paper that outlive them: what receipts and notes find."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import timebank
from tests.audit.books import ENTRIES, Ledger
from tests.audit.tamper import append, cut, edit_leaf, found, insert_leaf, rebuild, rehash_tree
from tests.audit.test_journal_attacks import other_nonce
from timebank.checking import verify_file
from timebank.ledger.entries import Draft
from timebank.tlog.receipt import parse_receipt

if TYPE_CHECKING:
    from timebank.audit.findings import Finding

LATER = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


def given(path: Path, *receipts: str) -> list[tuple[str, int | None, dict[str, Any]]]:
    findings: tuple[Finding, ...] = verify_file(path, receipts=receipts).findings
    return [(each.code, each.seq, dict(each.facts)) for each in findings]


@pytest.fixture
def keyed(ledger: Ledger, tmp_path: Path) -> Path:
    """A copy of the ledger with its signing key, and without the signer's memory: what a thief has."""
    path = tmp_path / "stolen.timebank"
    shutil.copy(ledger.path, path)
    shutil.copy(f"{ledger.path}.key", f"{path}.key")
    return path


@pytest.fixture
def slip(keyed: Path) -> str:
    """A receipt of entry 605, as the member took it home when the journal had all its entries."""
    with timebank.open(keyed) as bank:
        bank.checkpoint()
        return bank.receipt(605)


def checkpointed(path: Path) -> str:
    with timebank.open(path) as bank:
        return bank.checkpoint()


def rewritten(path: Path, size: int = 600) -> None:
    """History from *size* on is another one."""
    cut(path, size)
    body = {"shop": "night-shop", "org": "yungu", "name": "夜店"}
    append(path, *(Draft(kind="shop", day=LATER.date(), by="admin", body=body),), at=LATER)
    Path(f"{path}.signed").unlink(missing_ok=True)


def test_a_receipt_of_an_untouched_journal_is_no_finding(keyed: Path, slip: str) -> None:
    assert given(keyed, slip) == []
    assert given(keyed, slip, slip) == []


def test_a_tail_cut_off_is_found_by_a_receipt_from_after_the_cut(keyed: Path, slip: str) -> None:
    cut(keyed, 600)
    assert given(keyed) == []
    assert given(keyed, slip) == [
        ("journal-short", None, {"size": ENTRIES, "entries": 600, "source": "receipt #1"})
    ]


def test_an_entry_changed_under_a_receipt_is_found_by_its_number(keyed: Path, slip: str) -> None:
    edit_leaf(keyed, 605, other_nonce)
    assert ("receipt-differs", 605, {"source": "receipt #1"}) in given(keyed, slip)


def test_history_rewritten_and_signed_with_the_stolen_key_is_silent_without_what_was_kept_outside(
    keyed: Path,
) -> None:
    rewritten(keyed)
    checkpointed(keyed)
    assert found(keyed) == set()


def test_history_rewritten_and_signed_with_the_stolen_key_is_found_by_a_note_kept_outside(
    ledger: Ledger, keyed: Path
) -> None:
    rewritten(keyed)
    checkpointed(keyed)
    assert found(keyed, ledger.tip_note) == {("journal-short", None)}


def test_history_rewritten_and_signed_with_the_stolen_key_is_found_by_a_receipt(keyed: Path, slip: str) -> None:
    rewritten(keyed, size=300)
    drafts = [Draft(kind="shop", day=LATER.date(), by="admin", body=_shop(number)) for number in range(400)]
    append(keyed, *drafts, at=LATER)
    codes = {(code, seq) for code, seq, _ in given(keyed, slip)}
    assert ("receipt-differs", 605) in codes
    assert ("root-differs", None) in codes


def _shop(number: int) -> dict[str, str]:
    return {"shop": f"s-{number}", "org": "yungu", "name": "店"}


def test_two_books_shown_to_two_people_are_found_by_laying_their_notes_side_by_side(
    ledger: Ledger, keyed: Path
) -> None:
    """Each book is in order by itself and with its own note; with the other's it is not."""
    rewritten(keyed)
    theirs = checkpointed(keyed)
    assert found(keyed, theirs) == set()
    assert found(ledger.path, ledger.tip_note) == set()
    assert found(ledger.path, theirs) == {("root-differs", None)}
    assert found(keyed, ledger.tip_note) == {("journal-short", None)}


def test_a_whole_history_hashed_again_is_found_by_a_receipt_of_any_age(keyed: Path, slip: str) -> None:
    edit_leaf(keyed, 100, other_nonce)
    rehash_tree(keyed, ENTRIES)
    assert ("root-differs", None) in {(code, seq) for code, seq, _ in given(keyed, slip)}


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text[:-2],
        lambda text: text.replace("index 605", "index 604"),
        lambda text: text.replace("extra ", "extra A"),
        lambda text: text.replace("\n\n", "\n", 1),
    ],
)
def test_a_receipt_that_proves_nothing_is_found(keyed: Path, slip: str, change: Any) -> None:
    (only,) = given(keyed, change(slip))
    assert only[0] == "receipt-bad"
    assert only[2]["source"] == "receipt #1"


def test_a_receipt_signed_by_another_key_is_found(keyed: Path, slip: str) -> None:
    receipt = parse_receipt(slip)
    lines = receipt.note.splitlines(keepends=True)
    forged = slip.replace(lines[-1], lines[-1][:-10] + ("A" * 9) + "\n")
    codes = {code for code, _, _ in given(keyed, forged)}
    assert codes <= {"signature-wrong", "receipt-bad"}
    assert codes


def test_a_receipt_of_another_book_is_found(keyed: Path, tmp_path: Path) -> None:
    with timebank.create(tmp_path / "other.timebank", origin="other.example/timebank") as bank:
        text = bank.receipt(2)
    codes = {code for code, _, _ in given(keyed, text)}
    assert {"origin-differs", "receipt-differs", "signature-wrong"} <= codes


def test_silent_to_older_receipts_an_entry_put_in_by_raw_sql(ledger: Ledger, keyed: Path, slip: str) -> None:
    members = {**ledger.members(ledger.find("price")), "nonce": "A" * 22}
    members |= {"at": "2026-03-01T04:00:00Z", "day": "2026-03-01"}
    members["body"] = {**members["body"], "from": "2026-03-01", "points": 1}
    seq = insert_leaf(keyed, members)
    rebuild(keyed)
    assert seq == ENTRIES
    assert given(keyed, slip) == []
