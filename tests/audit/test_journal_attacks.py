"""Attacks on leaves, hashes, keys and order: what verify says to each, and to each copy put back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.audit.books import ENTRIES, OLD_COPY, Clock, Ledger, build
from tests.audit.tamper import (
    append,
    cut,
    edit_leaf,
    facts,
    found,
    loosened,
    raw,
    rebuild,
    rehash_tree,
    run,
    tampering,
    write_leaf,
)
from timebank.ledger.entries import Draft
from timebank.tlog.merkle import leaf_hash

LATER = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
NONCE = "A" * 22


def other_nonce(members: dict[str, Any]) -> None:
    members["nonce"] = NONCE


def test_nothing_is_found_in_the_original(ledger: Ledger, path: Path) -> None:
    assert found(path) == set()
    assert found(path, *ledger.notes, ledger.tip_note) == set()
    assert len(ledger.notes) == 3
    assert {(level, position) for level, position in _subtrees(path)} == {(1, 0), (1, 1)}


def _subtrees(path: Path) -> list[tuple[int, int]]:
    with raw(path) as connection:
        return connection.execute("SELECT level, position FROM subtree").fetchall()


# --- Leaves ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seq", [100, 300, 511])
def test_a_leaf_edited_in_a_complete_run_differs_from_its_hash_its_run_and_what_was_signed(
    path: Path, seq: int
) -> None:
    edit_leaf(path, seq, other_nonce, rehash=False)
    assert found(path) == {("leaf-edited", seq), ("subtree-differs", None), ("root-differs", None)}


def test_a_leaf_edited_in_the_tip_differs_from_its_hash(path: Path) -> None:
    edit_leaf(path, 630, other_nonce, rehash=False)
    assert found(path) == {("leaf-edited", 630)}


def test_a_leaf_edited_and_hashed_again_differs_from_its_run(path: Path) -> None:
    edit_leaf(path, 100, other_nonce)
    assert found(path) == {("subtree-differs", None), ("root-differs", None)}


def test_a_leaf_edited_with_all_hashes_differs_from_what_was_signed(path: Path) -> None:
    edit_leaf(path, 100, other_nonce)
    rehash_tree(path, ENTRIES)
    assert [(code, known["size"]) for code, known in facts(path)] == [
        ("root-differs", 300),
        ("root-differs", 520),
        ("root-differs", 610),
    ]


def test_a_leaf_edited_after_the_last_checkpoint_is_found_by_a_note_kept_outside(
    ledger: Ledger, path: Path
) -> None:
    edit_leaf(path, 630, other_nonce)
    assert found(path, ledger.tip_note) == {("root-differs", None)}


def test_silent_without_a_note_a_leaf_edited_after_the_last_checkpoint(path: Path) -> None:
    edit_leaf(path, 630, other_nonce)
    assert found(path) == set()


def test_a_stored_hash_edited_is_found(path: Path) -> None:
    run(path, "UPDATE entry SET hash = zeroblob(32) WHERE seq = 630")
    assert found(path) == {("leaf-edited", 630)}


@pytest.mark.parametrize(
    "respelt",
    [
        lambda leaf: leaf.replace(b",", b", ", 1),
        lambda leaf: leaf.replace(b"award", b"\\u0061ward", 1),
        lambda leaf: leaf.replace(b'"v":1', b'"v":1.0'),
        lambda leaf: leaf.replace(b'"v":1', b'"v":1,"v":1'),
        lambda leaf: leaf.replace(b'"v":1', b'"v":1e0'),
        lambda leaf: leaf + b"\n",
        lambda leaf: b"\xef\xbb\xbf" + leaf,
        lambda leaf: leaf.replace(b"award", b"aw\xffrd", 1),
        lambda leaf: leaf[:-1],
        lambda leaf: b"[]",
        lambda leaf: b"{" * 20_000,
    ],
    ids=["spaces", "escape", "1.0", "twice", "1e0", "newline", "BOM", "no UTF-8", "cut", "array", "deep"],
)
def test_a_leaf_spelt_in_another_way_is_no_entry(ledger: Ledger, path: Path, respelt: Any) -> None:
    seq = _last_award_of(ledger)
    write_leaf(path, seq, respelt(ledger.leaves[seq]), rehash=True)
    codes = found(path)
    assert ("leaf-bad", seq) in codes
    assert codes <= {("leaf-bad", seq), *_taken_away(ledger, seq)}


def _last_award_of(ledger: Ledger) -> int:
    """An award in the tip whose member does nothing afterwards: taken away, it leaves only its own traces."""
    for seq in range(ENTRIES - 1, 610, -1):
        members = ledger.members(seq)
        if members["kind"] == "award":
            account = members["move"][0][1]
            if all(account not in str(ledger.members(later)) for later in range(seq + 1, ENTRIES)):
                return seq
    raise LookupError


def _taken_away(ledger: Ledger, seq: int) -> set[tuple[str, int | None]]:
    """What is found where an award is gone: its transfers, the balances, and all later awards' own balances."""
    later = {
        ("transfer-differs", after)
        for after in range(seq + 1, ENTRIES)
        if "X:AWARDED" in str(ledger.members(after))
    }
    return {("transfer-extra", seq), ("balance-differs", None), *later}


