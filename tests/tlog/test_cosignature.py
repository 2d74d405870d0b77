"""Cosignatures, requests to witnesses, and cosigned notes: what is right is read back, and nothing else."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from timebank.errors import BadCode, BadNote, RequestWrong, SignatureWrong, TimebankError
from timebank.tlog.checkpoint import (
    Checkpoint,
    Signature,
    generate_key,
    open_checkpoint,
    parse_note,
    parse_verifier,
    sign_checkpoint,
)
from timebank.tlog.cosignature import (
    MAX_PROOF,
    Request,
    generate_cosigning_key,
    parse_answer,
    parse_cosigner,
    parse_cosigning_key,
    parse_request,
    split_notes,
    with_cosignature,
)

LOG = generate_key("log.example/a", lambda count: b"l" * count)
WITNESS = generate_cosigning_key("w.example/w", lambda count: b"w" * count)
OTHER = generate_cosigning_key("w.example/w", lambda count: b"o" * count)
NOTE = sign_checkpoint(Checkpoint("log.example/a", 7, b"r" * 32), LOG)
TEXT = parse_note(NOTE).text
SECONDS = st.integers(0, 2**63 - 1)


# --- The cosignature ---------------------------------------------------------------------------------------


@given(at_second=SECONDS)
def test_a_cosignature_says_who_and_when(at_second: int) -> None:
    line = WITNESS.sign(TEXT, at_second)
    assert WITNESS.cosigner.open(TEXT, line) == at_second


def test_a_cosignature_is_laid_out_as_the_specification_says() -> None:
    line = WITNESS.sign(TEXT, 1679315147)
    key = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    public = key.public_key().public_bytes_raw()
    message = b"cosignature/v1\ntime 1679315147\n" + TEXT.encode()
    expected = (1679315147).to_bytes(8, "big") + key.sign(message)
    key_id = hashlib.sha256(b"w.example/w\n\x04" + public).digest()[:4]
    assert (line.name, line.key_id, line.signature) == ("w.example/w", key_id, expected)
    encoded = base64.b64encode(b"\x04" + public).decode()
    assert WITNESS.cosigner.vkey == f"w.example/w+{key_id.hex()}+{encoded}"


def test_a_cosigned_note_is_still_the_book_s() -> None:
    note = with_cosignature(parse_note(NOTE), WITNESS.sign(TEXT, 5))
    assert open_checkpoint(note.render(), LOG.verifier).size == 7
    assert WITNESS.cosigner.signatures(note) == (WITNESS.sign(TEXT, 5),)
    assert OTHER.cosigner.signatures(note) == ()


def test_a_later_cosignature_takes_the_place_of_the_same_witness_s_earlier_one() -> None:
    note = with_cosignature(parse_note(NOTE), WITNESS.sign(TEXT, 5))
    note = with_cosignature(note, OTHER.sign(TEXT, 6))
    note = with_cosignature(note, WITNESS.sign(TEXT, 7))
    assert note.signatures[1:] == (OTHER.sign(TEXT, 6), WITNESS.sign(TEXT, 7))


@given(place=st.integers(0, 71), bit=st.integers(0, 7))
def test_no_bit_of_a_cosignature_can_be_changed(place: int, bit: int) -> None:
    line = WITNESS.sign(TEXT, 1679315147)
    value = bytearray(line.signature)
    value[place] ^= 1 << bit
    with pytest.raises(SignatureWrong):
        WITNESS.cosigner.open(TEXT, Signature(line.name, line.key_id, bytes(value)))


@pytest.mark.parametrize("value", [b"x", b"x" * 64, b"x" * 71, b"x" * 73])
def test_a_cosignature_of_another_length_is_none(value: bytes) -> None:
    with pytest.raises(SignatureWrong):
        WITNESS.cosigner.open(TEXT, Signature("w.example/w", WITNESS.cosigner.key_id, value))


@pytest.mark.parametrize("at_second", [0, 2**56, 2**63 - 1])
def test_a_time_of_63_bits_is_read(at_second: int) -> None:
    assert WITNESS.cosigner.open(TEXT, WITNESS.sign(TEXT, at_second)) == at_second


def test_a_time_beyond_63_bits_is_refused_though_the_witness_signed_it() -> None:
    with pytest.raises(SignatureWrong) as caught:
        WITNESS.cosigner.open(TEXT, WITNESS.sign(TEXT, 2**63))
    assert caught.value.signer == "w.example/w"


def test_another_text_or_another_witness_is_not_cosigned() -> None:
    line = WITNESS.sign(TEXT, 5)
    for cosigner, text in ((WITNESS.cosigner, TEXT.replace("7", "8")), (OTHER.cosigner, TEXT)):
        with pytest.raises(SignatureWrong) as caught:
            cosigner.open(text, line)
        assert caught.value.signer == "w.example/w"


def test_a_plain_signature_of_the_same_key_is_no_cosignature() -> None:
    plain = WITNESS.signer.sign(TEXT)
    assert plain.key_id != WITNESS.cosigner.key_id
    with pytest.raises(SignatureWrong):
        WITNESS.cosigner.open(TEXT, plain)


# --- Keys --------------------------------------------------------------------------------------------------


def test_a_key_is_made_of_the_entropy_that_is_given_and_of_nothing_else() -> None:
    assert generate_cosigning_key("w.example/w", lambda count: b"w" * count) == WITNESS
    assert generate_cosigning_key("w.example/w") != generate_cosigning_key("w.example/w")


def test_keys_are_read_back() -> None:
    assert parse_cosigner(WITNESS.cosigner.vkey) == WITNESS.cosigner
    assert parse_cosigning_key(WITNESS.private_text) == WITNESS


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "w",
        "w.example/w+00000000+BAAA",
        LOG.vkey,
        WITNESS.signer.vkey,
        WITNESS.cosigner.vkey.replace("w.example/w", "w.example/v"),
        WITNESS.cosigner.vkey.upper(),
        WITNESS.cosigner.vkey[:-1],
        WITNESS.cosigner.vkey + "=",
    ],
)
def test_what_is_no_witness_s_public_key_is_refused(vkey: str) -> None:
    with pytest.raises((BadCode, BadNote)):
        parse_cosigner(vkey)


def test_a_key_whose_base64_holds_a_plus_is_read_back() -> None:
    keys = (generate_cosigning_key("w", lambda count, byte=byte: bytes([byte]) * count) for byte in range(256))
    key = next(key for key in keys if "+" in key.cosigner.vkey.split("+", 2)[2])
    assert parse_cosigner(key.cosigner.vkey) == key.cosigner


PATTERN = "name+key id as 8 hexadecimal digits+base64 of 0x04 and 32 bytes"


@pytest.mark.parametrize(
    ("vkey", "pattern"),
    [
        ("w+00000000+no base64" + "x" * 300, PATTERN),
        ("w+00000000+" + base64.b64encode(b"\4" + bytes(300)).decode(), PATTERN),
        ("w+00000000+" + base64.b64encode(b"\4" + bytes(31)).decode(), PATTERN),
        ("w+00000000+" + base64.b64encode(b"\1" + bytes(32)).decode(), PATTERN),
        ("w+00000000+" + base64.b64encode(b"\4" + bytes(32)).decode(), "a key id that fits the key"),
        ("w" * 200 + "+00000000+" + base64.b64encode(b"\4" + bytes(32)).decode(), "a key id that fits the key"),
    ],
)
def test_a_refused_key_is_shown_as_far_as_200_characters_with_what_was_expected(vkey: str, pattern: str) -> None:
    with pytest.raises(BadCode) as caught:
        parse_cosigner(vkey)
    assert caught.value.facts() == {"field": "vkey", "value": vkey[:200], "pattern": pattern}


def test_a_witness_s_key_does_not_pass_for_a_book_s() -> None:
    with pytest.raises(BadCode):
        parse_verifier(WITNESS.cosigner.vkey)


# --- Requests and answers ----------------------------------------------------------------------------------

PROOFS = st.lists(st.binary(min_size=32, max_size=32), max_size=MAX_PROOF).map(tuple)


@given(old_size=st.integers(1, 7), proof=PROOFS)
def test_a_request_is_read_back(old_size: int, proof: tuple[bytes, ...]) -> None:
    request = Request(note=NOTE, old_size=old_size, proof=proof)
    assert parse_request(request.render()) == request
    lines = request.render().split("\n")
    assert lines[0] == f"old {old_size}"
    assert [base64.b64decode(line) for line in lines[1 : 1 + len(proof)]] == list(proof)
    assert "\n".join(lines[2 + len(proof) :]) == NOTE


HASH = base64.b64encode(b"h" * 32).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        NOTE,
        f"old 7\n{NOTE}",
        f"old 07\n\n{NOTE}",
        f"old -1\n\n{NOTE}",
        f"old x\n\n{NOTE}",
        f"OLD 1\n\n{NOTE}",
        f"old 1 \n\n{NOTE}",
        f" old 1\n\n{NOTE}",
        f"old 8\n\n{NOTE}",
        f"old 0\n{HASH}\n\n{NOTE}",
        f"old 3\n{HASH[:-4]}\n\n{NOTE}",
        f"old 3\nno hash\n\n{NOTE}",
        f"old 3\n{HASH}\n{HASH}x\n\n{NOTE}",
        "old 3\n" + f"{HASH}\n" * (MAX_PROOF + 1) + f"\n{NOTE}",
        f"old 3\n\n{TEXT}",
        f"old 3\n\n\n{NOTE}",
        f"old 3\n\n{NOTE}x",
        f"old {10**30}\n\n{NOTE}",
        "old 3\n\n" + "x" * 200_000,
    ],
)
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(RequestWrong):
        parse_request(text)


FORM = "it is a line of the old size, lines of a proof, an empty line, and a checkpoint note"
LONGEST = 131_072 + 64 * 64


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("old 3", FORM),
        (f"OLD 3\n\n{NOTE}", FORM),
        ("x" * LONGEST, FORM),
        ("x" * (LONGEST + 1), "it is too long"),
        (f"old 8\n\n{NOTE}", "it begins after the size that it asks for"),
        (f"old 0\n{HASH}\n\n{NOTE}", "what begins at nothing has no proof"),
        (f"old 3\n{HASH[:-4]}\n\n{NOTE}", "a proof is at most 63 hashes of 32 bytes"),
        ("old 3\n" + f"{HASH}\n" * 64 + f"\n{NOTE}", "a proof is at most 63 hashes of 32 bytes"),
        (f"old 03\n\n{NOTE}", f"a size or a hash is ill-formed: no number from 0 to {2**63 - 1}"),
        (f"old 3\n\n{TEXT}", "a note is a text, an empty line, and lines of signatures"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(text: str, reason: str) -> None:
    with pytest.raises(RequestWrong) as caught:
        parse_request(text)
    assert caught.value.reason == reason


def test_a_request_may_begin_at_nothing_or_bring_63_hashes() -> None:
    for request in (Request(NOTE, 0, ()), Request(NOTE, 7, (bytes(32),) * 63)):
        assert parse_request(request.render()) == request


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (NOTE, "an answer is lines of signatures, and nothing else"),
        ("no line\n", "a line under the text is no signature"),
        ("no line", "a note is a text, an empty line, and lines of signatures"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(text: str, reason: str) -> None:
    with pytest.raises(RequestWrong) as caught:
        parse_answer(text)
    assert caught.value.reason == reason


@given(text=st.text(alphabet="old 037+/=Aa—\n\r\t\0é", max_size=80))
def test_no_text_whatever_breaks_the_readers(text: str) -> None:
    for read in (parse_request, parse_answer, parse_cosigner, split_notes):
        try:
            read(text)
        except TimebankError:
            continue


def test_an_answer_is_lines_of_signatures() -> None:
    lines = WITNESS.sign(TEXT, 5), OTHER.sign(TEXT, 6)
    assert parse_answer("".join(line.line() for line in lines)) == lines
    for text in ("", "no line\n", lines[0].line()[:-1], NOTE):
        with pytest.raises(RequestWrong):
            parse_answer(text)


# --- Notes one after the other -----------------------------------------------------------------------------


@given(count=st.integers(0, 5), gap=st.sampled_from(["", "\n", "\n\n"]))
def test_notes_that_stand_one_after_the_other_are_told_apart(count: int, gap: str) -> None:
    notes = [
        with_cosignature(parse_note(NOTE.replace("7", str(number))), WITNESS.sign(TEXT, number)).render()
        for number in range(count)
    ]
    assert split_notes(gap.join(notes) + gap) == tuple(notes)
