"""Witnesses asked, and what they answer: checkpoints with cosignatures, kept beside the book in FILE.witnessed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from timebank.audit.witness import cosigned
from timebank.errors import BadNote, RequestWrong, SignatureWrong
from timebank.storage.keys import only_one, witnessed_notes, witnessed_path, write_whole
from timebank.tlog import merkle
from timebank.tlog.checkpoint import parse_note, read_unverified
from timebank.tlog.cosignature import Request, parse_answer, with_cosignature

if TYPE_CHECKING:
    from collections.abc import Iterable

    from timebank.audit.witness import Cosigned
    from timebank.bank import Bank
    from timebank.tlog.checkpoint import Note, Signature
    from timebank.tlog.cosignature import Cosigner


def request_of(bank: Bank, old_size: int) -> str:
    """What a witness that cosigned *old_size* entries last (0: none) is asked: the newest checkpoint, and a proof.

    Signs what is not signed yet, and keeps the note until its cosignature comes. Raises RequestWrong if there are
    fewer entries, CannotOpen, and what Bank.checkpoint raises.
    """
    text = bank.checkpoint()
    size = read_unverified(text).size
    if not 0 <= old_size <= size:
        raise RequestWrong(f"there are {size} entries, not {old_size}")
    with bank.journal.reading() as books:
        proof = merkle.consistency_proof(books, old_size, size) if old_size else ()
    path = Path(bank.journal.store.path)
    with only_one(witnessed_path(path)):
        kept = _kept(path)
        note = parse_note(text)
        if note.text not in {each.text for each in kept}:
            _keep(path, [*kept, note])
    return Request(note=text, old_size=old_size, proof=proof).render()


def keep_cosignature(path: Path, answer: str, witness: Cosigner) -> Cosigned:
    """Keep the checkpoint that *witness* has cosigned with *answer*: one of those that a request was made for.

    Raises RequestWrong if *answer* is none, SignatureWrong if it is of no such checkpoint or not of *witness*.
    """
    lines = parse_answer(answer)
    with only_one(witnessed_path(path)):
        kept = _kept(path)
        note = _cosigned_note(kept, lines, witness)
        _keep(path, [*(each for each in kept if each.text != note.text), note])
    return cosigned(note.render(), witness, str(witnessed_path(path)))


def _kept(path: Path) -> list[Note]:
    try:
        return [parse_note(text) for text in witnessed_notes(path)]
    except BadNote as error:
        raise BadNote(f"{witnessed_path(path)}: {error.reason}") from error


def _keep(path: Path, notes: Iterable[Note]) -> None:
    texts = [note.render() for note in notes]
    texts.sort(key=lambda text: read_unverified(text).size)
    write_whole(witnessed_path(path), "\n".join(texts))


def _cosigned_note(notes: Iterable[Note], lines: Iterable[Signature], witness: Cosigner) -> Note:
    """The first of *notes* that one of *lines* of *witness* fits, with that line."""
    own = [line for line in lines if (line.name, line.key_id) == (witness.name, witness.key_id)]
    for note in notes:
        for line in own:
            try:
                witness.open(note.text, line)
            except SignatureWrong:
                continue
            return with_cosignature(note, line)
    raise SignatureWrong(witness.name)
