"""Cards and the numbers made here: what of the random bits is in them, and that none is made twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Village
from timebank.bank import Bank
from timebank.errors import AlreadyExists, BadCode, CardBlocked, CardMistyped, InvalidInput
from timebank.programme.codes import (
    ALPHABET,
    check_card_number,
    check_member_id,
    new_card_number,
    new_member_id,
)
from timebank.programme.members import Card
from timebank.storage.memory import MemoryStore


def drawn(*draws: bytes) -> Callable[[int], bytes]:
    """Entropy whose draws of seven bytes are these, one after the other; nothing else may be drawn."""
    left = list(draws)

    def draw(count: int) -> bytes:
        assert count == 7
        return left.pop(0)

    return draw


def bank_that_draws(*numbers: int) -> Bank:
    """A bank with a community, in which ids and card numbers are made of these numbers, one after the other."""
    draws = drawn(*((number << 6).to_bytes(7, "big") for number in numbers))
    bank = Bank(
        MemoryStore(),
        clock=lambda: datetime(2026, 3, 1, 4, tzinfo=UTC),
        entropy=lambda count: bytes(count) if count != 7 else draws(count),
    )
    bank.found(origin="example.org/cards", zone="UTC", admin="admin")
    bank.organisations.add("yungu", name="云谷", level="community", by="admin")
    return bank


@given(st.binary(min_size=7, max_size=7))
def test_a_member_id_spells_the_first_50_of_56_random_bits_five_to_a_character(draw: bytes) -> None:
    bits = "".join(f"{byte:08b}" for byte in draw)
    spelt = "".join(ALPHABET[int(bits[start : start + 5], 2)] for start in range(0, 50, 5))
    assert new_member_id(drawn(draw)) == spelt == check_member_id(spelt)


def test_a_card_number_whose_check_character_is_a_sign_is_not_made() -> None:
    """32 modulo 37 is the first of the signs; the next number, 33, would have the second."""
    signs = [(number << 6).to_bytes(7, "big") for number in (32, 33, 34, 35, 36)]
    assert new_card_number(drawn(*signs, (31 << 6).to_bytes(7, "big"))) == "000000000ZZ"
    assert new_card_number(drawn(*signs, (37 << 6).to_bytes(7, "big"))) == "00000000150"


@pytest.mark.parametrize(
    ("check", "value", "error", "facts"),
    [
        (check_member_id, "?" * 90, BadCode, ("member", "?" * 80, f"[{ALPHABET}]{{10}}")),
        (check_card_number, "?" * 90, BadCode, ("card", "?" * 80, "[A-Z0-9][A-Z0-9-]{0,31}")),
        (check_card_number, "0000000 0001", CardMistyped, ("00000000001",)),
    ],
)
def test_a_refusal_tells_what_was_given_and_what_can_be(
    check: Callable[[object], str], value: str, error: type[InvalidInput], facts: tuple[str, ...]
) -> None:
    with pytest.raises(error) as caught:
        check(value)
    assert tuple(caught.value.facts().values()) == facts


def test_a_number_that_a_card_has_already_is_made_again() -> None:
    """Ids and numbers are drawn alike: the member's, the first card's, the same once more, and another."""
    bank = bank_that_draws(1, 2, 2, 3)
    member = bank.members.enrol(org="yungu", by="admin")
    made = [bank.cards.issue(member, by="admin").number for _ in range(2)]
    assert (member.id, made) == ("0000000001", ["00000000022", "00000000033"])


def test_an_entry_says_what_was_done_with_a_card(village: Village) -> None:
    cards, wang, entry = village.bank.cards, village.wang.id, village.bank.journal.entry
    issued = cards.issue(wang, card="0002", by="admin")
    blocked = cards.block("0002", by="clerk-1")
    assert cards.get("0002") == Card("0002", wang, "blocked", blocked.seq)
    replaced = cards.replace("0002", new="0003", by="registrar-1")
    said: dict[int, dict[str, Any]] = {
        issued.seq: {"card": "0002", "member": wang, "do": "issue"},
        blocked.seq: {"card": "0002", "member": wang, "do": "block"},
        replaced.seq: {"card": "0003", "member": wang, "do": "replace", "replaces": "0002"},
    }
    assert {seq: dict(entry(seq).body) for seq in said} == said
    whole = [(entry(seq).kind, entry(seq).day, entry(seq).by) for seq in said]
    assert whole == [("card", Village.TODAY, by) for by in ("admin", "clerk-1", "registrar-1")]
    assert cards.get("0002") == Card("0002", wang, "replaced", replaced.seq)
    assert cards.get("0003") == replaced == Card("0003", wang, "active", replaced.seq)


def test_a_card_that_was_replaced_is_told_by_its_number(village: Village) -> None:
    village.bank.cards.replace("0001", new="0002", by="admin")
    before = village.trace()
    with pytest.raises(CardBlocked) as caught:
        village.bank.cards.replace("0001", new="0003", by="admin")
    assert caught.value.facts() == {"card": "0001", "state": "replaced"}
    assert village.trace() == before


def test_a_number_that_is_given_out_is_told(village: Village) -> None:
    before, cards = village.trace(), village.bank.cards
    sends: list[Callable[[], object]] = [
        lambda: cards.issue(village.wang, card="0001", by="admin"),
        lambda: cards.replace("0001", new="0001", by="admin"),
    ]
    for send in sends:
        with pytest.raises(AlreadyExists) as caught:
            send()
        assert caught.value.facts() == {"what": "card", "name": "0001"}
    assert village.trace() == before
