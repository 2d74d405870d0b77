"""Receipts and checkpoints in people's hands: proved from the command line, read by a telephone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve

from tests.cli.conftest import REDEMPTION, Shell
from timebank.cli.qr import drawing, picture
from timebank.errors import BadCode, QrTooLarge

zxing = pytest.importorskip("zxingcpp")


@pytest.fixture
def proof(shell: Shell) -> tuple[Shell, Path, str]:
    """A ledger, the receipt of its redemption, and its public key."""
    out = shell.file.parent / "wang.tlog-proof"
    shell.out("receipt", "FILE", str(REDEMPTION), "--out", str(out))
    return shell, out, shell.json("entry", "FILE", "0")["body"]["vkey"]


def test_a_receipt_is_proved_without_the_book(proof: tuple[Shell, Path, str]) -> None:
    shell, out, vkey = proof
    gone = evolve(shell, file=shell.file.parent / "nowhere")
    said = gone.out("receipt", "verify", str(out), "--vkey", vkey)
    assert said.startswith(f"Proved: the book yungu.example/timebank holds entry {REDEMPTION} of 20,")
    assert "yungu-shop" in said.lower()
    assert said.rstrip().endswith("when it was written.")
    chinese = gone.in_chinese().out("receipt", "verify", str(out), "--vkey", vkey)
    assert chinese.startswith("已证明：账本 yungu.example/timebank")
    key = shell.file.parent / "published.vkey"
    key.write_text(vkey + "\n", encoding="utf-8")
    shown = gone.json("receipt", "verify", str(out), "--vkey", str(key))
    assert (shown["origin"], shown["size"], shown["entry"]["seq"]) == ("yungu.example/timebank", 20, REDEMPTION)
    assert shown["entry"] == shell.json("entry", "FILE", str(REDEMPTION))


def test_what_is_not_proved_is_an_error_of_its_own(proof: tuple[Shell, Path, str]) -> None:
    shell, out, vkey = proof
    text = out.read_text(encoding="utf-8")
    other = shell.file.parent / "other"

    def said(changed: str, *more: str, code: int) -> str:
        other.write_text(changed, encoding="utf-8")
        return shell.error("receipt", "verify", str(other), "--vkey", vkey, *more, code=code)

    assert "[proof-wrong]" in said(text.replace(f"index {REDEMPTION}", "index 3"), code=4)
    assert "[signature-wrong]" in said(text.replace("\n20\n", "\n21\n"), code=4)
    assert "[proof-wrong]" in said(text, "--origin", "another.example/log", code=4)
    assert "[bad-receipt]" in said(text[:-1], code=2)
    assert "[bad-receipt]" in said("", code=2)
    other.write_bytes(b"\xff\xfe\x00")
    assert "[bad-receipt]" in shell.error("receipt", "verify", str(other), "--vkey", vkey, code=2)
    assert "[file-missing]" in shell.error("receipt", "verify", str(other) + "x", "--vkey", vkey, code=2)
    assert "[file-missing]" in shell.error("receipt", "verify", str(out), "--vkey", "no-key", code=2)
    assert "[bad-code]" in shell.error("receipt", "verify", str(out), "--vkey", "a+b+c", code=2)
    assert "[cannot-open]" in shell.error("receipt", "verify", str(out.parent), "--vkey", vkey, code=2)


def test_the_program_for_auditors_is_written_once(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "verify_receipt.py"
    assert str(out) in shell.out("receipt", "verifier", "--out", str(out))
    compile(out.read_text(encoding="utf-8"), str(out), "exec")
    assert "[file-exists]" in shell.error("receipt", "verifier", "--out", str(out), code=2)


# --- the QR code


def decoded(png: Path) -> bytes:
    from matplotlib.image import imread
    from numpy import uint8

    image = (imread(png) * 255).astype(uint8)
    (found,) = zxing.read_barcodes(image)
    return bytes(found.bytes)


def test_a_checkpoint_is_read_back_from_its_qr_code_to_the_byte(shell: Shell, tmp_path: Path) -> None:
    png, svg = tmp_path / "note.png", tmp_path / "note.svg"
    note = shell.out("checkpoint", "FILE", "--qr", str(png))
    assert decoded(png) == note.encode()
    assert shell.out("checkpoint", "FILE", "--qr", str(svg)) == note
    assert svg.read_bytes().startswith(b"<?xml")
    drawn = shell.out("checkpoint", "FILE", "--qr", "-")
    assert drawn.endswith(note)
    assert len(drawn) > 2 * len(note)
    assert "[file-exists]" in shell.run("checkpoint", "FILE", "--qr", str(svg), code=2).stderr
    assert "[bad-code]" in shell.error("checkpoint", "FILE", "--qr", str(tmp_path / "note.gif"), code=2)


@pytest.mark.parametrize("length", [1, 150, 213, 214, 271])
def test_notes_of_up_to_271_bytes_fit_into_version_10(length: int, tmp_path: Path) -> None:
    note = "—".ljust(length - 2, "x") if length > 2 else "x" * length
    png = tmp_path / "note.png"
    png.write_bytes(picture(note, str(png)))
    assert decoded(png) == note.encode()
    assert drawing(note)


def test_a_longer_note_is_refused_with_both_lengths() -> None:
    with pytest.raises(QrTooLarge) as caught:
        drawing("x" * 272)
    assert caught.value.facts() == {"bytes_needed": 272, "bytes_most": 271}
    with pytest.raises(BadCode):
        picture("x", "note")


def test_json_of_a_proof_has_stable_names(proof: tuple[Shell, Path, str]) -> None:
    shell, out, vkey = proof
    shown = json.loads(shell.run("receipt", "verify", str(out), "--vkey", vkey, "--json").stdout)
    assert shown.keys() == {"origin", "size", "root", "entry"}
