"""The key beside a ledger, and what it signed last."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import timebank
from timebank.bank import Bank
from timebank.errors import (
    BadCode,
    BadNote,
    BatchOpen,
    CannotOpen,
    DiskFailed,
    DiskFull,
    ExtraMissing,
    FileExists,
    FileLocked,
    FileMissing,
    KeyMissing,
    KeyNotInForce,
    LogDiverged,
    RoleNotAllowed,
    TimebankError,
)
from timebank.storage import keys
from timebank.storage.keys import KeyFile, new_key, only_one, witnessed_notes, witnessed_path, write_whole
from timebank.storage.sqlite_turns import Turns
from timebank.storage.system_files import can_be_read, error_of_system, sync_directory
from timebank.tlog.checkpoint import Checkpoint, generate_key, open_checkpoint, parse_verifier
from timebank.tlog.merkle import leaf_hash, root_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ORIGIN = "a.example/b"


class Log:
    """A tree over *count* leaves that are numbers; another *seed*, another tree."""

    def __init__(self, count: int, seed: int = 0) -> None:
        self._hashes = [leaf_hash(b"%d %d" % (seed, number)) for number in range(count)]

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        assert level == 0
        return self._hashes[first : first + count]

    def checkpoint(self, size: int) -> Checkpoint:
        return Checkpoint(ORIGIN, size, root_of(self._hashes[:size]))


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    with new_key(tmp_path / "a.timebank", ORIGIN, os.urandom) as signer:
        assert signer is not None
    return KeyFile(tmp_path / "a.timebank")


def test_a_new_key_is_kept_for_its_owner_only_and_read_back(file: KeyFile) -> None:
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    note = file.sign(Log(9).checkpoint(3), Log(9))
    assert open_checkpoint(note, parse_verifier(file.load().vkey)) == Log(9).checkpoint(3)
    assert file.signed_path.read_text(encoding="utf-8") == note
    assert sorted(item.name for item in file.path.parent.iterdir()) == ["a.timebank.key", "a.timebank.signed"]


def test_a_key_is_not_written_over_another(file: KeyFile) -> None:
    before = file.path.read_bytes()
    with pytest.raises(FileExists) as caught, new_key(file.ledger, ORIGIN, os.urandom):
        raise AssertionError
    assert caught.value.path == str(file.path)
    assert file.path.read_bytes() == before


def test_a_new_key_does_not_take_over_what_another_key_signed(file: KeyFile) -> None:
    file.sign(Log(9).checkpoint(3), Log(9))
    file.path.unlink()
    with pytest.raises(FileExists) as caught, new_key(file.ledger, ORIGIN, os.urandom):
        raise AssertionError
    assert caught.value.path == str(file.signed_path)
    assert not file.path.exists()


def test_a_key_goes_again_when_its_ledger_was_not_made(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), new_key(tmp_path / "a", ORIGIN, os.urandom):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(KeyboardInterrupt), new_key(tmp_path / "a", ORIGIN, os.urandom):
        KeyFile(tmp_path / "a").path.unlink()
        raise KeyboardInterrupt


def test_a_key_to_come_goes_again_when_the_change_does_not_end_well(file: KeyFile) -> None:
    with pytest.raises(KeyboardInterrupt), file.next_key(generate_key(ORIGIN)):
        assert stat.S_IMODE(file.next_path.stat().st_mode) == 0o600
        raise KeyboardInterrupt
    assert not file.next_path.exists()
    with pytest.raises(KeyboardInterrupt), file.next_key(generate_key(ORIGIN)):
        file.next_path.unlink()
        raise KeyboardInterrupt


def test_without_the_package_there_is_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise ExtraMissing("sign", "cryptography")

    monkeypatch.setattr(keys, "generate_key", missing)
    with new_key(tmp_path / "a", ORIGIN, os.urandom) as signer:
        assert signer is None
    assert list(tmp_path.iterdir()) == []


def test_the_same_randomness_makes_the_same_key(tmp_path: Path) -> None:
    with new_key(tmp_path / "a", ORIGIN, bytes) as one, new_key(tmp_path / "b", ORIGIN, bytes) as two:
        assert one is not None and two is not None
        assert one.vkey == two.vkey


@pytest.mark.parametrize("size", [3, 4, 9])
def test_what_extends_the_last_note_is_signed(file: KeyFile, size: int) -> None:
    file.sign(Log(9).checkpoint(3), Log(9))
    assert file.sign(Log(9).checkpoint(size), Log(9)) == file.signed_path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("size", "seed"), [(2, 0), (0, 0), (3, 1), (9, 1)])
def test_what_was_cut_or_is_another_log_is_not_signed(file: KeyFile, size: int, seed: int) -> None:
    note = file.sign(Log(9).checkpoint(3), Log(9))
    with pytest.raises(LogDiverged) as caught:
        file.sign(Log(9, seed).checkpoint(size), Log(9, seed))
    assert (caught.value.signed_size, caught.value.size) == (3, size)
    assert file.signed_path.read_text(encoding="utf-8") == note


def test_a_note_that_an_epoch_has_declared_lost_is_not_extended(file: KeyFile) -> None:
    file.sign(Log(9).checkpoint(3), Log(9))
    other = Log(9, 1)
    with pytest.raises(LogDiverged):
        file.sign(other.checkpoint(4), other, is_lost=lambda last: last.size != 3)
    note = file.sign(other.checkpoint(4), other, is_lost=lambda last: last == Log(9).checkpoint(3))
    assert file.last_note() == note


def test_a_log_of_nothing_is_extended_by_any(file: KeyFile) -> None:
    file.sign(Log(0).checkpoint(0), Log(0))
    file.sign(Log(9, 5).checkpoint(9), Log(9, 5))


def delete(path: Path) -> None:
    path.unlink()


def directory(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (delete, KeyMissing),
        (directory, CannotOpen),
        (lambda path: path.write_bytes(b"\xff\xfe"), CannotOpen),
        (lambda path: path.write_text("é", encoding="utf-8"), CannotOpen),
        (lambda path: path.write_text(""), BadCode),
        (lambda path: path.write_text(path.read_text()[:-9]), BadCode),
        (lambda path: path.write_text("PRIVATE+KEY+x"), BadCode),
    ],
)
def test_a_key_that_is_gone_or_spoilt_is_named_and_never_shown(
    file: KeyFile, spoil: Callable[[Path], Any], error: type[Exception]
) -> None:
    secret = file.path.read_text(encoding="ascii").strip()
    spoil(file.path)
    with pytest.raises(error) as caught:
        file.load()
    assert secret[-20:] not in str(caught.value)
    assert not file.signed_path.exists()
    if error is not BadCode:
        reason = ["Is a directory"] if file.path.is_dir() else ["it is no text"] if file.path.exists() else []
        assert caught.value.args == (str(file.path), *reason)


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (directory, CannotOpen),
        (lambda path: path.write_bytes(b"\xff\xfe"), CannotOpen),
        (lambda path: path.write_text("no note"), BadNote),
    ],
)
def test_what_was_signed_last_must_be_readable(
    file: KeyFile, spoil: Callable[[Path], Any], error: type[Exception]
) -> None:
    spoil(file.signed_path)
    with pytest.raises(error):
        file.sign(Log(9).checkpoint(3), Log(9))


def test_a_note_that_cannot_be_remembered_is_not_given(file: KeyFile) -> None:
    file.signed_path.with_name(file.signed_path.name + ".new").mkdir()
    with pytest.raises(CannotOpen):
        file.sign(Log(9).checkpoint(3), Log(9))
    assert not file.signed_path.exists()


def test_a_key_cannot_be_kept_where_there_is_no_directory(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen), new_key(tmp_path / "no" / "a", ORIGIN, os.urandom):
        raise AssertionError
    assert "cryptography" in sys.modules


# --- Another key takes its place ---------------------------------------------------------------------------


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    with Bank.create(tmp_path / "a.timebank", origin=ORIGIN) as made:
        made.organisations.add("yungu", name="云谷", level="community", by="admin")
        made.organisations.appoint("sup", org="yungu", role="supervisor", by="admin")
        yield made


TWO = {"by": "admin", "approved_by": "sup"}


def names(bank: Bank) -> set[str]:
    path = Path(bank.journal.store.path)
    return {item.name.removeprefix(path.name) for item in path.parent.iterdir() if "key" in item.name}


def check_signs(bank: Bank) -> None:
    """The book names one key, that key signs it, and verify finds nothing."""
    in_force = bank.keys.in_force()
    assert in_force is not None
    bank.organisations.add("o", name="网格", level="grid", parent="yungu", by="admin")
    open_checkpoint(bank.checkpoint(), parse_verifier(in_force.vkey))
    assert bank.verify().findings == ()


def test_a_new_key_signs_and_the_old_one_is_kept_for_its_owner_only(bank: Bank) -> None:
    first = bank.checkpoint()
    old = KeyFile(Path(bank.journal.store.path)).load()
    bank.rotate_key(**TWO)
    file = KeyFile(Path(bank.journal.store.path))
    kept = file.old_path(old.vkey)
    assert kept.read_text(encoding="ascii").strip() == old.private_text
    assert (stat.S_IMODE(kept.stat().st_mode), file.mode, file.is_open_to_others) == (0o600, 0o600, False)
    assert names(bank) == {".key", f".key.{old.verifier.key_id.hex()}.old"}
    check_signs(bank)
    assert bank.verify(checkpoints=[first]).findings == ()


def test_an_old_key_is_destroyed_where_that_is_asked_for(bank: Bank) -> None:
    old = KeyFile(Path(bank.journal.store.path)).load().private_text
    bank.rotate_key(**TWO, destroy=True)
    assert names(bank) == {".key"}
    assert Path(f"{bank.journal.store.path}.key").read_text(encoding="ascii").strip() != old
    check_signs(bank)


def test_a_refused_change_of_keys_leaves_nothing(bank: Bank) -> None:
    before = Path(f"{bank.journal.store.path}.key").read_bytes()
    with pytest.raises(RoleNotAllowed):
        bank.rotate_key(by="sup", approved_by="admin")
    with bank.batch(), pytest.raises(BatchOpen):
        bank.rotate_key(**TWO)
    assert (names(bank), Path(f"{bank.journal.store.path}.key").read_bytes()) == ({".key"}, before)
    check_signs(bank)


def test_in_memory_there_is_no_key_file_to_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileMissing):
        Bank.in_memory().rotate_key(**TWO)
    assert list(tmp_path.iterdir()) == []


def crashes(monkeypatch: pytest.MonkeyPatch, bank: Bank, into: Path) -> list[str]:
    """Keep the book's directory as it is before everything that a change of keys does to the disk.

    What a machine that stops at that moment would leave is in *into* under the step's number.
    """
    done: list[str] = []
    directory = Path(bank.journal.store.path).parent

    def watch(owner: Any, name: str) -> None:
        act = getattr(owner, name)

        def watched(*args: Any, **named: Any) -> Any:
            with monkeypatch.context() as quiet:
                for each, act_of_each in watched_acts:
                    quiet.setattr(each[0], each[1], act_of_each)
                shutil.copytree(directory, into / str(len(done)))
            done.append(name)
            return act(*args, **named)

        watched_acts.append(((owner, name), act))
        monkeypatch.setattr(owner, name, watched)

    watched_acts: list[Any] = []
    for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink"), (Turns, "_commit"), (Turns, "_end")):
        watch(owner, name)
    return done


@pytest.mark.parametrize("destroy", [False, True])
def test_wherever_a_change_of_keys_breaks_off_the_book_s_key_is_known_and_there(
    bank: Bank, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, destroy: bool
) -> None:
    into = tmp_path_factory.mktemp("crashes")
    bank.checkpoint()
    with pytest.MonkeyPatch.context() as monkeypatch:
        done = crashes(monkeypatch, bank, into)
        bank.rotate_key(**TWO, destroy=destroy)
    assert {"fsync", "replace", "unlink", "_commit", "_end"} <= set(done)
    keys = []
    for step in range(len(done)):
        left = into / str(step) / "a.timebank"
        (left.parent / "a.timebank-shm").unlink(missing_ok=True)
        with timebank.open(left) as after:
            keys.append(len(after.keys.all()))
            check_signs(after)
            after.rotate_key(**TWO)
            assert KeyFile(left).load().vkey == after.keys.all()[-1].vkey
            assert not KeyFile(left).next_path.exists()
    assert keys == sorted(keys)
    assert set(keys) == {1, 2}


def test_a_stray_key_file_does_not_sign(bank: Bank) -> None:
    bank.checkpoint()
    path = Path(f"{bank.journal.store.path}.key")
    path.write_text(generate_key(ORIGIN).private_text, encoding="ascii")
    bank.organisations.add("o", name="网格", level="grid", parent="yungu", by="admin")
    with pytest.raises(KeyNotInForce) as caught:
        bank.checkpoint()
    in_force = bank.keys.in_force()
    assert in_force is not None
    assert caught.value.args == (str(path), KeyFile(Path(bank.journal.store.path)).load().vkey, in_force.vkey)
    assert "PRIVATE" not in str(caught.value)
    assert bank.verify().findings == ()


def test_a_book_founded_without_a_key_gets_one_and_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise ExtraMissing("sign", "cryptography")

    with monkeypatch.context() as without:
        without.setattr(keys, "generate_key", missing)
        made = Bank.create(tmp_path / "b.timebank", origin=ORIGIN)
    with made as bank:
        bank.organisations.add("yungu", name="云谷", level="community", by="admin")
        bank.organisations.appoint("sup", org="yungu", role="supervisor", by="admin")
        with pytest.raises(KeyMissing):
            bank.checkpoint()
        bank.rotate_key(**TWO)
        check_signs(bank)
        assert names(bank) == {".key"}


def test_a_key_that_is_lost_is_replaced(bank: Bank) -> None:
    note = bank.checkpoint()
    Path(f"{bank.journal.store.path}.key").unlink()
    bank.rotate_key(**TWO)
    check_signs(bank)
    assert bank.verify(checkpoints=[note]).findings == ()


@pytest.mark.parametrize(
    ("mode", "is_open"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True), (0o620, True)]
)
def test_a_key_file_that_others_can_read_is_seen(file: KeyFile, mode: int, is_open: bool) -> None:
    file.path.chmod(mode)
    assert (file.mode, file.is_open_to_others) == (mode, is_open)


# --- Files that are written whole, and one at a time -------------------------------------------------------


def test_a_file_is_replaced_whole_or_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    write_whole(path, "one\n", mode=0o600)

    def full(_: int) -> None:
        if len(list(tmp_path.iterdir())) > 2:
            Path(f"{path}.new").unlink()
            (tmp_path / "b").unlink()
        raise OSError(28, "No space left on device")

    for others in ([], [tmp_path / "b"]):  # with the other there, somebody takes the new file away as well
        for other in others:
            other.touch()
        with monkeypatch.context() as patched, pytest.raises(DiskFull) as caught:
            patched.setattr(os, "fsync", full)
            write_whole(path, "two\n", mode=0o600)
        assert caught.value.args == (str(path),)
    assert [item.name for item in tmp_path.iterdir()] == ["a"]
    assert path.read_bytes() == b"one\n"
    write_whole(path, "三\r\n", mode=0o600)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == ("三\r\n".encode(), 0o600)
    before = os.umask(0)
    try:
        write_whole(path, "four\n")
    finally:
        os.umask(before)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"four\n", 0o666)


def test_only_one_process_at_a_time_has_a_file(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "no" / "a"
    with only_one(path), pytest.raises(FileLocked) as held, only_one(path, wait_seconds=0):
        raise AssertionError
    assert held.value.args == (str(path), 0)
    assert stat.S_IMODE((tmp_path / "a.lock").stat().st_mode) == 0o600
    with only_one(path, wait_seconds=0):
        pass
    with pytest.raises(CannotOpen) as caught, only_one(other):
        raise AssertionError
    assert caught.value.args == (f"{other}.lock", "No such file or directory")


# --- at the edges of a change of keys, of cosigned notes and of locks


def changing(ledger: Path) -> tuple[KeyFile, str]:
    """A key beside *ledger*, and the public half of one that is about to take its place."""
    file, one, other = KeyFile(ledger), generate_key(ORIGIN), generate_key(ORIGIN)
    file.keep(one)
    write_whole(file.next_path, other.private_text + "\n", mode=0o600)
    return file, other.vkey


def test_the_mode_of_a_key_that_is_not_there_is_none(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "a.timebank")
    assert (file.mode, file.is_open_to_others) == (None, False)
    with pytest.raises(KeyMissing):
        file.both()


def test_during_a_change_there_are_two_keys(tmp_path: Path) -> None:
    file, vkey = changing(tmp_path / "a.timebank")
    assert [each.vkey for each in file.both()] == [file.load().vkey, vkey]


def test_a_change_that_cannot_be_finished_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, vkey = changing(tmp_path / "a.timebank")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(DiskFull) as caught:
        file.settle(vkey, destroy=True)
    assert caught.value.path == str(file.path)


ERRORS = {
    errno.ENOSPC: DiskFull,
    errno.EDQUOT: DiskFull,
    errno.EIO: DiskFailed,
    errno.EROFS: CannotOpen,
}
errors_of_the_system = pytest.mark.parametrize(
    ("number", "kind"), ERRORS.items(), ids=map(errno.errorcode.get, ERRORS)
)


def failing(number: int) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@errors_of_the_system
def test_a_key_that_does_not_fit_is_not_kept_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[TimebankError]
) -> None:
    monkeypatch.setattr(os, "fsync", failing(number))
    with pytest.raises(kind) as caught, new_key(tmp_path / "a", ORIGIN, os.urandom):
        raise AssertionError
    assert caught.value.facts()["path"] == str(tmp_path / "a.key")
    assert list(tmp_path.iterdir()) == []


@errors_of_the_system
@pytest.mark.parametrize(
    ("read", "side"),
    [
        (KeyFile.load, "key"),
        (KeyFile.last_note, "signed"),
        (lambda file: witnessed_notes(file.ledger), "witnessed"),
        (KeyFile._keep_old, "key"),
    ],
    ids=["key", "signed", "seen", "old"],
)
def test_what_the_disk_does_not_give_is_named(
    file: KeyFile, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[TimebankError], read: Any, side: str
) -> None:
    monkeypatch.setattr(Path, "read_text", failing(number))
    with pytest.raises(kind) as caught:
        read(file)
    assert caught.value.facts()["path"] == f"{file.ledger}.{side}"


NO_TEXT = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")


@pytest.mark.parametrize(
    ("error", "kind", "reasons"),
    [
        (OSError(errno.ENOSPC, "no space"), DiskFull, ()),
        (OSError(errno.EDQUOT, "no quota"), DiskFull, ()),
        (OSError(errno.EIO, "no disk"), DiskFailed, ("no disk",)),
        (OSError(errno.EROFS, "no writing"), CannotOpen, ("no writing",)),
        (OSError("no number"), CannotOpen, ("no number",)),
        (NO_TEXT, CannotOpen, (str(NO_TEXT),)),
    ],
    ids=lambda each: each.__name__ if isinstance(each, type) else str(each),
)
def test_an_error_of_the_system_keeps_its_reason(
    error: OSError | UnicodeDecodeError, kind: type[TimebankError], reasons: tuple[str, ...]
) -> None:
    told = error_of_system(error, Path("/a/b"))
    assert (type(told), told.args) == (kind, ("/a/b", *reasons))


def test_a_file_can_be_read_unless_the_disk_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_be_read(tmp_path / "none")
    (tmp_path / "some").write_bytes(b"some")
    assert can_be_read(tmp_path / "some")
    for number, is_read in ((errno.EIO, False), (errno.EACCES, True)):
        monkeypatch.setattr(Path, "open", failing(number))
        assert can_be_read(tmp_path / "some") is is_read


@pytest.mark.parametrize(("number", "is_told"), [(errno.EIO, True), (errno.EINVAL, False)])
def test_a_directory_is_flushed_where_it_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, is_told: bool
) -> None:
    """Some systems flush no directory; but of a disk that failed to do it nobody may say that the name is kept."""
    sync_directory(tmp_path)
    monkeypatch.setattr(os, "fsync", failing(number))
    with pytest.raises(OSError, match="nput/output error") if is_told else contextlib.nullcontext():
        sync_directory(tmp_path)


def test_a_change_is_finished_where_the_old_key_is_lost(tmp_path: Path) -> None:
    file, vkey = changing(tmp_path / "a.timebank")
    file.path.unlink()
    file.settle(vkey)
    assert file.load().vkey == vkey
    assert list(tmp_path.glob("*.old")) == []


def test_an_old_key_that_cannot_be_read_is_kept_all_the_same(tmp_path: Path) -> None:
    file, vkey = changing(tmp_path / "a.timebank")
    file.path.write_text("no key\n", encoding="ascii")
    file.settle(vkey)
    assert Path(f"{file.path}.unreadable.old").read_text(encoding="ascii") == "no key\n"


@pytest.mark.parametrize("data", [b"\xff", "é".encode(), None])
def test_an_old_key_that_is_no_text_or_no_file_stops_the_change(tmp_path: Path, data: bytes | None) -> None:
    file, vkey = changing(tmp_path / "a.timebank")
    file.path.unlink()
    if data is None:
        file.path.mkdir()
    else:
        file.path.write_bytes(data)
    with pytest.raises(CannotOpen):
        file.settle(vkey)


def test_cosigned_notes_lie_one_after_the_other(tmp_path: Path) -> None:
    ledger = tmp_path / "a.timebank"
    assert keys.witnessed_notes(ledger) == ()
    keys.witnessed_path(ledger).write_text("a\n\n— b c\nd\n\n— e f\n", encoding="utf-8")
    assert keys.witnessed_notes(ledger) == ("a\n\n— b c\n", "d\n\n— e f\n")
    keys.witnessed_path(ledger).write_bytes(b"\xff")
    with pytest.raises(CannotOpen):
        keys.witnessed_notes(ledger)


def test_notes_are_read_as_utf_8_on_a_machine_that_writes_otherwise(file: KeyFile) -> None:
    note = file.sign(Log(9).checkpoint(3), Log(9))
    witnessed_path(file.ledger).write_text(note, encoding="utf-8")
    look = "from pathlib import Path; from timebank.storage.keys import KeyFile, witnessed_notes as notes"
    show = f"path = Path({str(file.ledger)!r}); print(ascii([KeyFile(path).last_note(), *notes(path)]))"
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    said = subprocess.run(
        [sys.executable, "-c", f"{look}; {show}"], env=os.environ | plain, capture_output=True, check=True
    )
    assert said.stdout.decode().strip() == ascii([file.last_note(), *witnessed_notes(file.ledger)])
    assert file.last_note() == note


def test_who_waits_for_a_lock_gets_it_when_it_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, held = tmp_path / "state", only_one(tmp_path / "state")
    held.__enter__()
    waited: list[float] = []

    def free(seconds: float) -> None:
        waited.append(seconds)
        held.__exit__(None, None, None)

    monkeypatch.setattr("timebank.storage.keys.time.sleep", free)
    with only_one(path):
        assert len(waited) == 1


def test_who_waits_for_a_lock_that_stays_is_told_after_five_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("timebank.storage.keys.time.sleep", waited.append)
    monkeypatch.setattr("timebank.storage.keys.time.monotonic", lambda: 2 * len(waited) / 100)
    with only_one(tmp_path / "a"), pytest.raises(FileLocked) as caught, only_one(tmp_path / "a"):
        raise AssertionError
    assert caught.value.args == (str(tmp_path / "a"), 5.0)
    assert waited == [0.02] * 250


def test_where_there_is_no_flock_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with only_one(tmp_path / "state"), only_one(tmp_path / "state"):
        assert list(tmp_path.iterdir()) == []
