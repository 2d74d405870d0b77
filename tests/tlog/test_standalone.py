"""The program that is handed to an auditor agrees with the library, and needs nothing but Python."""

from __future__ import annotations

import ast
import subprocess
import sys
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

import timebank
from tests.conftest import fewer
from tests.tlog.test_receipt import GOOD, LEAVES, NOTE, ORIGIN, SIGNER, TEXT, issue
from tests.tlog.test_vectors import LOG, LOG_KEY, needs_log
from timebank.errors import InvalidInput, TimebankError
from timebank.tlog.checkpoint import Checkpoint, encode_base64, generate_key, parse_verifier, sign_checkpoint
from timebank.tlog.merkle import leaf_hash
from timebank.tlog.receipt import Receipt, verify_receipt

PROGRAM = Path(timebank.__file__).parent / "data" / "verify_receipt.py"
VKEY = SIGNER.verifier.vkey
PROVED, NOT_PROVED, UNREADABLE = 0, 1, 2


def loaded() -> ModuleType:
    spec = spec_from_file_location("verify_receipt", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


alone = loaded()


def library_says(text: str, vkey: str = VKEY) -> int:
    try:
        verifier = parse_verifier(vkey)
        verify_receipt(text, verifier, verifier.name)
    except InvalidInput:
        return UNREADABLE
    except TimebankError:
        return NOT_PROVED
    return PROVED


def program_says(text: str, vkey: str = VKEY) -> int:
    try:
        alone.proved(text, vkey)
    except alone.Unreadable:
        return UNREADABLE
    except alone.Wrong:
        return NOT_PROVED
    return PROVED


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
        assert 'kind 种类: "award"' in said
        assert said.endswith("不能证明：内容属实，以及何时写下。\n")


def test_its_exit_codes_are_proved_not_proved_and_unreadable(tmp_path: Path) -> None:
    receipt = tmp_path / "receipt"
    receipt.write_bytes(TEXT.encode())
    done = run(receipt, generate_key(ORIGIN).verifier.vkey, cwd=tmp_path)
    assert (done.returncode, done.stdout[:10]) == (NOT_PROVED, b"NOT PROVED")
    assert run(receipt, cwd=tmp_path).returncode == UNREADABLE
    assert run(tmp_path / "none", VKEY, cwd=tmp_path).returncode == UNREADABLE
    for data in (b"", b"\xff\xfe", b"c2sp.org/tlog-proof@v1\n", bytes(2_000_000)):
        receipt.write_bytes(data)
        done = run(receipt, VKEY, cwd=tmp_path)
        assert (done.returncode, done.stdout[:11], done.stderr) == (UNREADABLE, b"CANNOT READ", b"")


@pytest.mark.parametrize(
    "leaf",
    [
        b"no JSON",
        b"[1]",
        b"[" * 60_000,
        b'{"kind": "award"}',
        b'{"kind":"award","kind":"award"}',
        b'{"at":' + b"9" * 5_000 + b"}",
        b'{"kind":"\\ud800"}',
        b'{"kind":"\xff"}',
    ],
)
def test_bytes_that_a_book_signed_and_that_are_no_entry_are_said_to_be_none(leaf: bytes, tmp_path: Path) -> None:
    receipt = tmp_path / "receipt"
    note = sign_checkpoint(Checkpoint(ORIGIN, 1, leaf_hash(leaf)), SIGNER)
    receipt.write_bytes(Receipt(leaf, 0, (), note).render().encode())
    done = run(receipt, VKEY, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (UNREADABLE, b"")
    assert b"no entry of timebank" in done.stdout


def test_what_an_entry_says_cannot_play_with_the_terminal() -> None:
    said = alone.lines_about('{"body":{"text":"\u202e云\x9b"},"kind":"award"}'.encode())
    assert said == ['kind 种类: "award"', 'body 内容: {"text": "\\u202e云\\u009b"}']


def test_it_is_short_and_asks_for_nothing_but_four_modules() -> None:
    source = PROGRAM.read_text(encoding="utf-8")
    assert source.count("\n") < 300
    imported, called = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called.add(node.func.id)
    assert imported == {"__future__", "base64", "hashlib", "json", "sys"}
    assert not called & {"eval", "exec", "compile", "__import__", "getattr", "input"}


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


@fewer(4)
@given(st.integers(0, 1000), st.integers(0, 40), st.integers(0, 10), st.integers(0, 10))
def test_another_index_size_entry_or_place_is_judged_alike(index: int, size: int, leaf: int, other: int) -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, size, GOOD.proof[0]), SIGNER)
    for text in (
        TEXT.replace("index 4\n", f"index {index}\n"),
        TEXT.replace(NOTE, note),
        Receipt(LEAVES[leaf], other, issue(other, 11).proof, NOTE).render(),
        Receipt(LEAVES[leaf], leaf, issue(other, 11).proof, NOTE).render(),
    ):
        assert program_says(text) == library_says(text)
        assert (program_says(text) == PROVED) == (text in [issue(each, 11).render() for each in range(11)])


