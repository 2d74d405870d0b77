"""Verify from a checkpoint on: clean on a longer journal, and as sharp as its page says on what came after it."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import timebank
from tests.audit.books import CHECKPOINTS, ENTRIES, Ledger, build
from tests.audit.forging import Forger
from tests.audit.tamper import append, cut, edit_leaf, insert_leaf, raw, rebuild, run, tampering, write_leaf
from timebank.audit.findings import Verification
from timebank.checking import verify_file
from timebank.errors import BadNote
from timebank.ledger.entries import Draft
from timebank.ledger.transfers import Transfer
from timebank.storage.sqlite_evidence import SqliteEvidence
from timebank.tlog import canonical
from timebank.tlog.checkpoint import Checkpoint, Note, Signature
from timebank.tlog.merkle import leaf_hash, root_of

if TYPE_CHECKING:
    from collections.abc import Iterator

LATER = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
FROM = CHECKPOINTS[2]
CLERK: dict[str, Any] = {"by": "clerk-1", "ok": "sup-1"}


def since(path: Path, note: str, **outside: Any) -> set[tuple[str, int | None]]:
    return {(one.code, one.seq) for one in verify_file(path, since=note, **outside).findings}


def note_at(path: Path, size: int) -> str:
    """A checkpoint of *size* entries, under a signature of somebody whom the book does not know."""
    with raw(path) as connection:
        leaves = connection.execute("SELECT leaf FROM entry WHERE seq < ? ORDER BY seq", (size,)).fetchall()
    root = root_of([leaf_hash(leaf) for (leaf,) in leaves])
    text = Checkpoint("yungu.example/timebank", size, root).text()
    return Note(text, (Signature("somebody", b"abcd", b"x" * 64),)).render()


def never_signed(found: set[tuple[str, int | None]]) -> set[tuple[str, int | None]]:
    """*found* without what is said of such a signature."""
    assert ("signature-wrong", None) in found
    return found - {("signature-wrong", None)}


# --- A clean journal ---------------------------------------------------------------------------------------


def test_nothing_is_found_from_any_checkpoint_on(ledger: Ledger, path: Path) -> None:
    whole = verify_file(path)
    for note, size in zip((*ledger.notes, ledger.tip_note), (*CHECKPOINTS, ENTRIES), strict=True):
        assert verify_file(path, since=note) == Verification(whole.entries, whole.root, (), since=size)


@pytest.fixture(scope="session")
def original(ledger: Ledger) -> Path:
    """The file that nobody changes."""
    return ledger.path


@given(size=st.integers(0, ENTRIES))
def test_nothing_is_found_from_any_size_on(original: Path, size: int) -> None:
    assert never_signed(since(original, note_at(original, size))) == set()


def test_nothing_is_found_in_a_programme_of_every_kind_of_entry(forger: Forger) -> None:
    with timebank.open(forger.path) as bank:
        origin, entries = bank.origin, bank.report().entries
    whole = verify_file(forger.path).root
    for size in (1, 100, entries - 60, entries - 1, entries):
        note = note_at(forger.path, size).replace("yungu.example/timebank", origin)
        found = verify_file(forger.path, since=note)
        assert {one.code for one in found.findings} == {"signature-wrong"}
        assert found.root == whole


def test_other_notes_and_receipts_are_held_against_it_too(ledger: Ledger, path: Path) -> None:
    shutil.copy(f"{ledger.path}.key", f"{path}.key")
    with timebank.open(path) as bank:
        bank.checkpoint()
        receipts = [bank.receipt(seq) for seq in (3, 300, 630)]
    notes = [*ledger.notes, ledger.tip_note]
    assert since(path, ledger.notes[1], checkpoints=notes, receipts=receipts) == set()
    edit_leaf(path, 630, lambda members: members.update(nonce="A" * 22))
    found = since(path, ledger.notes[1], checkpoints=[ledger.tip_note], receipts=receipts)
    assert found == {("root-differs", None), ("receipt-differs", 630)}


def test_a_note_that_is_none_is_an_error(path: Path) -> None:
    with pytest.raises(BadNote):
        verify_file(path, since="a text")


def test_only_what_came_after_is_read(ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 520 old leaves, the first and the last, and those answered later; of accounts none by itself."""
    read, leaf, rows = set(), SqliteEvidence.leaf, SqliteEvidence.rows

    def noted(evidence: SqliteEvidence, seq: int) -> bytes | None:
        read.add(seq)
        return leaf(evidence, seq)

    def rows_of_others(
        evidence: SqliteEvidence, table: str, columns: tuple[str, ...]
    ) -> Iterator[tuple[Any, ...]]:
        assert table != "account"
        return rows(evidence, table, columns)

    monkeypatch.setattr(SqliteEvidence, "leaf", noted)
    monkeypatch.setattr(SqliteEvidence, "rows", rows_of_others)
    for name in ("entries", "transfers", "balance_before"):
        monkeypatch.setattr(SqliteEvidence, name, None)
    assert since(path, ledger.notes[1]) == set()
    assert read == {0, 519}


