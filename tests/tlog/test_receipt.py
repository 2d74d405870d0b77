"""Receipts: what the log handed out verifies, and nothing that was changed does."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.errors import BadReceipt, ProofWrong, SignatureWrong
from timebank.tlog.canonical import MAX_LEAF_BYTES, encode
from timebank.tlog.checkpoint import Checkpoint, encode_base64, generate_key, sign_checkpoint
from timebank.tlog.merkle import inclusion_proof, leaf_hash, root_of
from timebank.tlog.receipt import (
    HEADER,
    MAX_PROOF,
    MAX_RECEIPT,
    Receipt,
    parse_receipt,
    verify_receipt,
)

ORIGIN = "example.org/yungu"
SIGNER = generate_key(ORIGIN)
LEAVES = [encode({"v": 1, "kind": "award", "ref": number}) for number in range(11)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]


class Kept:
    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        assert level == 0
        return HASHES[first : first + count]


def issue(index: int, size: int, origin: str = ORIGIN) -> Receipt:
    note = sign_checkpoint(Checkpoint(origin, size, root_of(HASHES[:size])), SIGNER)
    return Receipt(LEAVES[index], index, inclusion_proof(Kept(), index, size), note)


GOOD = issue(4, 11)
TEXT = GOOD.render()
NOTE = GOOD.note
HEAD = TEXT.removesuffix(NOTE)


def verify(text: str) -> Receipt:
    return verify_receipt(text, SIGNER.verifier, ORIGIN)


def test_a_receipt_has_the_form_of_the_specification() -> None:
    lines = TEXT.split("\n")
    assert lines[:3] == [HEADER, f"extra {encode_base64(LEAVES[4])}", "index 4"]
    assert lines[3:7] == [encode_base64(each) for each in GOOD.proof]
    assert lines[7] == ""
    assert "\n".join(lines[8:]) == NOTE


def test_every_entry_of_every_tree_has_a_receipt_that_verifies() -> None:
    for size in range(1, len(LEAVES) + 1):
        for index in range(size):
            receipt = issue(index, size)
            assert parse_receipt(receipt.render()) == receipt
            assert verify(receipt.render()) == receipt


@given(
    st.binary(min_size=1, max_size=300),
    st.integers(0, 2**63 - 2),
    st.lists(st.binary(min_size=32, max_size=32), max_size=MAX_PROOF),
)
def test_a_receipt_is_read_back(leaf: bytes, index: int, proof: list[bytes]) -> None:
    receipt = Receipt(leaf, index, tuple(proof), NOTE)
    assert parse_receipt(receipt.render()) == receipt


@given(st.integers(0, len(TEXT) - 1), st.characters(exclude_categories=["Cs"]))
def test_no_character_of_a_receipt_can_be_changed(place: int, character: str) -> None:
    changed = TEXT[:place] + character + TEXT[place + 1 :]
    if changed == TEXT:
        assert verify(changed) == GOOD
        return
    with pytest.raises((BadReceipt, ProofWrong, SignatureWrong)):
        verify(changed)


def test_a_receipt_of_another_log_is_refused() -> None:
    text = issue(4, 11, "example.org/other").render()
    assert verify_receipt(text, SIGNER.verifier, "example.org/other").index == 4
    with pytest.raises(ProofWrong) as caught:
        verify(text)
    assert caught.value.reason == f"the checkpoint is of the log example.org/other, not of {ORIGIN}"


def test_a_receipt_under_another_key_is_refused() -> None:
    with pytest.raises(SignatureWrong):
        verify_receipt(TEXT, generate_key(ORIGIN).verifier, ORIGIN)


@pytest.mark.parametrize(
    "receipt",
    [
        Receipt(LEAVES[5], GOOD.index, GOOD.proof, NOTE),
        Receipt(LEAVES[4], 5, GOOD.proof, NOTE),
        Receipt(LEAVES[4], 11, GOOD.proof, NOTE),
        Receipt(LEAVES[4], 4, GOOD.proof[:-1], NOTE),
        Receipt(LEAVES[4], 4, (*GOOD.proof, GOOD.proof[0]), NOTE),
        Receipt(LEAVES[4], 4, (), NOTE),
        Receipt(LEAVES[4], 4, GOOD.proof, issue(4, 10).note),
    ],
)
def test_a_proof_for_anything_else_is_refused(receipt: Receipt) -> None:
    with pytest.raises(ProofWrong):
        verify(receipt.render())


EXTRA = f"extra {encode_base64(LEAVES[4])}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEADER,
        f"{HEADER}\n\n{NOTE}",
        NOTE,
        HEAD,
        HEAD[:-1] + NOTE,
        HEAD + "\n" + NOTE,
        TEXT + "\n",
        TEXT[:-1],
        TEXT + "x",
        " " + TEXT,
        "\ufeff" + TEXT,
        TEXT.replace("@v1", "@v2"),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace(EXTRA + "\n", ""),
        TEXT.replace(EXTRA, "extra "),
        TEXT.replace(EXTRA, "extra"),
        TEXT.replace(EXTRA, EXTRA + "="),
        TEXT.replace(EXTRA, EXTRA.replace("extra ", "extra  ")),
        TEXT.replace(EXTRA, EXTRA.replace("extra", "Extra")),
        TEXT.replace(EXTRA, f"{EXTRA}\n{EXTRA}"),
        TEXT.replace(EXTRA, f"extra {encode_base64(bytes(MAX_LEAF_BYTES + 1))}"),
        TEXT.replace("index 4\n", ""),
        TEXT.replace("index 4", "index"),
        TEXT.replace("index 4", "index 04"),
        TEXT.replace("index 4", "index -4"),
        TEXT.replace("index 4", "index 4 "),
        TEXT.replace("index 4", f"index {2**63 - 1}"),
        TEXT.replace("index 4", f"index {2**63}"),
        TEXT.replace("index 4\n", "index 4\nAAAA\n"),
        TEXT.replace("index 4\n", "index 4\n=\n"),
        TEXT.replace("index 4\n", "index 4\nindex 4\n"),
        TEXT.replace("index 4\n", "index 4\n" + (encode_base64(bytes(32)) + "\n") * MAX_PROOF),
        TEXT + "x" * MAX_RECEIPT,
    ],
    ids=map(str, count()),  # the texts are of a new key each time, and the names must not be
)
def test_any_other_text_is_no_receipt(text: str) -> None:
    for function in (parse_receipt, verify):
        with pytest.raises(BadReceipt):
            function(text)


FIRST_LINES = "the first three lines are not c2sp.org/tlog-proof@v1, extra and index"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x" * (MAX_RECEIPT + 1), f"longer than {MAX_RECEIPT} characters"),
        ("x" * MAX_RECEIPT, FIRST_LINES),
        (TEXT.replace("@v1", "@v2"), FIRST_LINES),
        (f"{HEADER}\n{EXTRA}\n\n{NOTE}", FIRST_LINES),
        (TEXT.replace("extra ", "Extra "), "a line does not begin with 'extra '"),
        (TEXT.replace("index ", "Index "), "a line does not begin with 'index '"),
        (TEXT.replace("index 4", "index 04"), f"a line is ill-formed: no number from 0 to {2**63 - 1}"),
        (TEXT.replace(EXTRA, "extra "), "the entry has 0 bytes; 1 to 65535 are possible"),
        (TEXT.replace("index 4", f"index {2**63 - 1}"), "the index is not a place in a log"),
        (
            TEXT.replace("index 4\n", "index 4\nAAAA\n"),
            "the proof is not at most 63 hashes of 32 bytes",
        ),
        (
            HEAD + "no note",
            "the checkpoint note is ill-formed: a note is a text, an empty line, and lines of signatures",
        ),
    ],
)
def test_what_is_wrong_with_a_receipt_is_said(text: str, reason: str) -> None:
    with pytest.raises(BadReceipt) as caught:
        parse_receipt(text)
    assert caught.value.reason == reason


def test_the_last_place_in_the_longest_log_has_a_receipt() -> None:
    assert Receipt(b"{}", 2**63 - 2, (), NOTE).index == 2**63 - 2


def test_the_longest_entry_fits_into_a_receipt() -> None:
    receipt = Receipt(bytes(MAX_LEAF_BYTES), 0, (bytes(32),) * MAX_PROOF, NOTE)
    assert parse_receipt(receipt.render()) == receipt


@pytest.mark.parametrize(
    "change",
    [
        {"leaf": b""},
        {"leaf": bytes(MAX_LEAF_BYTES + 1)},
        {"index": -1},
        {"index": True},
        {"proof": (b"short",)},
        {"proof": (bytes(32),) * (MAX_PROOF + 1)},
        {"note": "no note"},
    ],
)
def test_a_receipt_that_could_not_be_read_back_is_not_made(change: dict[str, Any]) -> None:
    facts: dict[str, Any] = {"leaf": b"{}", "index": 0, "proof": (), "note": NOTE}
    assert Receipt(**facts)
    with pytest.raises(BadReceipt):
        Receipt(**(facts | change))