@given(st.data())
def test_of_a_changed_key_the_two_say_the_same(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(VKEY) - 1))
    letter = data.draw(st.sampled_from([*"AaZz09+/= \t\n—", "\x00", "\ufeff", "é", ""]))
    vkey = VKEY[:at] + letter + VKEY[at + data.draw(st.integers(0, 1)) :]
    if vkey == vkey.strip():  # a key file ends with a newline, which the program takes off
        assert program_says(TEXT, vkey) == library_says(TEXT, vkey)


def test_a_key_of_another_kind_is_unreadable_to_both() -> None:
    data = b"\x04" + SIGNER.verifier.public_key
    vkey = f"{ORIGIN}+{sha256(ORIGIN.encode() + b'%c' % 10 + data).hexdigest()[:8]}+{encode_base64(data)}"
    assert program_says(TEXT, vkey) == library_says(TEXT, vkey) == UNREADABLE


@pytest.mark.parametrize("size", [0, 65_536])
def test_an_entry_that_no_book_can_hold_is_unreadable_to_both(size: int) -> None:
    text = TEXT.replace(encode_base64(GOOD.leaf), encode_base64(bytes(size)))
    assert program_says(text) == library_says(text) == UNREADABLE


def test_a_receipt_of_another_book_of_the_same_key_is_not_proved() -> None:
    text = issue(4, 11, "example.org/other").render()
    assert program_says(text) == library_says(text) == NOT_PROVED


# --- Ed25519

RFC_8032 = (  # section 7.1, tests 1 to 3 and the last: public key, message, signature
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
    (  # "SHA(abc)"
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
        "454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
        "3dca179c138ac17ad9bef1177331a704",
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


def cryptography_accepts(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_signatures_that_cryptography_makes_verify(seed: bytes, message: bytes) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    assert accepts(private.public_key().public_bytes_raw(), message, private.sign(message))


@given(
    st.binary(min_size=32, max_size=32),
    st.binary(max_size=40),
    st.sampled_from(["key", "R", "S", "message"]),
    st.one_of(st.integers(0, 255).map(lambda bit: 1 << bit), st.integers(1, 2**256 - 1)),
)
def test_of_corrupted_signatures_it_says_what_cryptography_says(
    seed: bytes, message: bytes, where: str, change: int
) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key, signature = private.public_key().public_bytes_raw(), private.sign(message)
    parts = {"key": key, "R": signature[:32], "S": signature[32:], "message": message.ljust(32, b"\0")}
    changed = (int.from_bytes(parts[where], "little") ^ change) % 2 ** (8 * len(parts[where]))
    parts[where] = changed.to_bytes(len(parts[where]), "little")
    one = parts["key"], parts["message"] if where == "message" else message, parts["R"] + parts["S"]
    assert accepts(*one) == cryptography_accepts(*one)


@given(st.binary(max_size=40), st.integers(1, 7))
def test_a_key_or_a_commitment_off_the_main_group_is_judged_as_cryptography_judges_it(
    message: bytes, multiple: int
) -> None:
    # Where the equation with the cofactor would say yes: the key, or R, moved by a point of small order.
    small = alone.point_of(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"))
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    key, signature = private.public_key().public_bytes_raw(), private.sign(message)

    def moved(spelt: bytes) -> bytes:
        return bytes(alone.bytes_of_point(alone.add(alone.point_of(spelt), alone.times(multiple, small))))

    for one in ((moved(key), message, signature), (key, message, moved(signature[:32]) + signature[32:])):
        assert accepts(*one) == cryptography_accepts(*one)


@needs_log
@pytest.mark.parametrize("size", range(16))
def test_the_checkpoints_of_the_tessera_log_verify(size: int) -> None:
    name, key_id, key = alone.key_of(LOG_KEY)
    text, signatures = alone.note_of((LOG / f"checkpoint.{size}").read_text(encoding="utf-8"))
    (signature,) = [each for who, whose, each in signatures if (who, whose) == (name, key_id)]
    alone.check_signature(key, text.encode(), signature)
    assert alone.checkpoint_of(text)[:2] == (name, size)
    with pytest.raises(alone.Wrong):
        alone.check_signature(key, text.encode() + b"\n", signature)


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