# --- Accounts that moved -----------------------------------------------------------------------------------

RAW = [
    ("UPDATE entry SET hash = zeroblob(32) WHERE seq = 630", "leaf-edited"),
    ("UPDATE entry SET key = 'another' WHERE seq = 630", "column-differs"),
    ("UPDATE entry SET kind = 'gift' WHERE seq = 630", "column-differs"),
    ("DELETE FROM entry WHERE seq = 630", "sequence-gap"),
    ("UPDATE entry SET seq = 700 WHERE seq = 639", "sequence-gap"),
    ("UPDATE transfer SET amount = amount + 1 WHERE seq = 639", "transfer-differs"),
    ("UPDATE transfer SET day = day - 1 WHERE seq = 639", "transfer-differs"),
    ("UPDATE transfer SET debit_after = debit_after + 1 WHERE seq = 639", "transfer-differs"),
    ("DELETE FROM transfer WHERE seq = 639", "transfer-missing"),
    ("UPDATE transfer SET seq = 700 WHERE seq = 639", "transfer-extra"),
    (
        "UPDATE account SET balance = balance + 1 WHERE id = (SELECT debit FROM transfer WHERE seq = 639)",
        "balance-differs",
    ),
    ("UPDATE account SET balance = balance + 1 WHERE id = (SELECT min(id) FROM account)", "unit-unbalanced"),
    ("INSERT INTO resolution VALUES (5, 639)", "resolution-differs"),
    ("INSERT INTO subtree VALUES (1, 2, zeroblob(32))", "subtree-differs"),
    ("INSERT INTO checkpoint VALUES (639, 'a text')", "note-bad"),
    ("UPDATE checkpoint SET size = 611 WHERE size = 610", "note-bad"),
]
OF_ACCOUNTS = [
    "UPDATE transfer SET debit = (SELECT max(id) FROM account) WHERE seq = 639",
    "UPDATE transfer SET debit = 10000 WHERE seq = 639",
    "UPDATE transfer SET debit_after = 10000 WHERE seq < 520",
    "UPDATE transfer SET seq = 700 WHERE seq = (SELECT max(seq) FROM transfer WHERE seq < 520)",
    "UPDATE account SET balance = balance + 3",
    "UPDATE account SET balance = 0 WHERE id = (SELECT debit FROM transfer WHERE seq = 639)",
    "UPDATE account SET code = code || 'X' WHERE id = (SELECT debit FROM transfer WHERE seq = 639)",
    "UPDATE account SET unit = unit || 'X' WHERE id = (SELECT debit FROM transfer WHERE seq = 639)",
    "DELETE FROM account WHERE id = (SELECT debit FROM transfer WHERE seq = 639)",
    "DELETE FROM transfer WHERE seq >= 520",
    "DELETE FROM transfer WHERE seq > 100",
]


