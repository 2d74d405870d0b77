"""Receipts and checkpoints in people's hands: proved from the command line, read by a telephone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from attrs import evolve
from click.testing import CliRunner

from tests.cli.conftest import REDEMPTION, Shell
from timebank.cli import main
from timebank.cli.output import width
from timebank.cli.qr import drawing, picture
from timebank.errors import BadCode, QrTooLarge
from timebank.tlog.checkpoint import encode_base64, read_unverified
from timebank.tlog.receipt import parse_receipt

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
    said = gone.out("receipt", "verify", str(out), "--key", vkey)
    assert said.startswith(f"Proved: the book yungu.example/timebank holds entry {REDEMPTION} of 20,")
    assert "yungu-shop" in said.lower()
    assert said.rstrip().endswith("when it was written.")
    chinese = gone.in_chinese().out("receipt", "verify", str(out), "--key", vkey)
    assert chinese.startswith("已证明：账本 yungu.example/timebank")
    key = shell.file.parent / "published.vkey"
    key.write_text(vkey + "\n", encoding="utf-8")
    shown = gone.json("receipt", "verify", str(out), "--key", str(key))
    assert (shown["origin"], shown["size"], shown["entry"]["seq"]) == ("yungu.example/timebank", 20, REDEMPTION)
    assert shown["entry"] == shell.json("entry", "FILE", str(REDEMPTION))


def test_what_is_not_proved_is_an_error_of_its_own(proof: tuple[Shell, Path, str]) -> None:
    shell, out, vkey = proof
    text = out.read_text(encoding="utf-8")
    other = shell.file.parent / "other"

    def said(changed: str, *more: str, code: int) -> str:
        other.write_text(changed, encoding="utf-8")
        return shell.error("receipt", "verify", str(other), "--key", vkey, *more, code=code)

    assert "[proof-wrong]" in said(text.replace(f"index {REDEMPTION}", "index 3"), code=4)
    assert "[signature-wrong]" in said(text.replace("\n20\n", "\n21\n"), code=4)
    assert "[proof-wrong]" in said(text, "--origin", "another.example/log", code=4)
    assert "[bad-receipt]" in said(text[:-1], code=2)
    assert "[bad-receipt]" in said("", code=2)
    other.write_bytes(b"\xff\xfe\x00")
    assert "[bad-receipt]" in shell.error("receipt", "verify", str(other), "--key", vkey, code=2)
    assert "[file-missing]" in shell.error("receipt", "verify", str(other) + "x", "--key", vkey, code=2)
    assert "[file-missing]" in shell.error("receipt", "verify", str(out), "--key", "no-key", code=2)
    assert "[bad-code]" in shell.error("receipt", "verify", str(out), "--key", "a+b+c", code=2)
    assert "[cannot-open]" in shell.error("receipt", "verify", str(out.parent), "--key", vkey, code=2)


def test_the_program_for_auditors_is_written_once(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "verify_receipt.py"
    assert str(out) in shell.out("receipt", "verifier", "--out", str(out))
    compile(out.read_text(encoding="utf-8"), str(out), "exec")
    assert "[file-exists]" in shell.error("receipt", "verifier", "--out", str(out), code=2)
    assert shell.out("receipt", "verifier") == out.read_text(encoding="utf-8")


def test_the_program_written_out_proves_a_receipt_written_out(proof: tuple[Shell, Path, str]) -> None:
    shell, out, vkey = proof
    shell.out("receipt", "verifier", "--out", str(out.parent / "verify_receipt.py"))
    words = [sys.executable, "-I", "-S", "verify_receipt.py", out.name]
    for key, code in ((vkey, 0), (vkey.replace("yungu", "yunga"), 2)):
        done = subprocess.run([*words, key], cwd=out.parent, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (code, b"")
        assert (b'kind \xe7\xa7\x8d\xe7\xb1\xbb: "redemption"' in done.stdout) == (code == 0)


# --- the QR code


def decoded(png: Path) -> bytes:
    from matplotlib.image import imread
    from numpy import uint8

    return read((imread(png) * 255).astype(uint8))


def decoded_from_text(lines: list[str]) -> bytes:
    """What a telephone reads off paper on which *lines* are printed, each character two squares high."""
    from numpy import array, repeat, uint8

    dark = {" ": (0, 0), "▄": (0, 1), "▀": (1, 0), "█": (1, 1)}
    rows = [[dark[each][half] for each in line] for line in lines for half in (0, 1)]
    ink = array([[0 if each else 255 for each in row] for row in rows], dtype=uint8)
    return read(repeat(repeat(ink, 4, axis=0), 4, axis=1))


def read(image: Any) -> bytes:
    (found,) = zxing.read_barcodes(image, try_invert=False)
    return bytes(found.bytes)


def test_a_checkpoint_is_read_back_from_its_qr_code_to_the_byte(shell: Shell, tmp_path: Path) -> None:
    png, svg = tmp_path / "note.png", tmp_path / "note.svg"
    note = shell.out("checkpoint", "FILE", "--qr", str(png))
    assert decoded(png) == note.encode()
    assert shell.out("checkpoint", "FILE", "--qr", str(svg)) == note
    assert svg.read_bytes().startswith(b"<?xml")
    drawn = shell.out("checkpoint", "FILE", "--qr", "-")
    assert drawn.endswith("\n" + note)
    assert decoded_from_text(drawn.removesuffix("\n" + note).split("\n")) == note.encode()
    assert "[file-exists]" in shell.run("checkpoint", "FILE", "--qr", str(svg), code=2).stderr
    assert "[bad-code]" in shell.error("checkpoint", "FILE", "--qr", str(tmp_path / "note.gif"), code=2)


@pytest.mark.parametrize("length", [1, 150, 213, 214, 271])
def test_notes_of_up_to_271_bytes_fit_into_version_10(length: int, tmp_path: Path) -> None:
    note = "—".ljust(length - 2, "x") if length > 2 else "x" * length
    png = tmp_path / "note.png"
    png.write_bytes(picture(note, str(png)))
    assert decoded(png) == note.encode()
    assert decoded_from_text(click.unstyle(drawing(note)).split("\n")) == note.encode()
    assert width(click.unstyle(drawing(note)).split("\n")[0]) <= 65


def test_a_longer_note_is_refused_with_both_lengths() -> None:
    with pytest.raises(QrTooLarge) as caught:
        drawing("x" * 272)
    assert caught.value.facts() == {"bytes_needed": 272, "bytes_most": 271}
    with pytest.raises(BadCode):
        picture("x", "note")


def test_json_of_a_proof_has_stable_names(proof: tuple[Shell, Path, str]) -> None:
    shell, out, vkey = proof
    shown = json.loads(shell.run("receipt", "verify", str(out), "--key", vkey, "--json").stdout)
    assert shown.keys() == {"origin", "size", "root", "entry"}


def test_a_terminal_shows_the_code_black_on_white_whatever_its_colours(shell: Shell) -> None:
    words = ["checkpoint", str(shell.file), "--qr", "-"]
    shown = CliRunner().invoke(main, words, env=shell.environment, color=True).stdout
    assert shown.startswith("\x1b[30m\x1b[107m ")
    assert "\x1b" not in shell.out("checkpoint", "FILE", "--qr", "-")


# --- the slip


def test_the_slip_holds_the_entry_the_root_and_the_note_whole(proof: tuple[Shell, Path, str]) -> None:
    shell, out, _ = proof
    receipt = parse_receipt(out.read_text(encoding="utf-8"))
    lines = shell.out("receipt", "FILE", str(REDEMPTION), "--slip").removesuffix("\n").split("\n")
    code = lines.index("The checkpoint:") + 1
    assert decoded_from_text(lines[code:]) == receipt.note.encode()
    assert max(map(width, lines[:code])) == 32
    checkpoint = read_unverified(receipt.note)
    printed = "".join(lines)
    assert receipt.leaf.decode() in printed
    assert f"Root:{encode_base64(checkpoint.root)}-" in printed
    assert f"Entry{REDEMPTION:27}" in lines
    assert f"Entries{checkpoint.size:25}" in lines
    chinese = shell.in_chinese().out("receipt", "of", "FILE", str(REDEMPTION), "--slip")
    assert "分录原文：" in chinese
    assert (
        decoded_from_text(chinese.removesuffix("\n").split("\n")[-(len(lines) - code) :]) == receipt.note.encode()
    )


def test_a_slip_is_printed_beside_a_receipt_that_is_written(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "wang.tlog-proof"
    award = str(next(seq for seq in range(20) if shell.json("entry", "FILE", str(seq))["kind"] == "award"))
    slip = shell.out("receipt", "FILE", award, "--slip")
    assert shell.out("receipt", "FILE", award, "--slip", "--out", str(out)).startswith(slip)
    assert out.read_text(encoding="utf-8") == shell.out("receipt", "FILE", award)
    assert "Approved             committee-1" in slip


def test_a_slip_of_a_book_whose_name_is_too_long_for_a_code_is_refused(tmp_path: Path) -> None:
    long = Shell(tmp_path / "long.timebank", {"LC_ALL": "en_GB.UTF-8"})
    long.out("init", "FILE", "--origin", "yungu.example/" + "x" * 85)
    for words in (["receipt", "FILE", "0", "--slip"], ["checkpoint", "FILE", "--qr", "-"]):
        assert "[qr-too-large]" in long.error(*words, code=2)
    assert "271" in long.error("checkpoint", "FILE", "--qr", str(tmp_path / "note.svg"), code=2)
    assert not (tmp_path / "note.svg").exists()