def test_a_huge_leaf_is_found_and_not_read(path: Path) -> None:
    run(path, "UPDATE entry SET leaf = zeroblob(5000000), hash = zeroblob(32) WHERE seq = 3")
    assert {("leaf-edited", 3), ("leaf-bad", 3)} <= found(path)


@pytest.mark.parametrize("value", ["CAST(leaf AS TEXT)", "12", "1.5", "NULL"])
def test_a_leaf_that_is_no_blob_is_found_wherever_it_is_read(ledger: Ledger, path: Path, value: str) -> None:
    reversal = ledger.find("reversal")
    seq = ledger.members(reversal)["ref"]
    with loosened(path, "entry") as connection:
        connection.execute(f"UPDATE entry SET leaf = {value} WHERE seq = {seq}")
    codes = found(path)
    assert {("integrity", None), ("leaf-edited", seq), ("leaf-bad", seq), ("reversal-wrong", reversal)} <= codes


# --- Order and keys ----------------------------------------------------------------------------------------


def test_two_entries_swapped_differ_from_what_was_signed(ledger: Ledger, path: Path) -> None:
    first, second = 100, 101
    run(
        path,
        f"UPDATE entry SET seq = -1 WHERE seq = {first}",
        f"UPDATE entry SET seq = {first} WHERE seq = {second}",
        f"UPDATE entry SET seq = {second} WHERE seq = -1",
    )
    transfers = {("transfer-differs", first), ("transfer-differs", second)}
    hashes = {("subtree-differs", None), ("root-differs", None)}
    assert found(path) == {("time-goes-back", second), *hashes, *transfers}


def test_two_entries_swapped_in_the_tip_go_back_in_time(path: Path) -> None:
    with tampering(path) as connection:
        for old, new in ((630, -1), (631, 630), (-1, 631)):
            connection.execute("UPDATE entry SET seq = ? WHERE seq = ?", (new, old))
    rebuild(path)
    assert found(path) == {("time-goes-back", 631)}


def test_an_entry_taken_out_leaves_a_gap_and_nothing_else_is_called_a_gap(path: Path) -> None:
    run(path, "DELETE FROM entry WHERE seq = 630")
    codes = found(path)
    assert {code for code in codes if code[0] == "sequence-gap"} == {("sequence-gap", 631)}
    assert ("foreign-key", None) in codes


def test_an_entry_numbered_below_zero_is_found(path: Path) -> None:
    run(path, "UPDATE entry SET seq = -5 WHERE seq = 639")
    codes = found(path)
    assert {("sequence-gap", -5), ("sequence-gap", 0), ("time-goes-back", 0)} <= codes


def test_an_entry_far_out_is_found(path: Path) -> None:
    run(path, f"UPDATE entry SET seq = {2**63 - 1} WHERE seq = 639")
    assert ("sequence-gap", 2**63 - 1) in found(path)


def test_a_key_column_edited_is_found(ledger: Ledger, path: Path) -> None:
    seq = ledger.find("award", after=200, where=lambda members: "key" in members)
    run(path, f"UPDATE entry SET key = 'another' WHERE seq = {seq}")
    assert found(path) == {("column-differs", seq)}


def test_a_key_column_emptied_is_found(ledger: Ledger, path: Path) -> None:
    seq = ledger.find("award", after=200, where=lambda members: "key" in members)
    run(path, f"UPDATE entry SET key = NULL WHERE seq = {seq}")
    assert found(path) == {("column-differs", seq)}


def test_a_kind_column_edited_is_found(ledger: Ledger, path: Path) -> None:
    seq = ledger.find("award", after=200)
    run(path, f"UPDATE entry SET kind = 'gift' WHERE seq = {seq}")
    assert found(path) == {("column-differs", seq)}


def test_a_key_used_twice_is_found(ledger: Ledger, path: Path) -> None:
    seq = ledger.find("award", after=620, where=lambda members: "key" in members)
    edit_leaf(path, seq, lambda members: members.update(key="wrong"))
    with tampering(path) as connection:
        sql = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'entry_key'").fetchone()[0]
        connection.execute("DROP INDEX entry_key")
        connection.execute("UPDATE entry SET key = 'wrong' WHERE seq = ?", (seq,))
        connection.execute(sql.replace("UNIQUE ", ""))
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'entry_key'", (sql,))
    assert found(path) == {("key-twice", None), ("integrity", None)}


