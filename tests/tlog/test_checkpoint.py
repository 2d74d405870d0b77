"""Signed checkpoints: what is signed opens, everything else is refused for the right reason."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.errors import BadCode, BadNote, ExtraMissing, SignatureWrong
from timebank.tlog.checkpoint import (
    MAX_NAME,
    MAX_NOTE,
    MAX_SIGNATURES,
    MAX_SIZE,
    Checkpoint,
    Note,
    Signature,
    Signer,
    Verifier,
    decode_base64,
    encode_base64,
    generate_key,
    open_checkpoint,
    parse_checkpoint,
    parse_note,
    parse_number,
    parse_signer,
    parse_verifier,
    read_unverified,
    sign_checkpoint,
)
from timebank.tlog.merkle import EMPTY_ROOT

# The example key of Go's golang.org/x/mod/sumdb/note, published for tests.
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SIGNED = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""

ROOT = bytes(range(32))
POINT = Checkpoint("example.org/yungu", 7, ROOT)
SIGNER = parse_signer(PRIVATE)
VERIFIER = parse_verifier(VKEY)
NOTE = sign_checkpoint(POINT, SIGNER)
STRANGER = generate_key("witness.example")

names = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="+"), min_size=1, max_size=40
)
origins = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=MAX_NAME)
hashes = st.binary(min_size=32, max_size=32)
checkpoints = st.builds(Checkpoint, origins, st.integers(0, MAX_SIZE), hashes)
signatures = st.builds(Signature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=100))
notes = st.builds(
    Note,
    st.lists(origins | st.just(""), min_size=1).map(lambda lines: "\n".join(lines) + "\n"),
    st.lists(signatures, min_size=1, max_size=MAX_SIGNATURES).map(tuple),
)


def b64(value: bytes) -> str:
    return encode_base64(value)


# --- The checkpoint ----------------------------------------------------------------------------------------


def test_a_checkpoint_is_three_lines() -> None:
    assert POINT.text() == f"example.org/yungu\n7\n{b64(ROOT)}\n"
    assert Checkpoint("云谷", 0, EMPTY_ROOT).text() == f"云谷\n0\n{b64(EMPTY_ROOT)}\n"


@given(checkpoints)
def test_a_checkpoint_is_read_back(checkpoint: Checkpoint) -> None:
    assert parse_checkpoint(checkpoint.text()) == checkpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "o\n7\n",
        f"o\n7\n{b64(ROOT)}",
        f"o\n7\n{b64(ROOT)}\n\n",
        f"o\n7\n{b64(ROOT)}\nextension\n",
        f"o\n7\n{b64(ROOT)}\nextension",
        f"\n7\n{b64(ROOT)}\n",
        f"{'o' * (MAX_NAME + 1)}\n7\n{b64(ROOT)}\n",
        f"o\to\n7\n{b64(ROOT)}\n",
        f"o\u2028o\n7\n{b64(ROOT)}\n",
        f"o\u202eo\n7\n{b64(ROOT)}\n",
        f"o\n07\n{b64(ROOT)}\n",
        f"o\n00\n{b64(ROOT)}\n",
        f"o\n-1\n{b64(ROOT)}\n",
        f"o\n+7\n{b64(ROOT)}\n",
        f"o\n 7\n{b64(ROOT)}\n",
        f"o\n7 \n{b64(ROOT)}\n",
        f"o\n1_0\n{b64(ROOT)}\n",
        f"o\n٧\n{b64(ROOT)}\n",
        f"o\n\n{b64(ROOT)}\n",
        f"o\n{MAX_SIZE + 1}\n{b64(ROOT)}\n",
        f"o\n{'9' * 10_000}\n{b64(ROOT)}\n",
        f"o\n7\n{b64(ROOT[:31])}\n",
        f"o\n7\n{b64(ROOT + ROOT)}\n",
        f"o\n7\n{b64(ROOT)[:-1]}\n",
        f"o\n7\n{b64(ROOT)[:-2]}9=\n",
        f"o\n7\n{b64(ROOT)}=\n",
        f"o\n7\n {b64(ROOT)}\n",
        f"o\n7\n{ROOT.hex()}\n",
        "o\n7\n云\n",
        f"o\r\n7\r\n{b64(ROOT)}\r\n",
    ],
)
def test_any_other_text_is_no_checkpoint(text: str) -> None:
    with pytest.raises(BadNote):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [
        ("", 0, ROOT),
        ("o\n", 0, ROOT),
        ("o", -1, ROOT),
        ("o", MAX_SIZE + 1, ROOT),
        ("o", True, ROOT),
        ("o", 1.0, ROOT),
        ("o", 0, ROOT[1:]),
        ("o", 0, ROOT + b"\0"),
        ("o", 0, bytearray(ROOT)),
        ("\ud800", 0, ROOT),
    ],
)
def test_a_checkpoint_that_could_not_be_read_back_is_not_made(origin: str, size: Any, root: Any) -> None:
    with pytest.raises(BadNote):
        Checkpoint(origin, size, root)


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        (lambda: Checkpoint("o\n", 0, ROOT), "the origin is not one line of 1 to 200 printable characters"),
        (lambda: Checkpoint("o", -1, ROOT), "the size is not a number of leaves"),
        (lambda: Checkpoint("o", 0, ROOT[1:]), "the root is not 32 bytes"),
        (lambda: parse_checkpoint("o\n7\n"), "a checkpoint has three lines, and no extension lines"),
        (
            lambda: parse_checkpoint(f"o\n07\n{b64(ROOT)}\n"),
            f"the size or the root is ill-formed: no number from 0 to {2**63 - 1}",
        ),
        (
            lambda: parse_checkpoint(f"o\n7\n{b64(ROOT)[:-2]}9=\n"),
            "the size or the root is ill-formed: another spelling of the same bytes",
        ),
        (
            lambda: Signature("a b", b"0000", b"1"),
            "a key name is empty, too long, or holds spaces, plus signs or controls",
        ),
        (lambda: Signature("name", b"000", b"1"), "a key id is not 4 bytes"),
        (lambda: Signature("name", b"0000", b""), "a signature is not 1 to 8192 bytes"),
        (
            lambda: Note("text", (SIGNER.sign("x"),)),
            "the text does not end with a newline, or is longer than 131072 characters",
        ),
        (lambda: Note("te\0xt\n", (SIGNER.sign("x"),)), "the text holds control characters or surrogates"),
        (lambda: Note("text\n", ()), "a note has 1 to 16 signatures, not 0"),
        (lambda: parse_note("x" * (MAX_NOTE + 1)), "longer than 131072 characters"),
        (lambda: parse_note("x" * MAX_NOTE), "a note is a text, an empty line, and lines of signatures"),
        (lambda: parse_note("text\n\nx\n"), "a line under the text is no signature"),
        (
            lambda: parse_note("text\n\n— name AAAAAAB=\n"),
            "a signature is ill-formed: another spelling of the same bytes",
        ),
        (lambda: Verifier("name", b"short"), "a key is not 32 bytes"),
    ],
)
def test_what_is_wrong_with_a_note_is_said(read: Any, reason: str) -> None:
    with pytest.raises(BadNote) as caught:
        read()
    assert caught.value.reason == reason


def test_the_longest_origin_and_the_largest_size_make_a_checkpoint() -> None:
    largest = Checkpoint("o" * 200, 2**63 - 1, ROOT)
    assert parse_checkpoint(largest.text()) == largest


@pytest.mark.parametrize(
    "text", ["AB==", "AA=", "AA", "A", "AAA", "AA==\n", " AA==", "AA==AA==", "A-==", "A_==", "é"]
)
def test_base64_has_one_spelling(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_base64(text)


@given(st.binary())
def test_base64_is_read_back(value: bytes) -> None:
    assert decode_base64(encode_base64(value)) == value


def test_a_number_may_be_as_large_as_is_said_and_no_larger() -> None:
    assert parse_number(str(MAX_SIZE)) == MAX_SIZE
    assert parse_number("9", 9) == 9
    with pytest.raises(ValueError, match="0 to 9"):
        parse_number("10", 9)


# --- The note ----------------------------------------------------------------------------------------------


@given(notes)
def test_a_note_is_read_back(note: Note) -> None:
    assert parse_note(note.render()) == note


LINE = Signature("name", b"\0\0\0\0", b"\1" * 64).line()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\n\n",
        "text\n",
        "text\n\n",
        f"text\n{LINE}",
        f"text\n\n{LINE[:-1]}",
        f"text\n\n{LINE}\n",
        f"text\n\n{LINE}{LINE}x",
        f"text\n\n{LINE}text\n",
        f"text\n\n {LINE}",
        f"text\n\n{LINE.replace('—', '-')}",
        f"text\n\n{LINE.replace('— ', '—')}",
        f"text\n\n{LINE.replace('name', '')}",
        f"text\n\n{LINE.replace('name', 'na me')}",
        f"text\n\n{LINE.replace('name', 'na+me')}",
        "text\n\n" + LINE.replace("name", "na\u3000me"),
        "text\n\n" + LINE.replace("name", "na\u00a0me"),
        "text\n\n" + LINE.replace("name", "na\tme"),
        f"text\n\n{LINE.replace('name', 'n' * (MAX_NAME + 1))}",
        f"text\n\n— name {b64(b'0000')}\n",
        f"text\n\n— name {b64(b'000')}\n",
        f"text\n\n— name {b64(b'0' * 9000)}\n",
        "text\n\n— name AAAAAAB=\n",
        "text\n\n— name AAAAA\n",
        f"text\n\n{LINE * (MAX_SIGNATURES + 1)}",
        f"te\rxt\n\n{LINE}",
        f"te\0xt\n\n{LINE}",
        f"te\x7fxt\n\n{LINE}",
        f"te\x85xt\n\n{LINE}",
        f"te\ud800xt\n\n{LINE}",
        f"text\r\n\r\n{LINE}",
        f"{'x' * MAX_NOTE}\n\n{LINE}",
    ],
)
def test_any_other_text_is_no_note(text: str) -> None:
    with pytest.raises(BadNote):
        parse_note(text)


def test_a_note_of_131_072_characters_and_a_signature_of_8192_bytes_are_the_longest() -> None:
    longest = Signature("n" * MAX_NAME, b"0000", bytes(8192))
    assert parse_note(f"text\n\n{longest.line()}").signatures == (longest,)
    room = MAX_NOTE - len(f"\n\n{LINE}")
    assert parse_note(f"{'x' * room}\n\n{LINE}").text == "x" * room + "\n"
    assert Note("x" * (MAX_NOTE - 1) + "\n", (longest,))


def test_a_note_takes_sixteen_signatures_and_empty_lines_in_its_text() -> None:
    note = parse_note(f"a\n\n\nb\n\n{LINE * MAX_SIGNATURES}")
    assert note.text == "a\n\n\nb\n"
    assert len(note.signatures) == MAX_SIGNATURES


@pytest.mark.parametrize(
    "make",
    [
        lambda: Note("text", (SIGNER.sign("text"),)),
        lambda: Note("text\n", ()),
        lambda: Note("x" * MAX_NOTE + "\n", (SIGNER.sign("x"),)),
        lambda: Signature("name", b"000", b"1"),
        lambda: Signature("name", b"0000", b""),
        lambda: Verifier("name", b"short"),
        lambda: Verifier("na me", ROOT),
        lambda: Signer(VERIFIER, b"short"),
    ],
)
def test_a_note_or_key_that_could_not_be_read_back_is_not_made(make: Any) -> None:
    with pytest.raises(BadNote):
        make()


# --- Keys --------------------------------------------------------------------------------------------------


def test_the_published_example_of_signed_notes_verifies() -> None:
    note = parse_note(SIGNED)
    assert (note.signatures[0].name, note.signatures[0].key_id) == (VERIFIER.name, VERIFIER.key_id)
    VERIFIER.verify(note.text, note.signatures[0].signature)
    assert SIGNER.sign(note.text) == note.signatures[0]


def test_keys_are_read_back_from_their_texts() -> None:
    assert SIGNER.private_text == PRIVATE
    assert SIGNER.vkey == VERIFIER.vkey == VKEY
    assert SIGNER.verifier == VERIFIER
    assert SIGNER.name == "PeterNeumann"
    made = generate_key("example.org/yungu")
    assert parse_signer(made.private_text) == made
    assert parse_verifier(made.vkey) == made.verifier
    assert generate_key("example.org/yungu") != made


def test_a_signer_does_not_show_its_seed() -> None:
    assert SIGNER.seed.hex() not in repr(SIGNER)
    assert repr(SIGNER.seed) not in repr(SIGNER)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n", "a\u3000b", "x" * (MAX_NAME + 1)])
def test_a_key_name_has_no_spaces_and_no_plus(name: str) -> None:
    with pytest.raises(BadNote):
        generate_key(name)


WRONG_KEYS = [
    "",
    "PeterNeumann",
    "PeterNeumann+c74f20a3",
    VKEY.replace("c74f20a3", "c74f20a4"),
    VKEY.replace("c74f20a3", "C74F20A3"),
    VKEY.replace("c74f20a3", "c74f20a"),
    VKEY.replace("Peter", "Paul"),
    VKEY[:-1],
    VKEY + "\n",
    VKEY + "+",
    VKEY.replace("+ARpc", "+ARpd"),
    VKEY.replace("+ARpc", "+BBpc"),
    "PeterNeumann+c74f20a3+" + b64(b"\1" + ROOT[1:]),
]


@pytest.mark.parametrize("vkey", [*WRONG_KEYS, PRIVATE])
def test_a_vkey_is_spelt_in_one_way(vkey: str) -> None:
    with pytest.raises(BadCode):
        parse_verifier(vkey)


@pytest.mark.parametrize("private", [*(f"PRIVATE+KEY+{key}" for key in WRONG_KEYS), VKEY, PRIVATE.lower()])
def test_a_private_key_is_spelt_in_one_way_and_never_shown(private: str) -> None:
    with pytest.raises(BadCode) as caught:
        parse_signer(private)
    assert "Neumann" not in repr(caught.value.facts())
    assert caught.value.__cause__ is None


KEY_PATTERN = "name+key id as 8 hexadecimal digits+base64 of 0x01 and 32 bytes"
FITTING = "a key id that fits the key"


@pytest.mark.parametrize(
    ("vkey", "pattern"),
    [
        (VKEY[:-1], KEY_PATTERN),
        (VKEY.replace("+ARpc", "+BBpc"), KEY_PATTERN),
        ("name+00000000+" + b64(b"\1" + ROOT[1:]), KEY_PATTERN),
        (VKEY.replace("c74f20a3", "c74f20a4"), FITTING),
    ],
)
def test_a_refused_key_is_shown_with_what_was_expected_and_a_private_one_without_itself(
    vkey: str, pattern: str
) -> None:
    with pytest.raises(BadCode) as caught:
        parse_verifier(vkey)
    assert caught.value.facts() == {"field": "vkey", "value": vkey, "pattern": pattern}
    with pytest.raises(BadCode) as caught:
        parse_signer(f"PRIVATE+KEY+{vkey}")
    assert caught.value.facts() == {"field": "private key", "value": "PRIVATE+KEY+…", "pattern": pattern}
    with pytest.raises(BadCode) as caught:
        parse_signer(vkey)
    expected = {"field": "private key", "value": "…", "pattern": "PRIVATE+KEY+name+key id+base64"}
    assert caught.value.facts() == expected


def test_a_key_with_a_name_that_no_key_can_have_is_refused() -> None:
    with pytest.raises(BadNote):
        parse_verifier(VKEY.replace("Peter", "Peter "))


# --- Signed checkpoints ------------------------------------------------------------------------------------


@given(checkpoints)
def test_what_is_signed_opens(checkpoint: Checkpoint) -> None:
    note = sign_checkpoint(checkpoint, SIGNER)
    assert open_checkpoint(note, VERIFIER) == checkpoint
    assert read_unverified(note) == checkpoint


def test_a_signed_checkpoint_has_the_form_of_the_specification() -> None:
    text, blank, line, end = NOTE.rsplit("\n", 3)
    assert (f"{text}\n", blank, end) == (POINT.text(), "", "")
    assert line.startswith("— PeterNeumann x08go")


@given(st.integers(0, len(NOTE) - 1), st.characters(exclude_categories=["Cs"]))
def test_no_character_of_a_signed_checkpoint_can_be_changed(place: int, character: str) -> None:
    changed = NOTE[:place] + character + NOTE[place + 1 :]
    if changed == NOTE:
        assert open_checkpoint(changed, VERIFIER) == POINT
        return
    with pytest.raises((BadNote, SignatureWrong)):
        open_checkpoint(changed, VERIFIER)


def test_signatures_of_other_keys_are_ignored_wherever_they_stand() -> None:
    text = POINT.text()
    mine, other = SIGNER.sign(text), STRANGER.sign("another text\n")
    same_name = Signature(SIGNER.name, b"0000", b"junk")
    same_id = Signature("other", VERIFIER.key_id, b"junk")
    note = Note(text, (other, same_name, mine, same_id)).render()
    assert open_checkpoint(note, VERIFIER) == POINT
    with pytest.raises(SignatureWrong):
        open_checkpoint(note, STRANGER.verifier)


def test_a_note_without_the_expected_signature_is_refused() -> None:
    with pytest.raises(SignatureWrong) as caught:
        open_checkpoint(sign_checkpoint(POINT, STRANGER), VERIFIER)
    assert caught.value.signer == "PeterNeumann"


def test_one_wrong_signature_of_the_expected_key_spoils_the_note() -> None:
    good = SIGNER.sign(POINT.text())
    bad = SIGNER.sign("another text\n")
    short = Signature(good.name, good.key_id, good.signature[:-1])
    for signatures_ in ((bad,), (good, bad), (bad, good), (short,)):
        with pytest.raises(SignatureWrong) as caught:
            open_checkpoint(Note(POINT.text(), signatures_).render(), VERIFIER)
        assert caught.value.signer == "PeterNeumann"


def test_a_signed_text_that_is_no_checkpoint_is_refused_after_its_signature() -> None:
    with pytest.raises(BadNote):
        open_checkpoint(SIGNED, VERIFIER)
    with pytest.raises(BadNote):
        read_unverified(SIGNED)


def test_without_cryptography_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric", None)
    for act in (
        lambda: generate_key("name"),
        lambda: sign_checkpoint(POINT, SIGNER),
        lambda: open_checkpoint(NOTE, VERIFIER),
        lambda: parse_signer(PRIVATE),
    ):
        with pytest.raises(ExtraMissing) as caught:
            act()
        assert caught.value.facts() == {"extra": "sign", "package": "cryptography"}
    assert read_unverified(NOTE) == POINT
    assert parse_verifier(VKEY) == VERIFIER
