"""The key beside a ledger, and what it signed last."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING, Any

import pytest

from timebank.errors import BadCode, BadNote, CannotOpen, ExtraMissing, FileExists, KeyMissing, LogDiverged
from timebank.storage import keys
from timebank.storage.keys import KeyFile, new_key
from timebank.tlog.checkpoint import Checkpoint, open_checkpoint, parse_verifier
from timebank.tlog.merkle import leaf_hash, root_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
    with pytest.raises(FileExists), new_key(file.ledger, ORIGIN, os.urandom):
        raise AssertionError
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