# --- The inner tree ----------------------------------------------------------------------------------------


def test_an_inner_hash_edited_is_found(path: Path) -> None:
    run(path, "UPDATE subtree SET hash = zeroblob(32) WHERE position = 1")
    assert facts(path) == [("subtree-differs", {"level": 1, "position": 1})]


def test_an_inner_hash_removed_is_found(path: Path) -> None:
    run(path, "DELETE FROM subtree WHERE position = 0")
    assert facts(path) == [("subtree-differs", {"level": 1, "position": 0})]


def test_an_inner_hash_too_many_is_found(path: Path) -> None:
    run(path, "INSERT INTO subtree VALUES (1, 2, zeroblob(32))")
    assert facts(path) == [("subtree-differs", {"level": 1, "position": 2})]


# --- Times -------------------------------------------------------------------------------------------------


def test_a_day_after_the_day_of_recording_is_found(path: Path) -> None:
    edit_leaf(path, 630, lambda members: members.update(day="2026-12-31"))
    rebuild(path)
    assert found(path) == {("day-after-recording", 630)}


def test_a_moment_that_goes_back_is_found(path: Path) -> None:
    edit_leaf(path, 630, lambda members: members.update(at="2026-01-05T01:00:00Z", day="2026-01-05"))
    assert {("time-goes-back", 630)} == {code for code in found(path) if code[0] == "time-goes-back"}


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_the_ends_of_the_calendar_are_moments_like_others(ledger: Ledger, path: Path, at: str) -> None:
    edit_leaf(path, ENTRIES - 1, lambda members: members.update(at=at))
    codes = found(path, ledger.tip_note)
    assert ("root-differs", None) in codes


@pytest.mark.parametrize(
    "at", ["2026-02-30T00:00:00Z", "2026-01-20T24:00:00Z", "2026-01-20T10:00:60Z", "20260120T100000.00Z", "now"]
)
def test_a_moment_that_never_was_is_no_entry(path: Path, at: str) -> None:
    edit_leaf(path, 630, lambda members: members.update(at=at))
    assert ("leaf-bad", 630) in found(path)


def test_an_entry_approved_by_who_did_it_is_no_entry(ledger: Ledger, path: Path) -> None:
    seq = ledger.find("award", after=620)
    edit_leaf(path, seq, lambda members: members.update(ok=members["by"]))
    assert ("leaf-bad", seq) in found(path)


# --- Genesis -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"zone": "Asia/Nowhere"}, {("genesis-wrong", 0)}),
        ({"zone": "../../etc/passwd"}, {("genesis-wrong", 0)}),
        ({"zone": []}, {("genesis-wrong", 0)}),
        ({"tree": "sha1"}, {("genesis-wrong", 0)}),
        ({"origin": "another.example/x"}, {("origin-differs", None)}),
        ({"vkey": "no key"}, {("genesis-wrong", 0), ("record-differs", None)}),
        ({"vkey": {"a": 1}}, {("genesis-wrong", 0), ("record-differs", None)}),
    ],
)
def test_another_genesis_is_found(path: Path, change: dict[str, Any], codes: set[Any]) -> None:
    edit_leaf(path, 0, lambda members: members["body"].update(change))
    assert found(path) == {("subtree-differs", None), ("root-differs", None), *codes}


def test_a_second_genesis_is_found(path: Path) -> None:
    seq = append(path, Draft(kind="genesis", day=LATER.date(), by="admin", body={"zone": "UTC"}), at=LATER)
    assert found(path) == {("genesis-wrong", seq)}


def test_a_journal_of_no_entries_is_found(path: Path) -> None:
    with tampering(path) as connection:
        for table in ("entry", "subtree", "checkpoint"):
            connection.execute(f"DELETE FROM {table}")
    rebuild(path)
    assert found(path) == {("genesis-wrong", 0)}


# --- Copies, forks, rewrites: what only a note kept outside finds ------------------------------------------


def test_a_tail_cut_off_is_found_by_a_note_kept_outside(ledger: Ledger, path: Path) -> None:
    cut(path, 600)
    assert found(path, ledger.tip_note) == {("journal-short", None)}
    assert found(path, ledger.notes[2]) == {("journal-short", None)}


def test_silent_without_a_note_a_tail_cut_off(ledger: Ledger, path: Path) -> None:
    cut(path, 600)
    assert found(path) == set()
    assert found(path, ledger.notes[1]) == set()


def test_a_tail_cut_off_without_its_checkpoint_is_found(path: Path) -> None:
    with raw(path) as connection:
        note = connection.execute("SELECT note FROM checkpoint WHERE size = 610").fetchone()[0]
    cut(path, 600)
    with tampering(path) as connection:
        connection.execute("INSERT INTO checkpoint VALUES (610, ?)", (note,))
    assert found(path) == {("journal-short", None)}


