"""Notes malformed in many ways, each by its name: refused by the library and by the program for auditors alike."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import Final

import pytest

from tests.tlog.test_receipt import HASHES, HEAD, NOTE, ORIGIN, SIGNER
from tests.tlog.test_standalone import NOT_PROVED, PROVED, UNREADABLE, program_says
from timebank.errors import BadNote, SignatureWrong
from timebank.tlog.checkpoint import MAX_NOTE, encode_base64, generate_key, open_checkpoint
from timebank.tlog.merkle import root_of

ROOT = encode_base64(root_of(HASHES))
TEXT = f"{ORIGIN}\n11\n{ROOT}\n"
LINE = NOTE.split("\n\n")[1]
_KEY_AND_SIGNATURE: Final = base64.b64decode(LINE.split(" ")[2])
_WITNESS_ID: Final = sha256(ORIGIN.encode() + b"\n\x04" + SIGNER.verifier.public_key).digest()[:4]


def signed(text: str) -> str:
    """A note of *text*, rightly signed whatever it says."""
    return f"{text}\n{SIGNER.sign(text).line()}"


def line(data: bytes, name: str = ORIGIN) -> str:
    return f"— {name} {encode_base64(data)}\n"


ILL_FORMED: Final = {
    "empty": "",
    "no signature": TEXT + "\n",
    "no empty line": TEXT + LINE,
    "no line end": NOTE.removesuffix("\n"),
    "two line ends": NOTE + "\n",
    "carriage returns": NOTE.replace("\n", "\r\n"),
    "a carriage return at one end": NOTE.replace("\n11\n", "\r\n11\n", 1),
    "carriage returns alone": NOTE.replace("\n", "\r"),
    "a tab": NOTE.replace("— ", "—\t"),
    "a control character": NOTE.replace("\n11\n", "\x0011\n", 1),
    "a byte order mark before a signature": NOTE.replace("— ", "\ufeff— "),
    "a hyphen for the dash": NOTE.replace("—", "-"),
    "an en dash": NOTE.replace("—", "–"),
    "no dash": NOTE.replace("— ", ""),
    "no name": NOTE.replace(f"— {ORIGIN} ", "— "),
    "an invisible character in the name": f"{TEXT}\n{line(_KEY_AND_SIGNATURE, ORIGIN + chr(0x200B))}",
    "a name of 201 characters": f"{TEXT}\n{line(_KEY_AND_SIGNATURE, 'x' * 201)}",
    "a signature without its padding": NOTE.replace("=\n", "\n") if LINE.endswith("=\n") else NOTE[:-2] + "\n",
    "an empty line between signatures": NOTE + "\n" + LINE.removeprefix("— "),
    "a signature of 8193 bytes": f"{TEXT}\n{line(_KEY_AND_SIGNATURE[:4] + bytes(8193))}",
    "no space after the dash": NOTE.replace("— ", "—"),
    "two spaces": NOTE.replace("— ", "—  "),
    "base64 for addresses": NOTE.replace(LINE.split(" ")[2], "-_" + LINE.split(" ")[2][2:]),
    "a key id alone": f"{TEXT}\n{line(SIGNER.verifier.key_id)}",
    "a name with a plus": f"{TEXT}\n{line(_KEY_AND_SIGNATURE, 'a+b')}",
    "an empty name": f"{TEXT}\n{line(_KEY_AND_SIGNATURE, '')}",
    "17 signatures": TEXT + "\n" + LINE * 17,
    "longer than any note": signed(TEXT)[:-1] + " " * MAX_NOTE + "\n",
    "words after the last line": NOTE + "more",
    "16 good signatures that are too long together": NOTE + line(bytes(8196), "other") * 15,
    "words after the signature": NOTE.replace(LINE, LINE.replace("\n", " more\n")),
}
"""Texts that are no signed notes at all."""
NOT_CHECKPOINTS: Final = {
    "a byte order mark": "\ufeff" + TEXT,
    "two empty lines": TEXT + "\n",
    "an empty line before": "\n" + TEXT,
    "an invisible character": f"{ORIGIN}\u200b\n11\n{ROOT}\n",
    "a sign that turns the line around": f"{ORIGIN}\u202e\n11\n{ROOT}\n",
    "a tab in the origin": f"{ORIGIN}\t\n11\n{ROOT}\n",
    "a line separator": f"{ORIGIN}\u2028\n11\n{ROOT}\n",
    "an origin of 201 characters": f"{'x' * 201}\n11\n{ROOT}\n",
    "base64 for addresses in the root": f"{ORIGIN}\n11\n{'-_' + ROOT[2:]}\n",
    "base64 without its padding": TEXT.replace(ROOT, ROOT.rstrip("=")),
    "stray bits in base64": TEXT.replace(ROOT, ROOT[:-2] + chr(ord(ROOT[-2]) + 1) + "="),
    "two lines": f"{ORIGIN}\n11\n",
    "a fourth line": TEXT + "more\n",
    "an empty origin": f"\n11\n{ROOT}\n",
    "a leading zero": f"{ORIGIN}\n011\n{ROOT}\n",
    "a plus sign": f"{ORIGIN}\n+11\n{ROOT}\n",
    "a minus sign": f"{ORIGIN}\n-11\n{ROOT}\n",
    "a space in the size": f"{ORIGIN}\n1 1\n{ROOT}\n",
    "digits of another script": f"{ORIGIN}\n１１\n{ROOT}\n",
    "hex": f"{ORIGIN}\n0xb\n{ROOT}\n",
    "no size": f"{ORIGIN}\n\n{ROOT}\n",
    "2 to the 63": f"{ORIGIN}\n{2**63}\n{ROOT}\n",
    "a root of 31 bytes": f"{ORIGIN}\n11\n{encode_base64(bytes(31))}\n",
    "a root of 33 bytes": f"{ORIGIN}\n11\n{encode_base64(bytes(33))}\n",
    "a root in hex": f"{ORIGIN}\n11\n{root_of(HASHES).hex()}\n",
}
"""Texts that their key signed, and that are no checkpoints."""
WRONGLY_SIGNED: Final = {
    "another key of the same name": TEXT + "\n" + line(_KEY_AND_SIGNATURE, "other.example/log"),
    "another key id": TEXT + "\n" + line(bytes(4) + _KEY_AND_SIGNATURE[4:]),
    "one bit of the signature": TEXT + "\n" + line(_KEY_AND_SIGNATURE[:-1] + bytes([_KEY_AND_SIGNATURE[-1] ^ 1])),
    "a short signature": TEXT + "\n" + line(_KEY_AND_SIGNATURE[:-1]),
    "a long signature": TEXT + "\n" + line(_KEY_AND_SIGNATURE + b"\0"),
    "over another size": NOTE.replace("\n11\n", "\n12\n"),
    "over another root": NOTE.replace(ROOT, encode_base64(bytes(32))),
    "over another origin": NOTE.replace(ORIGIN + "\n11", "example.org/other\n11"),
    "the key id of a witness": TEXT + "\n" + line(_WITNESS_ID + _KEY_AND_SIGNATURE[4:]),
    "a witness's time before the signature": TEXT
    + "\n"
    + line(_KEY_AND_SIGNATURE[:4] + bytes(8) + _KEY_AND_SIGNATURE[4:]),
    "over the text of a witness": f"{TEXT}\n{SIGNER.sign(f'cosignature/v1{chr(10)}time 1{chr(10)}{TEXT}').line()}",
    "over the text without its last line end": f"{TEXT}\n{SIGNER.sign(TEXT[:-1]).line()}",
    "one good and one bad of the same key": TEXT
    + "\n"
    + LINE
    + line(_KEY_AND_SIGNATURE[:-1] + bytes([_KEY_AND_SIGNATURE[-1] ^ 1])),
}
"""Notes in good form whose signature is not that of the key over the text."""


def program_says_of(note: str) -> int:
    return program_says(HEAD + note)


def test_the_note_that_all_are_made_of_is_good() -> None:
    assert open_checkpoint(NOTE, SIGNER.verifier).size == 11
    assert open_checkpoint(signed(TEXT), SIGNER.verifier).size == 11
    assert program_says_of(NOTE) == PROVED


def test_a_signature_that_stands_there_twice_counts_once_as_the_specification_allows() -> None:
    assert open_checkpoint(NOTE + LINE, SIGNER.verifier).size == 11
    assert program_says_of(NOTE + LINE) == PROVED


@pytest.mark.parametrize("how", ILL_FORMED)
def test_what_is_no_note_is_refused_as_that(how: str) -> None:
    with pytest.raises(BadNote) as caught:
        open_checkpoint(ILL_FORMED[how], SIGNER.verifier)
    assert type(caught.value) is BadNote
    assert program_says_of(ILL_FORMED[how]) == UNREADABLE


@pytest.mark.parametrize("how", NOT_CHECKPOINTS)
def test_what_is_signed_and_no_checkpoint_is_refused_as_that(how: str) -> None:
    with pytest.raises(BadNote) as caught:
        open_checkpoint(signed(NOT_CHECKPOINTS[how]), SIGNER.verifier)
    assert type(caught.value) is BadNote
    assert program_says_of(signed(NOT_CHECKPOINTS[how])) == UNREADABLE


@pytest.mark.parametrize("how", WRONGLY_SIGNED)
def test_what_the_key_did_not_sign_is_refused_as_that(how: str) -> None:
    with pytest.raises(SignatureWrong) as caught:
        open_checkpoint(WRONGLY_SIGNED[how], SIGNER.verifier)
    assert type(caught.value) is SignatureWrong
    assert program_says_of(WRONGLY_SIGNED[how]) == NOT_PROVED


def test_another_key_does_not_open_the_note() -> None:
    other = generate_key(ORIGIN).verifier
    with pytest.raises(SignatureWrong):
        open_checkpoint(NOTE, other)
    assert program_says(HEAD + NOTE, other.vkey) == NOT_PROVED
