"""The program that is handed to an auditor agrees with the library, and needs nothing but Python."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

import timebank
from tests.tlog.test_receipt import GOOD, NOTE, ORIGIN, SIGNER, TEXT, issue
from timebank.errors import BadCode, TimebankError
from timebank.tlog.checkpoint import Checkpoint, generate_key, parse_verifier, sign_checkpoint
from timebank.tlog.receipt import verify_receipt

PROGRAM = Path(timebank.__file__).parent / "data" / "verify_receipt.py"
VKEY = SIGNER.verifier.vkey


def loaded() -> ModuleType:
    spec = spec_from_file_location("verify_receipt", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


alone = loaded()


def library_says(text: str, vkey: str = VKEY) -> bool:
    try:
        verifier = parse_verifier(vkey)
        verify_receipt(text, verifier, verifier.name)
    except TimebankError:
        return False
    return True


def program_says(text: str, vkey: str = VKEY) -> bool:
    try:
        alone.proved(text, vkey)
    except (alone.Wrong, alone.Unreadable):
        return False
    return True


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-I", "-S", str(PROGRAM), *map(str, arguments)], cwd=cwd, capture_output=True, check=False
    )


# --- as a program


def test_it_runs_with_nothing_but_python_and_says_what_is_proved(tmp_path: Path) -> None:
    receipt, key = tmp_path / "wang.tlog-proof", tmp_path / "key"
    receipt.write_text(TEXT, encoding="utf-8")
    key.write_text(VKEY + "\n", encoding="utf-8")
    for arguments in ((receipt, key), (receipt, VKEY)):
        done = run(*arguments, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, b"")
        said = done.stdout.decode("utf-8")
        assert said.startswith("PROVED 已证明\n")
        assert ORIGIN in said
        assert '"kind": "award"' in said


def test_its_exit_codes_are_proved_not_proved_and_unreadable(tmp_path: Path) -> None:
    receipt = tmp_path / "receipt"
    receipt.write_bytes(TEXT.encode())
    assert run(receipt, generate_key(ORIGIN).verifier.vkey, cwd=tmp_path).returncode == 1
    assert run(receipt, cwd=tmp_path).returncode == 2
    assert run(tmp_path / "none", VKEY, cwd=tmp_path).returncode == 2
    for data in (b"", b"\xff\xfe", b"c2sp.org/tlog-proof@v1\n", bytes(2_000_000)):
        receipt.write_bytes(data)
        done = run(receipt, VKEY, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (2, b"")


# --- as the library says


@pytest.mark.parametrize("size", range(1, 12))
def test_it_proves_every_entry_that_the_library_proves(size: int) -> None:
    for index in range(size):
        text = issue(index, size).render()
        assert alone.proved(text, VKEY)[3:] == (index, issue(index, size).leaf)


@given(st.data())
def test_on_changed_receipts_the_two_say_the_same(data: st.DataObject) -> None:
    lines = TEXT.split("\n")
    place = data.draw(st.integers(0, len(lines) - 1))
    how = data.draw(st.sampled_from(["drop", "double", "swap", "flip", "insert"]))
    if how == "drop":
        del lines[place]
    elif how == "double":
        lines.insert(place, lines[place])
    elif how == "swap":
        other = data.draw(st.integers(0, len(lines) - 1))
        lines[place], lines[other] = lines[other], lines[place]
    elif lines[place]:
        at = data.draw(st.integers(0, len(lines[place]) - 1))
        letter = data.draw(st.sampled_from([*"AaZz09+/= \t\r—", "\x00", "\ufeff", "é"]))
        lines[place] = lines[place][:at] + letter + lines[place][at + (how == "flip") :]
    text = "\n".join(lines)
    assert program_says(text) == library_says(text)


@given(st.integers(0, 1000), st.integers(0, 40))
def test_another_index_or_size_is_proved_by_neither(index: int, size: int) -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, size, GOOD.proof[0]), SIGNER)
    for text in (TEXT.replace("index 4\n", f"index {index}\n"), TEXT.replace(NOTE, note)):
        assert program_says(text) == library_says(text) == (text == TEXT)


def test_a_mistyped_key_is_refused_by_both() -> None:
    name, digits, key = VKEY.split("+", 2)
    wrong = f"{name}+{int(digits, 16) ^ 1:08x}+{key}"
    with pytest.raises(BadCode):
        parse_verifier(wrong)
    with pytest.raises(alone.Unreadable):
        alone.proved(TEXT, wrong)


# --- Ed25519

RFC_8032 = (  # section 7.1, tests 1 to 3: public key, message, signature
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
)


def accepts(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        alone.check_signature(key, message, signature)
    except alone.Wrong:
        return False
    return True


@pytest.mark.parametrize(("key", "message", "signature"), RFC_8032)
def test_the_vectors_of_rfc_8032_verify(key: str, message: str, signature: str) -> None:
    one = bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature)
    assert accepts(*one)
    assert not accepts(one[0], one[1] + b"x", one[2])


@given(st.binary(max_size=200), st.integers(0, 511), st.booleans())
def test_signatures_that_cryptography_makes_verify_and_with_one_bit_changed_do_not(
    message: bytes, bit: int, in_key: bool
) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    key, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert accepts(key, message, signature)
    changed = bytearray(key if in_key else signature)
    changed[bit // 8 % len(changed)] ^= 1 << bit % 8
    assert not accepts(*((bytes(changed), message, signature) if in_key else (key, message, bytes(changed))))


def test_a_second_spelling_of_a_signature_is_refused() -> None:
    key, message, signature = (bytes.fromhex(each) for each in RFC_8032[1])
    larger = int.from_bytes(signature[32:], "little") + alone.L
    assert not accepts(key, message, signature[:32] + larger.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "key",
    [
        (1).to_bytes(32, "little"),  # the neutral point: every message has a signature under it
        bytes(32),
        (alone.P - 1).to_bytes(32, "little"),
        (alone.P + 1).to_bytes(32, "little"),  # the neutral point, in another spelling
        (1 | 1 << 255).to_bytes(32, "little"),  # x = 0 with the sign set
        (2).to_bytes(32, "little"),  # no point of the curve
    ],
)
def test_keys_of_small_order_and_keys_that_are_none_are_refused(key: bytes) -> None:
    neutral = (1).to_bytes(32, "little")
    assert not accepts(key, b"anything", neutral + bytes(32))
