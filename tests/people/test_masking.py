"""A masked name shows its first character, perhaps its last, and nothing between."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.people.masking import DOT, HIDDEN, labels, mask

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
HAN_NAMES = st.text(HAN, min_size=1, max_size=6)
DOTS = st.sampled_from(["·", "•", "・", ".", "．", " · "])
ANY_NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
IDS = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=10, max_size=10)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张", "*"),
        ("张三", "张*"),
        ("张小三", "张*三"),
        ("欧阳娜娜", "欧**娜"),
        ("买买提·吐尔逊", "买*·吐*"),
        ("买买提•吐尔逊", "买*·吐*"),
        ("艾·买提江·依明", "*·买*·依*"),
        (" 张　三 ", "张*"),
        ("张 小 三", "张*三"),
        ("艾 · 提江", "*·提*"),
        ("John Smith", "J*·S*"),
        ("𠮷田太", "𠮷*太"),
        ("e\u0301a\u0300b", "é*b"),
        ("q\u0308y", "q\u0308*"),
        ("", "*"),
        ("···", "*"),
    ],
)
def test_a_name_is_masked_so(name: str, masked: str) -> None:
    assert mask(name) == masked


def test_a_part_of_one_character_beside_another_is_hidden_whole() -> None:
    assert mask("张·三") == "*·*"


@given(HAN_NAMES)
def test_a_name_in_one_part_shows_its_ends_at_most(name: str) -> None:
    masked = mask(name)
    assert len(masked) == max(len(name), 1)
    shown = [place for place, character in enumerate(masked) if character != HIDDEN]
    assert shown == ([] if len(name) == 1 else [0] if len(name) == 2 else [0, len(name) - 1])
    assert all(masked[place] == name[place] for place in shown)


@given(st.lists(st.tuples(DOTS, HAN_NAMES), min_size=2, max_size=4))
def test_a_name_in_parts_shows_the_first_of_each_and_no_length(parts: list[tuple[str, str]]) -> None:
    whole = "".join(dot + part for dot, part in parts)
    assert mask(whole) == DOT.join(part[0] + HIDDEN if len(part) > 1 else HIDDEN for _, part in parts)


@given(ANY_NAMES)
def test_a_mask_never_shows_more_than_two_letters_of_a_part_and_never_all_of_it(name: str) -> None:
    shown = unicodedata.normalize("NFC", name)
    parts = mask(name).split(DOT)
    for part in parts:
        assert HIDDEN in part
        letters = [each for each in part if each != HIDDEN and unicodedata.category(each)[0] != "M"]
        assert len(letters) <= (2 if len(parts) == 1 else 1)
        assert all(letter in shown for letter in letters)


def test_those_called_alike_get_the_last_four_of_their_ids() -> None:
    names = {"AAAAAA0001": "张三", "AAAAAA0002": "张四", "AAAAAA0003": "李小四"}
    called = labels([*names, "AAAAAA0004"], names, without="成员")
    assert list(called.values()) == ["张* 0001", "张* 0002", "李*四", "成员 0004"]


def test_those_whose_ids_end_alike_too_are_called_by_the_whole_id() -> None:
    names = {"AAAAAA0001": "张三", "BBBBBB0001": "张四"}
    assert list(labels(names, names, without="成员").values()) == ["张* AAAAAA0001", "张* BBBBBB0001"]
    assert list(labels(names, {}, without="成员").values()) == ["成员 AAAAAA0001", "成员 BBBBBB0001"]


def test_a_name_that_looks_like_a_label_is_not_mixed_up_with_one() -> None:
    called = labels(["AAAAAA0001", "AAAAAA0002"], {"AAAAAA0001": "成员"}, without="成*")
    assert len(set(called.values())) == 2


@given(st.dictionaries(IDS, st.none() | HAN_NAMES, max_size=8))
def test_labels_tell_everybody_apart_and_show_no_name(people: dict[str, str | None]) -> None:
    names = {member: name for member, name in people.items() if name is not None}
    called = labels(people, names, without="成员")
    assert list(called) == list(people)
    assert len(set(called.values())) == len(people)
    for member, name in names.items():
        assert called[member].split(" ")[0] == mask(name)
        assert name not in called[member] or name in member