@pytest.mark.parametrize("statement", [statement for statement, _ in RAW] + OF_ACCOUNTS)
def test_accounts_asked_for_at_once_are_those_asked_for_one_by_one(
    ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    run(path, statement)
    at_once = verify_file(path, since=ledger.notes[1])
    monkeypatch.setattr(SqliteEvidence, "moved_from", lambda *_: iter(()))
    assert at_once == verify_file(path, since=ledger.notes[1])
    assert at_once.findings


@pytest.mark.parametrize("number", [-1, 10_000])
def test_a_second_account_of_the_same_name_hides_nothing(ledger: Ledger, path: Path, number: int) -> None:
    """The newest transfer moves the second, which holds what the first lacks; no index knows of it."""
    index = "sqlite_autoindex_account_1"
    with tampering(path) as connection:
        sql, root = (
            connection.execute(f"SELECT {what} FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]
            for what, name in (("sql", "account"), ("rootpage", index))
        )
        last = connection.execute("SELECT max(seq) FROM transfer").fetchone()[0]
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = ?", (index,))
        once = sql.replace("UNIQUE (code, unit),", "")
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'account'", (once,))
        connection.execute("PRAGMA writable_schema = RESET")
        for statement in (
            "INSERT INTO account SELECT :second, code, unit, sign, sign * amount FROM account, transfer"
            " WHERE id = debit AND seq = :last AND pos = 0",
            "UPDATE account SET balance = balance - (SELECT balance FROM account WHERE id = :second)"
            " WHERE id = (SELECT debit FROM transfer WHERE seq = :last AND pos = 0)",
            "UPDATE transfer SET debit = :second, debit_after = amount WHERE seq = :last AND pos = 0",
        ):
            assert connection.execute(statement, {"second": number, "last": last}).rowcount == 1
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'account'", (sql,))
        row = ("index", index, "account", root)
        connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, NULL)", row)
        connection.execute("PRAGMA writable_schema = RESET")
    assert ("record-differs", None) in since(path, note_at(path, last))


# --- Another beginning -------------------------------------------------------------------------------------


def test_a_journal_that_does_not_contain_the_checkpoint_is_found(ledger: Ledger, path: Path) -> None:
    cut(path, 500)
    body = {"shop": "night", "org": "yungu", "name": "夜店"}
    append(
        path,
        *(
            Draft(kind="shop", day=LATER.date(), by="admin", body={**body, "shop": f"s-{number}"})
            for number in range(200)
        ),
        at=LATER,
    )
    assert since(path, ledger.notes[1]) == {("root-differs", None)}
    cut(path, 500)
    assert since(path, ledger.notes[1]) == {("journal-short", None)}


def test_a_journal_of_another_book_is_found(ledger: Ledger, tmp_path: Path) -> None:
    other = build(tmp_path, seed=5)
    assert ("root-differs", None) in since(other.path, ledger.notes[1])


def test_a_note_under_another_signature_is_found(ledger: Ledger, path: Path) -> None:
    assert since(path, note_at(path, 520)) == {("signature-wrong", None)}


# --- What came after ---------------------------------------------------------------------------------------


def other_nonce(members: dict[str, Any]) -> None:
    members["nonce"] = "A" * 22


@pytest.mark.parametrize(
    ("statement", "code"), RAW, ids=[code + str(number) for number, (_, code) in enumerate(RAW)]
)
def test_a_change_of_what_came_after_is_found_by_both(
    ledger: Ledger, path: Path, statement: str, code: str
) -> None:
    run(path, statement)
    assert code in {one for one, _ in since(path, ledger.notes[1])}
    assert code in {one.code for one in verify_file(path).findings}


@pytest.mark.parametrize(
    "statement", ["DROP TRIGGER entry_is_not_updated", "DROP INDEX transfer_debit", "CREATE VIEW more AS SELECT 1"]
)
def test_a_changed_schema_is_found(ledger: Ledger, path: Path, statement: str) -> None:
    with raw(path) as connection:
        connection.execute(statement)
    assert {code for code, _ in since(path, ledger.notes[1])} & {"schema-missing", "schema-extra"}


def test_a_leaf_spelt_in_another_way_is_no_entry(ledger: Ledger, path: Path) -> None:
    write_leaf(path, 639, ledger.leaves[639] + b"\n", rehash=True)
    assert ("leaf-bad", 639) in since(path, ledger.notes[1])


def test_a_run_that_was_completed_since_is_held_against_its_leaves(ledger: Ledger, path: Path) -> None:
    run(path, "UPDATE subtree SET hash = zeroblob(32) WHERE position = 1")
    assert since(path, ledger.notes[0]) == {("subtree-differs", None)}


def award(ledger: Ledger, card: str = "C-005") -> Draft:
    seq = ledger.find("member", where=lambda members: members["body"]["card"] == card)
    account = f"L:M:{ledger.members(seq)['body']['member']}"
    moves = (Transfer("X:AWARDED:GRID-7", account, "PTS", 4), Transfer("X:SERVICE:GRID-7", account, "MIN", 60))
    return Draft(kind="award", day=LATER.date(), **CLERK, body={"service": "patrol", "minutes": 60}, moves=moves)


def test_an_account_taken_below_zero_is_found(ledger: Ledger, path: Path) -> None:
    members = ledger.members(ledger.find("redemption", after=600))
    account = members["move"][0][0]
    members |= {
        "at": "2026-03-01T04:00:00Z",
        "nonce": "A" * 22,
        "move": [[account, "L:S:YUNGU-SHOP", "PTS", 10**6]],
    }
    members.pop("key", None)
    seq = insert_leaf(path, members)
    assert {("below-zero", seq), ("transfer-missing", seq)} <= since(path, ledger.notes[2])


def test_an_entry_recorded_before_the_checkpoint_is_found(ledger: Ledger, path: Path) -> None:
    members = {**ledger.members(ledger.find("price")), "nonce": "A" * 22}
    seq = insert_leaf(path, members)
    assert ("time-goes-back", seq) in since(path, ledger.tip_note)


def test_a_key_used_before_the_checkpoint_is_found(ledger: Ledger, path: Path) -> None:
    used = ledger.find("award", where=lambda members: "key" in members)
    members = {**ledger.members(used), "nonce": "A" * 22, "at": "2026-03-01T04:00:00Z"}
    leaf = canonical.encode(members)
    with tampering(path) as connection:
        sql = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'entry_key'").fetchone()[0]
        connection.execute("DROP INDEX entry_key")
        connection.execute(sql.replace("UNIQUE ", ""))
        row = (ENTRIES, leaf_hash(leaf), members["key"], members["kind"], leaf)
        connection.execute("INSERT INTO entry (seq, hash, key, kind, leaf) VALUES (?, ?, ?, ?, ?)", row)
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'entry_key'", (sql,))
    assert ("key-twice", None) in since(path, ledger.tip_note)


def reversal(ledger: Ledger, ref: int, **changes: Any) -> dict[str, Any]:
    original = ledger.members(ref)
    moves = [[credit, debit, unit, amount] for debit, credit, unit, amount in reversed(original["move"])]
    body = {"of": original["kind"], "reason": "mistake"}
    members = {"v": 1, "kind": "reversal", "at": "2026-03-01T04:00:00Z", "day": "2026-03-01", "nonce": "A" * 22}
    return {**members, **CLERK, "ref": ref, "body": body, "move": moves, **changes}


def test_an_old_entry_answered_twice_or_wrongly_is_found(ledger: Ledger, path: Path) -> None:
    answered = ledger.members(ledger.find("reversal"))["ref"]
    seq = insert_leaf(path, reversal(ledger, answered))
    assert ("resolved-twice", seq) in since(path, ledger.tip_note)
    open_one = ledger.find("award", after=500)
    seq = insert_leaf(path, reversal(ledger, open_one, move=[["L:M:X", "X:AWARDED:GRID-7", "PTS", 1]]))
    assert ("reversal-wrong", seq) in since(path, ledger.tip_note)


def test_an_old_entry_that_is_answered_is_proved_by_the_tree(ledger: Ledger, path: Path) -> None:
    """Its leaf was changed under its hash: whatever else is not read, what a new entry builds on is."""
    ref = ledger.find("award", after=400)
    insert_leaf(path, reversal(ledger, ref))
    edit_leaf(path, ref, lambda members: members["move"][0].__setitem__(3, 9), rehash=False)
    assert ("leaf-edited", ref) in since(path, ledger.tip_note)


# --- What it does not see, and the whole verification does --------------------------------------------------


NOT_SEEN = {
    "an old leaf": "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), '6', '5') AS BLOB) WHERE seq = 200",
    "an old transfer": "UPDATE transfer SET amount = amount + 1 WHERE seq = 200",
    "a price": "UPDATE price SET points = 1 WHERE good = 'soap'",
    "a card": "UPDATE card SET state = 'blocked' WHERE number = 'C-005'",
    "a day's total": "UPDATE day_total SET amount = amount + 1 WHERE account = 3",
    "a tally": "UPDATE tally SET entries = entries + 1 WHERE kind = 'award'",
    "an old answer": "DELETE FROM resolution WHERE resolver < 500",
}


@pytest.mark.parametrize("what", NOT_SEEN)
def test_silent_what_only_the_whole_verification_sees(ledger: Ledger, path: Path, what: str) -> None:
    run(path, NOT_SEEN[what])
    assert since(path, ledger.notes[1]) == set()
    assert verify_file(path).findings


def test_silent_a_rule_of_the_programme_that_is_broken(ledger: Ledger, path: Path) -> None:
    draft = award(ledger)
    seq = append(
        path,
        Draft(**{**_members_of(draft), "by": "clerk-1", "ok": "clerk-2", "body": {"service": "honour"}}),
        at=LATER,
    )
    rebuild(path)
    assert since(path, ledger.tip_note) == set()
    assert seq in {one.seq for one in verify_file(path).findings}


def _members_of(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in ("kind", "day", "by", "ok", "body", "moves")}


def test_both_find_what_a_page_that_cannot_be_read_means(ledger: Ledger, path: Path) -> None:
    with sqlite3.connect(path) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'transfer'").fetchone()[0]
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    assert ("integrity", None) in since(path, ledger.notes[1])
