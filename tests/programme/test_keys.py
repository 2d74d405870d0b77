"""Another key signs, and an epoch begins: by whom, for what, and what is refused and leaves nothing."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.bank import Bank
from timebank.errors import (
    AlreadyExists,
    ApprovalMissing,
    BadCode,
    BadNote,
    KeyConflict,
    NothingLost,
    RoleNotAllowed,
    SelfApproval,
    SignatureWrong,
    TimebankError,
    UnknownOperator,
)
from timebank.programme.keys import Epoch, is_lost
from timebank.tlog.checkpoint import Checkpoint, Signer, generate_key, sign_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable

ORIGIN = "example.org/memory"
TWO = {"by": "admin", "approved_by": "sup"}
ROOT = b"lost" * 8
TODAY = date(2026, 3, 1)


def key(number: int, name: str = ORIGIN) -> Signer:
    return generate_key(name, lambda count: bytes([number]) * count)


def lost(size: int, signer: Signer, origin: str = ORIGIN, root: bytes = ROOT) -> str:
    return sign_checkpoint(Checkpoint(origin, size, root), signer)


@pytest.fixture
def bank() -> Bank:
    made = Bank.in_memory(clock=lambda: datetime(2026, 3, 1, 4, tzinfo=UTC))
    made.organisations.add("yungu", name="云谷", level="community", by="admin")
    for role in ("clerk", "registrar", "supervisor", "auditor"):
        made.organisations.appoint(role[:3], org="yungu", role=role, by="admin")
    return made


def size(bank: Bank) -> int:
    with bank.journal.reading() as books:
        return books.size()


def refused(bank: Bank, error: type[TimebankError], act: Callable[[], Any], **facts: object) -> None:
    before = size(bank), bank.keys.all(), bank.keys.epochs()
    with pytest.raises(error) as caught:
        act()
    assert (size(bank), bank.keys.all(), bank.keys.epochs()) == before
    told = caught.value.facts()
    assert {name: told[name] for name in facts} == facts


# --- Keys --------------------------------------------------------------------------------------------------


def test_a_book_without_a_key_gets_its_first_one(bank: Bank) -> None:
    assert bank.keys.in_force() is None
    posted = bank.keys.replace(key(1).vkey, **TWO)
    assert dict(posted.entry.body) == {"vkey": key(1).vkey}
    assert bank.keys.in_force() == bank.keys.all()[0]
    assert (bank.keys.all()[0].vkey, bank.keys.all()[0].seq) == (key(1).vkey, posted.seq)


def test_a_key_names_the_one_before(bank: Bank) -> None:
    bank.keys.replace(key(1).vkey, **TWO)
    posted = bank.keys.replace(key(2).vkey, **TWO)
    assert dict(posted.entry.body) == {"vkey": key(2).vkey, "previous": key(1).vkey}
    assert (posted.entry.by, posted.entry.ok, posted.entry.moves) == ("admin", "sup", ())
    assert (posted.entry.kind, posted.entry.day) == ("key", TODAY)


@given(gaps=st.lists(st.integers(0, 3), min_size=1, max_size=5))
def test_a_key_signs_from_its_own_entry_to_the_one_before_the_next(gaps: list[int]) -> None:
    bank = Bank.in_memory()
    bank.organisations.add("yungu", name="云谷", level="community", by="admin")
    bank.organisations.appoint("sup", org="yungu", role="supervisor", by="admin")
    expected: list[str | None] = [None] * size(bank)
    for number, gap in enumerate(gaps):
        bank.keys.replace(key(number).vkey, **TWO)
        for other in range(gap):
            bank.organisations.add(f"o-{number}-{other}", name="网格", level="grid", parent="yungu", by="admin")
        expected += [key(number).vkey] * (gap + 1)
    for place, vkey in enumerate(expected):
        found = bank.keys.in_force(place + 1)
        assert (None if found is None else found.vkey) == vkey


def test_no_key_comes_back(bank: Bank) -> None:
    bank.keys.replace(key(1).vkey, **TWO)
    bank.keys.replace(key(2).vkey, **TWO)
    for number in (1, 2):
        again = {"what": "signing-key", "name": key(number).vkey}
        refused(bank, AlreadyExists, partial(bank.keys.replace, key(number).vkey, **TWO), **again)


def test_a_key_of_another_journal_is_told_with_the_name_that_it_should_have(bank: Bank) -> None:
    other = key(1, "example.org/other").vkey
    facts = {"field": "vkey", "value": other, "pattern": ORIGIN}
    refused(bank, BadCode, lambda: bank.keys.replace(other, **TWO), **facts)


@pytest.mark.parametrize(
    "vkey", ["", "x", key(1, "example.org/other").vkey, key(1).vkey[:-4], key(1).private_text]
)
def test_what_is_no_key_of_this_book_is_refused(bank: Bank, vkey: str) -> None:
    refused(bank, BadCode, lambda: bank.keys.replace(vkey, **TWO))


def by_whom() -> list[tuple[type[TimebankError] | None, dict[str, Any]]]:
    return [
        *((RoleNotAllowed, {"by": name, "approved_by": "admin"}) for name in ("cle", "reg", "sup", "aud")),
        *((RoleNotAllowed, {"by": "admin", "approved_by": name}) for name in ("cle", "reg", "aud")),
        (SelfApproval, {"by": "admin", "approved_by": "admin"}),
        (ApprovalMissing, {"by": "admin", "approved_by": None}),
        (UnknownOperator, {"by": "nobody", "approved_by": "sup"}),
        (UnknownOperator, {"by": "admin", "approved_by": "nobody"}),
        (BadCode, {"by": "Admin", "approved_by": "sup"}),
        (None, TWO),
    ]


@pytest.mark.parametrize(("error", "who"), by_whom())
def test_an_administrator_changes_the_key_with_a_second_person(
    bank: Bank, error: type[TimebankError] | None, who: dict[str, Any]
) -> None:
    if error is None:
        bank.keys.replace(key(1).vkey, **who)
    else:
        refused(bank, error, lambda: bank.keys.replace(key(1).vkey, **who))


@pytest.mark.parametrize(("error", "who"), by_whom())
def test_an_administrator_opens_an_epoch_with_a_second_person(
    bank: Bank, error: type[TimebankError] | None, who: dict[str, Any]
) -> None:
    bank.keys.replace(key(1).vkey, **TWO)
    note = lost(99, key(1))
    if error is None:
        bank.keys.open_epoch(note, reason="disk-broken", **who)
    else:
        refused(bank, error, lambda: bank.keys.open_epoch(note, reason="disk-broken", **who))


def test_the_same_command_twice_happens_once(bank: Bank) -> None:
    one = bank.keys.replace(key(1).vkey, **TWO, key="k")
    assert bank.keys.replace(key(1).vkey, **TWO, key="k").seq == one.seq
    refused(bank, KeyConflict, lambda: bank.keys.replace(key(2).vkey, **TWO, key="k"))
    two = bank.keys.open_epoch(lost(99, key(1)), reason="r", **TWO, key="e")
    again = bank.keys.open_epoch(lost(99, key(1)), reason="r", **TWO, key="e")
    assert (again.seq, again.repeated) == (two.seq, True)


# --- Epochs ------------------------------------------------------------------------------------------------


def test_an_epoch_says_what_is_lost(bank: Bank) -> None:
    bank.keys.replace(key(1).vkey, **TWO)
    note = lost(99, key(1))
    posted = bank.keys.open_epoch(note, reason="disk-broken", **TWO)
    assert dict(posted.entry.body) == {
        "epoch": 1,
        "reason": "disk-broken",
        "note": tuple(note.split("\n")[:-1]),
    }
    root = base64.b64encode(ROOT).decode()
    assert bank.keys.epochs() == (Epoch(posted.seq, 1, "disk-broken", 99, root),)
    assert (posted.entry.kind, posted.entry.day) == ("epoch", TODAY)
    assert bank.keys.open_epoch(note, reason="again", **TWO).entry.body["epoch"] == 2


def test_of_a_note_with_other_signatures_only_the_book_s_is_kept_and_once(bank: Bank) -> None:
    bank.keys.replace(key(1).vkey, **TWO)
    note = lost(99, key(1)) + key(2, "w" * 200).sign("x").line()
    own = note.split("\n")[-3] + "\n"
    for signed in (note, note + own):
        kept = bank.keys.open_epoch(signed, reason="r", **TWO).entry.body["note"]
        assert kept == tuple(lost(99, key(1)).split("\n")[:-1])


@pytest.mark.parametrize(("more", "error"), [(-3, NothingLost), (0, NothingLost), (1, None)])
def test_an_epoch_is_for_entries_that_are_not_there(
    bank: Bank, more: int, error: type[TimebankError] | None
) -> None:
    bank.keys.replace(key(1).vkey, **TWO)
    note = lost(size(bank) + more, key(1))
    if error is None:
        bank.keys.open_epoch(note, reason="r", **TWO)
    else:
        facts = {"signed_size": size(bank) + more, "size": size(bank)}
        refused(bank, error, lambda: bank.keys.open_epoch(note, reason="r", **TWO), **facts)


@pytest.mark.parametrize(
    ("note", "error", "facts"),
    [
        ("", BadNote, {}),
        (lost(99, key(2)), SignatureWrong, {"signer": ORIGIN}),
        (
            lost(99, key(1, "other.example/a"), "other.example/a"),
            BadNote,
            {"reason": "it is of another journal, other.example/a"},
        ),
        (lost(99, key(1)).replace("\n99\n", "\n98\n"), SignatureWrong, {"signer": ORIGIN}),
    ],
)
def test_an_epoch_is_opened_with_a_note_that_the_key_in_force_has_signed(
    bank: Bank, note: str, error: type[TimebankError], facts: dict[str, str]
) -> None:
    bank.keys.replace(key(2).vkey, **TWO)
    bank.keys.replace(key(1).vkey, **TWO)
    refused(bank, error, lambda: bank.keys.open_epoch(note, reason="r", **TWO), **facts)


def test_a_book_without_a_key_opens_no_epoch(bank: Bank) -> None:
    note = lost(99, key(1))
    refused(bank, SignatureWrong, lambda: bank.keys.open_epoch(note, reason="r", **TWO), signer=ORIGIN)


@pytest.mark.parametrize("reason", ["", "Disk broken", "x" * 33, None])
def test_the_reason_is_a_short_code(bank: Bank, reason: Any) -> None:
    bank.keys.replace(key(1).vkey, **TWO)
    refused(bank, BadCode, lambda: bank.keys.open_epoch(lost(99, key(1)), reason=reason, **TWO))


def test_what_is_declared_lost_is_from_the_epoch_s_entry_to_its_note(bank: Bank) -> None:
    bank.keys.replace(key(1).vkey, **TWO)
    seq = bank.keys.open_epoch(lost(99, key(1)), reason="r", **TWO).seq
    with bank.journal.reading() as books:
        for place in (0, 1, seq - 1, seq, seq + 1, 98, 99, 100):
            other = Checkpoint(ORIGIN, place, b"o" * 32)
            assert is_lost(books, other) == (seq < place < 99), place
        assert is_lost(books, Checkpoint(ORIGIN, 99, ROOT))
        assert not is_lost(books, Checkpoint(ORIGIN, seq, ROOT))


def test_a_rebuild_makes_keys_and_epochs_again(bank: Bank) -> None:
    bank.keys.replace(key(1).vkey, **TWO)
    bank.keys.open_epoch(lost(99, key(1)), reason="r", **TWO)
    before = bank.keys.all(), bank.keys.epochs()
    bank.rebuild()
    assert (bank.keys.all(), bank.keys.epochs()) == before
