"""The bank as a whole: founding, checkpoints, receipts, batches, and what is refused on the way."""

from __future__ import annotations

import sqlite3
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import timebank
from timebank import errors
from timebank.bank import Bank
from timebank.tlog.checkpoint import open_checkpoint, parse_verifier, read_unverified

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
ORIGIN = "yungu.example/timebank"


def found(path: Path) -> Bank:
    bank = timebank.create(path, origin=ORIGIN, clock=lambda: NOW)
    bank.organisations.add("yungu", name="云谷社区", level="community", by="admin")
    bank.organisations.appoint("clerk-3", org="yungu", role="clerk", by="admin")
    return bank


def test_founding_writes_genesis_the_two_units_and_the_administrator(tmp_path: Path) -> None:
    with timebank.create(tmp_path / "a.timebank", origin=ORIGIN, clock=lambda: NOW) as bank:
        entries = list(bank.journal.entries())
        assert [entry.kind for entry in entries] == ["genesis", "unit", "unit", "operator"]
        assert dict(entries[0].body) | {"vkey": ""} == {
            "origin": ORIGIN,
            "tree": "rfc6962-sha256",
            "zone": "Asia/Shanghai",
            "vkey": "",
        }
        assert bank.origin == ORIGIN


@pytest.mark.parametrize("origin", ["", "Yungu", "a b", "a+b", "云谷", "a/", "/a", "a" * 101, "a\n"])
def test_an_origin_that_could_not_be_a_key_name_is_refused_and_leaves_no_file(tmp_path: Path, origin: str) -> None:
    with pytest.raises(errors.BadCode):
        timebank.create(tmp_path / "a.timebank", origin=origin)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("zone", ["Mars/Base", "", "../etc/passwd", "/etc/passwd"])
def test_a_time_zone_that_does_not_exist_is_refused_and_leaves_no_file(tmp_path: Path, zone: str) -> None:
    with pytest.raises(errors.BadCode):
        timebank.create(tmp_path / "a.timebank", origin=ORIGIN, zone=zone)
    assert list(tmp_path.iterdir()) == []


def test_the_key_is_readable_by_its_owner_only_and_signs_what_genesis_says(tmp_path: Path) -> None:
    with found(tmp_path / "a.timebank") as bank:
        key = tmp_path / "a.timebank.key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        note = bank.checkpoint()
        verifier = parse_verifier(bank.journal.entry(0).body["vkey"])
        assert open_checkpoint(note, verifier).size == 6


def test_a_checkpoint_of_an_unchanged_journal_is_the_same_note(tmp_path: Path) -> None:
    with found(tmp_path / "a.timebank") as bank:
        assert bank.checkpoint() == bank.checkpoint()


def test_a_receipt_verifies_under_the_logs_key_and_a_later_one_extends_it(tmp_path: Path) -> None:
    with found(tmp_path / "a.timebank") as bank:
        verifier = parse_verifier(bank.journal.entry(0).body["vkey"])
        first = timebank.verify_receipt(bank.receipt(5), verifier, ORIGIN)
        assert first.index == 5
        bank.organisations.appoint("clerk-4", org="yungu", role="clerk", by="admin")
        second = timebank.verify_receipt(bank.receipt(6), verifier, ORIGIN)
        assert read_unverified(second.note).size == 7
        # An entry that the last checkpoint covers needs no new one.
        assert read_unverified(timebank.verify_receipt(bank.receipt(2), verifier, ORIGIN).note).size == 7


def test_a_receipt_for_an_entry_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with found(tmp_path / "a.timebank") as bank:
        for seq in (6, -1, 2**70):
            with pytest.raises(errors.UnknownEntry):
                bank.receipt(seq)


def test_a_journal_that_was_cut_is_not_signed_again(tmp_path: Path) -> None:
    path = tmp_path / "a.timebank"
    with found(path) as bank:
        copy = sqlite3.connect(tmp_path / "copy.timebank")
        source = sqlite3.connect(path)
        source.backup(copy)
        copy.close()
        source.close()
        bank.organisations.appoint("clerk-4", org="yungu", role="clerk", by="admin")
        bank.checkpoint()
    (tmp_path / "copy.timebank").replace(path)
    with timebank.open(path, clock=lambda: NOW) as bank, pytest.raises(errors.LogDiverged):
        bank.checkpoint()


def test_without_its_key_a_ledger_works_but_is_not_signed(tmp_path: Path) -> None:
    with found(tmp_path / "a.timebank") as bank:
        (tmp_path / "a.timebank.key").unlink()
        with pytest.raises(errors.KeyMissing):
            bank.checkpoint()
        assert bank.verify().findings == ()


def test_without_the_package_cryptography_a_ledger_is_made_without_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric", None)
    with found(tmp_path / "a.timebank") as bank:
        assert "vkey" not in bank.journal.entry(0).body
        assert not (tmp_path / "a.timebank.key").exists()
        with pytest.raises(errors.KeyMissing):
            bank.checkpoint()
        assert bank.verify().findings == ()


