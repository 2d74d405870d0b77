"""A witness over files: what it cosigns, what it refuses, and what its cosignatures find."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import timebank
from tests.audit.test_key_attacks import TWO, founded, grow
from timebank.audit.witness import Witness, cosigned, parse_witness
from timebank.errors import (
    BadCode,
    BadNote,
    CannotOpen,
    ForkSeen,
    LogUnknown,
    ProofWrong,
    RequestWrong,
    SignatureWrong,
    SizeConflict,
    TimebankError,
)
from timebank.safekeeping.cosignatures import keep_cosignature, request_of
from timebank.storage.keys import KeyFile, witnessed_notes, witnessed_path
from timebank.tlog.checkpoint import Checkpoint, Signer, generate_key, parse_note, sign_checkpoint
from timebank.tlog.cosignature import Request, generate_cosigning_key, parse_request, with_cosignature
from timebank.tlog.merkle import consistency_proof, leaf_hash, root_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.bank import Bank

LOG = "log.example/a"


def signer(number: int, name: str = LOG) -> Signer:
    return generate_key(name, lambda count: bytes([number]) * count)


def witness(number: int = 7) -> Witness:
    return Witness(generate_cosigning_key("w.example/w", lambda count: bytes([number]) * count))


class Leaves:
    """A tree over numbers; from *fork* on, over others."""

    def __init__(self, fork: int = 10**9) -> None:
        self._hashes = [leaf_hash(b"%d %d" % (number >= fork, number)) for number in range(40)]

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        assert level == 0
        return self._hashes[first : first + count]

    def note(self, size: int, by: Signer) -> str:
        return sign_checkpoint(Checkpoint(LOG, size, root_of(self._hashes[:size])), by)

    def request(self, old: int, size: int, by: Signer | None = None) -> Request:
        proof = consistency_proof(self, old, size) if old else ()
        return Request(note=self.note(size, by or signer(1)), old_size=old, proof=proof)


def asked(state: Witness, *requests: Request) -> Witness:
    for second, request in enumerate(requests):
        state, _ = state.cosign(request, at_second=second, vkey=signer(1).vkey)
    return state


@given(sizes=st.lists(st.integers(0, 40), min_size=1, max_size=6).map(sorted))
def test_a_book_that_grows_is_cosigned_each_time(sizes: list[int]) -> None:
    state, old = witness(), 0
    for size in sizes:
        request = Leaves().request(old, size)
        state, line = state.cosign(request, at_second=size, vkey=signer(1).vkey)
        assert state.key.cosigner.open(parse_note(request.note).text, line) == size
        assert (state.seen[LOG].size, parse_witness(state.render())) == (size, state)
        old = size


@given(size=st.integers(1, 38), fork=st.integers(0, 37), more=st.integers(0, 2))
def test_another_history_is_never_cosigned(size: int, fork: int, more: int) -> None:
    fork = min(fork, size - 1)
    state = asked(witness(), Leaves().request(0, size))
    with pytest.raises((ForkSeen, ProofWrong)) as caught:
        state.cosign(Leaves(fork).request(size, size + more), at_second=1)
    assert isinstance(caught.value, ForkSeen) == (more == 0)


@pytest.mark.parametrize(
    ("request_", "vkey", "error"),
    [
        (Leaves().request(0, 9), None, LogUnknown),
        (Leaves().request(0, 9), signer(1, "other.example/a").vkey, LogUnknown),
        (Leaves().request(0, 9), "x", BadCode),
        (Leaves().request(0, 9, signer(2)), signer(1).vkey, SignatureWrong),
        (Leaves().request(0, 9), signer(2).vkey, SignatureWrong),
        (Leaves().request(1, 9), signer(1).vkey, SizeConflict),
    ],
)
def test_a_book_that_is_not_known_is_not_cosigned(
    request_: Request, vkey: str | None, error: type[TimebankError]
) -> None:
    with pytest.raises(error):
        witness().cosign(request_, at_second=1, vkey=vkey)


@pytest.mark.parametrize("old", [0, 4, 6, 9])
def test_a_request_from_another_size_than_the_last_is_told_the_last(old: int) -> None:
    state = asked(witness(), Leaves().request(0, 5))
    with pytest.raises(SizeConflict) as caught:
        state.cosign(Leaves().request(old, 9), at_second=1)
    assert (caught.value.old_size, caught.value.known_size) == (old, 5)


def test_a_proof_that_proves_nothing_is_refused() -> None:
    state = asked(witness(), Leaves().request(0, 5))
    right = Leaves().request(5, 9)
    for proof in ((), right.proof[:-1], (*right.proof, b"x" * 32), tuple(reversed(right.proof))):
        with pytest.raises(ProofWrong):
            state.cosign(Request(note=right.note, old_size=5, proof=proof), at_second=1)


def test_a_book_s_new_key_is_taken_when_it_is_given_and_not_before() -> None:
    state = asked(witness(), Leaves().request(0, 5))
    request = Leaves().request(5, 9, signer(2))
    with pytest.raises(SignatureWrong):
        state.cosign(request, at_second=1)
    state, _ = state.cosign(request, at_second=1, vkey=signer(2).vkey)
    with pytest.raises(SignatureWrong):
        state.cosign(Leaves().request(9, 10), at_second=1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: "[]",
        lambda text: "{",
        lambda text: "[" * 100_000,
        lambda text: text.replace('"witness": 1', '"witness": 2'),
        lambda text: text.replace('"size": 5', '"size": -5'),
        lambda text: text.replace('"size": 5', '"size": "5"'),
        lambda text: text.replace('"root"', '"roof"'),
        lambda text: text.replace("PRIVATE+KEY+", ""),
        lambda text: text.replace("PRIVATE+KEY+w.example/w", "PRIVATE+KEY+w.example/v"),
    ],
)
def test_a_memory_that_is_spoilt_is_refused_and_never_shown(spoil: Any) -> None:
    text = asked(witness(), Leaves().request(0, 5)).render()
    with pytest.raises(BadCode) as caught:
        parse_witness(spoil(text))
    assert witness().key.private_text[-20:] not in str(caught.value)
    assert caught.value.__cause__ is None


# --- Cosigned notes beside a book --------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Bank]:
    with founded(tmp_path / "book.timebank") as bank:
        yield bank


def cosign(bank: Bank, state: Witness, at_second: int = 1_700_000_000) -> Witness:
    """Ask *state*, and keep its answer; the witness as it is afterwards."""
    seen = state.seen.get(bank.origin)
    request = parse_request(request_of(bank, 0 if seen is None else seen.size))
    in_force = bank.keys.in_force()
    assert in_force is not None
    state, line = state.cosign(request, at_second=at_second, vkey=in_force.vkey)
    keep_cosignature(Path(bank.journal.store.path), line.line(), state.key.cosigner)
    return state


def said(bank: Bank, *witnesses: Witness) -> tuple[list[str], list[tuple[str, int]]]:
    found = bank.verify(witnesses=[each.key.cosigner.vkey for each in witnesses])
    return [each.code for each in found.findings], [(each.code, each.facts["size"]) for each in found.notices]


def test_a_cosigned_note_counts_as_kept_outside(book: Bank) -> None:
    state = cosign(book, witness())
    grow(book, "east")
    assert said(book, state) == ([], [("cosigned", 6)])
    state = cosign(book, state)
    assert said(book, state) == ([], [("cosigned", 7)])
    book.rotate_key(**TWO)
    assert said(book, cosign(book, state)) == ([], [("cosigned", 8)])
    assert len(witnessed_notes(Path(book.journal.store.path))) == 3


def test_two_witnesses_cosign_one_note(book: Bank) -> None:
    one, two = cosign(book, witness(7)), cosign(book, witness(8))
    assert len(witnessed_notes(Path(book.journal.store.path))) == 1
    assert said(book, one, two) == ([], [("cosigned", 6), ("cosigned", 6)])


def test_a_witness_that_saw_nothing_is_missed(book: Bank) -> None:
    assert said(book, witness()) == (["cosignature-missing"], [])
    state = cosign(book, witness())
    assert said(book, state, witness(8)) == (["cosignature-missing"], [("cosigned", 6)])
    witnessed_path(Path(book.journal.store.path)).unlink()
    assert said(book, state) == (["cosignature-missing"], [])


def test_a_cosigned_note_finds_the_tail_that_was_cut(book: Bank, tmp_path: Path) -> None:
    path, older = Path(book.journal.store.path), tmp_path / "older.timebank"
    with timebank.open(path, readonly=True):
        book.close()
    shutil.copy(path, older)
    with timebank.open(path) as bank:
        grow(bank, "east")
        state = cosign(bank, witness())
    shutil.copy(witnessed_path(path), witnessed_path(older))
    found = timebank.verify_file(older, witnesses=[state.key.cosigner.vkey])
    assert [each.code for each in found.findings] == ["journal-short"]


def test_a_note_that_was_handed_over_may_be_the_cosigned_one(book: Bank) -> None:
    state, line = witness().cosign(
        parse_request(request_of(book, 0)), at_second=5, vkey=KeyFile(Path(book.journal.store.path)).load().vkey
    )
    note = with_cosignature(parse_note(book.checkpoint()), line).render()
    witnessed_path(Path(book.journal.store.path)).unlink()
    found = book.verify(checkpoints=[note], witnesses=[state.key.cosigner.vkey])
    assert ([each.code for each in found.findings], [each.facts["moment"] for each in found.notices]) == (
        [],
        ["1970-01-01T00:00:05Z"],
    )


def test_a_cosignature_that_was_changed_is_found(book: Bank) -> None:
    state = cosign(book, witness())
    path = witnessed_path(Path(book.journal.store.path))
    note = parse_note(path.read_text(encoding="utf-8"))
    forged = with_cosignature(note, state.key.sign("another text\n", 5)).render()
    path.write_text(forged, encoding="utf-8")
    assert said(book, state) == (["cosignature-wrong", "cosignature-missing"], [])


def test_a_moment_past_the_calendar_is_shown_as_its_end() -> None:
    state = witness()
    note = parse_note(Leaves().note(3, signer(1)))
    note = with_cosignature(note, state.key.sign(note.text, 2**63 - 1))
    assert cosigned(note.render(), state.key.cosigner).moment == "9999-12-31T23:59:59Z"


def test_an_answer_that_fits_no_request_is_not_kept(book: Bank) -> None:
    path = Path(book.journal.store.path)
    request_of(book, 0)
    before = witnessed_path(path).read_bytes()
    line = witness().key.sign("another text\n", 5).line()
    other = signer(1).sign("x\n").line()
    for answer, error in ((line, SignatureWrong), (other, SignatureWrong), ("", RequestWrong)):
        with pytest.raises(error):
            keep_cosignature(path, answer, witness().key.cosigner)
    with pytest.raises(RequestWrong):
        request_of(book, 7)
    with pytest.raises(RequestWrong):
        request_of(book, -1)
    assert witnessed_path(path).read_bytes() == before


@pytest.mark.parametrize(("data", "error"), [(b"\xff", CannotOpen), (b"no note\n", BadNote)])
def test_what_lies_there_in_place_of_notes_is_named(book: Bank, data: bytes, error: type[TimebankError]) -> None:
    witnessed_path(Path(book.journal.store.path)).write_bytes(data)
    with pytest.raises(error):
        request_of(book, 0)