def test_an_older_copy_put_back_is_found_by_a_note_kept_outside(ledger: Ledger) -> None:
    assert facts(ledger.old_copy, ledger.notes[1]) == [
        ("journal-short", {"size": 520, "entries": OLD_COPY, "source": "#1"})
    ]


def test_silent_without_a_note_an_older_copy_put_back(ledger: Ledger) -> None:
    assert found(ledger.old_copy, ledger.notes[0]) == set()


def test_a_fork_is_found_by_a_note_kept_outside(ledger: Ledger, path: Path) -> None:
    cut(path, OLD_COPY)
    drafts = [Draft(kind="shop", day=LATER.date(), by="admin", body=_shop(number)) for number in range(300)]
    append(path, *drafts, at=LATER)
    assert found(path) == set()
    assert found(path, *ledger.notes) == {("root-differs", None)}
    assert found(path, ledger.notes[0]) == set()


def _shop(number: int) -> dict[str, str]:
    return {"shop": f"s-{number}", "org": "yungu", "name": "店"}


def test_a_journal_written_anew_with_another_key_is_found_by_a_note_kept_outside(
    ledger: Ledger, tmp_path: Path
) -> None:
    other = build(tmp_path, seed=2)
    assert found(other.path) == set()
    assert facts(other.path, ledger.notes[0]) == [
        ("root-differs", {"size": 300, "source": "#1"}),
        ("signature-wrong", {"source": "#1"}),
    ]


def test_silent_always_an_entry_inserted_by_raw_sql_that_keeps_all_rules(ledger: Ledger, path: Path) -> None:
    members = ledger.members(ledger.find("price"))
    members |= {"nonce": NONCE, "at": "2026-03-01T04:00:00Z", "day": "2026-03-01"}
    members["body"] |= {"from": "2026-03-01", "points": 1}
    leaf = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    body = members["body"]
    with raw(path) as connection:
        connection.execute("INSERT INTO entry VALUES (?, ?, NULL, 'price', ?)", (ENTRIES, leaf_hash(leaf), leaf))
        row = (body["shop"], body["good"], body["from"], ENTRIES, 1)
        connection.execute("INSERT INTO price VALUES (?, ?, ?, ?, ?)", row)
    assert found(path, *ledger.notes, ledger.tip_note) == set()


# --- Checkpoints -------------------------------------------------------------------------------------------


def test_a_note_edited_is_found(path: Path) -> None:
    run(path, "UPDATE checkpoint SET note = replace(note, 'yungu.example', 'other.example') WHERE size = 300")
    assert found(path) == {("origin-differs", None), ("signature-wrong", None)}


def test_a_note_under_another_size_is_found(path: Path) -> None:
    run(path, "UPDATE checkpoint SET size = 301 WHERE size = 300")
    assert found(path) == {("note-bad", None)}


def test_a_note_with_another_root_is_found(ledger: Ledger, path: Path) -> None:
    lines = ledger.notes[0].split("\n")
    lines[2] = ledger.notes[1].split("\n")[2]
    with tampering(path) as connection:
        connection.execute("UPDATE checkpoint SET note = ? WHERE size = 300", ("\n".join(lines),))
    assert found(path) == {("root-differs", None), ("signature-wrong", None)}


def test_a_signature_replaced_is_found(ledger: Ledger, path: Path) -> None:
    text, _, signature = ledger.notes[0].rpartition("\n\n")
    other = ledger.notes[1].rpartition("\n\n")[2]
    assert other != signature
    with tampering(path) as connection:
        connection.execute("UPDATE checkpoint SET note = ? WHERE size = 300", (f"{text}\n\n{other}",))
    assert found(path) == {("signature-wrong", None)}


@pytest.mark.parametrize("note", ["", "no note", "a\n1\n\n\n— x AAAA\n", "\x1b[2J", "x" * 70_000])
def test_a_note_that_is_none_is_found(path: Path, note: str) -> None:
    with tampering(path) as connection:
        connection.execute("UPDATE checkpoint SET note = ? WHERE size = 300", (note,))
    assert ("note-bad", None) in found(path)
    assert found(path) <= {("note-bad", None), ("integrity", None)}


def test_a_note_given_from_outside_that_is_none_is_found(path: Path) -> None:
    assert facts(path, "no note")[0][1]["source"] == "#1"


def test_silent_a_stored_note_removed(path: Path) -> None:
    run(path, "DELETE FROM checkpoint WHERE size = 520")
    assert found(path) == set()


def test_the_clock_of_the_test_is_before_what_is_forged_later() -> None:
    assert Clock().now < LATER