def test_a_batch_is_all_or_nothing(tmp_path: Path) -> None:
    with found(tmp_path / "a.timebank") as bank:
        with pytest.raises(errors.UnknownOrganisation), bank.batch():
            bank.organisations.add("grid", name="网格", level="grid", parent="yungu", by="admin")
            bank.organisations.appoint("nobody", org="nowhere", role="clerk", by="admin")
        assert bank.journal.trial_balance() == ()
        assert [organisation.id for organisation in bank.organisations.all()] == ["yungu"]


def test_a_refused_command_that_is_caught_leaves_the_batch_whole(tmp_path: Path) -> None:
    with found(tmp_path / "a.timebank") as bank:
        with bank.batch():
            bank.organisations.add("grid", name="网格", level="grid", parent="yungu", by="admin")
            with pytest.raises(errors.AlreadyExists):
                bank.organisations.add("grid", name="网格", level="grid", parent="yungu", by="admin")
        assert [organisation.id for organisation in bank.organisations.all()] == ["grid", "yungu"]
        assert bank.verify().findings == ()


def test_a_checkpoint_inside_a_batch_is_refused_and_later_ones_are_signed(tmp_path: Path) -> None:
    with found(tmp_path / "a.timebank") as bank:
        with pytest.raises(errors.BatchOpen), bank.batch():
            bank.organisations.appoint("clerk-4", org="yungu", role="clerk", by="admin")
            bank.checkpoint()
        assert read_unverified(bank.checkpoint()).size == 6


def test_many_threads_sign_checkpoints_one_after_the_other(tmp_path: Path) -> None:
    with found(tmp_path / "a.timebank") as bank:

        def work(name: str) -> list[str]:
            notes = []
            for number in range(10):
                bank.organisations.add(f"{name}-{number}", name="网格", level="grid", parent="yungu", by="admin")
                notes.append(bank.checkpoint())
            return notes

        with ThreadPoolExecutor(4) as pool:
            notes = [note for signed in pool.map(work, "abcd") for note in signed]
        assert len(notes) == 40
        assert bank.verify(checkpoints=notes).findings == ()


def test_a_journal_is_founded_once(tmp_path: Path) -> None:
    with found(tmp_path / "a.timebank") as bank, pytest.raises(errors.AlreadyExists):
        bank.found(origin="b.example", zone="Asia/Shanghai", admin="admin")


def test_a_batch_or_a_rebuild_inside_a_batch_is_refused(tmp_path: Path) -> None:
    with found(tmp_path / "a.timebank") as bank, bank.batch():
        with pytest.raises(errors.BatchOpen), bank.batch():
            pass
        with pytest.raises(errors.BatchOpen):
            bank.rebuild()


def test_a_reader_of_entries_may_write_meanwhile_and_sees_its_own_writing_elsewhere(tmp_path: Path) -> None:
    with found(tmp_path / "a.timebank") as bank:
        entries = bank.journal.entries()
        next(entries)
        member = bank.members.enrol(org="yungu", card="0001", by="admin")
        assert bank.members.get(member.id) == member
        assert len(list(entries)) == 5


def test_a_clock_set_back_is_reported_and_time_goes_on_from_the_last_entry(tmp_path: Path) -> None:
    now = [NOW]
    with timebank.create(tmp_path / "a.timebank", origin=ORIGIN, clock=lambda: now[0]) as bank:
        now[0] = NOW - timedelta(hours=2)
        posted = bank.organisations.add("yungu", name="云谷社区", level="community", by="admin")
        assert posted.clock_back_seconds == 7200
        assert posted.entry.at == NOW
        assert bank.verify().findings == ()


def test_a_read_only_bank_reads_and_refuses_to_write(tmp_path: Path) -> None:
    found(tmp_path / "a.timebank").close()
    with timebank.open(tmp_path / "a.timebank", readonly=True) as bank:
        assert bank.report().organisations == 1
        with pytest.raises(errors.CannotWrite):
            bank.members.enrol(org="yungu", by="admin")


def test_the_trial_balance_of_any_day_sums_to_zero(tmp_path: Path) -> None:
    with found(tmp_path / "a.timebank") as bank:
        bank.rulebooks.adopt(timebank.shipped_rulebook(), from_day=date(2026, 1, 1), by="admin")
        wang = bank.members.enrol(org="yungu", by="admin")
        for day in (date(2026, 2, 8), date(2026, 1, 3)):
            bank.services.record(wang, "patrol", minutes=60, day=day, by="clerk-3", approved_by="admin")
        for day, points in ((date(2026, 1, 2), 0), (date(2026, 1, 3), 3), (date(2026, 2, 8), 6)):
            lines = bank.trial_balance(day)
            assert set(timebank.unit_sums(lines).values()) == {0}
            assert bank.members.balance(wang, day=day).points == points
