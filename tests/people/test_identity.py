"""Numbers of documents and telephones: what is the same, what is mistyped, and what is kept."""

from __future__ import annotations

import hmac
import unicodedata
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.errors import BadCode, BadIdNumber
from timebank.people.identity import (
    check_character,
    document_number,
    mark,
    memo_hash,
    person_name,
    phone_number,
    plain,
)

BODIES = st.text("0123456789", min_size=17, max_size=17)


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014", "34052419800101001X"])
def test_published_examples_of_the_standard_check(number: str) -> None:
    assert document_number(number) == number


@given(body=BODIES, place=st.integers(0, 16), other=st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_found(body: str, place: int, other: str) -> None:
    number = body + check_character(body)
    assert document_number(number) == number
    if body[place] != other:
        with pytest.raises(BadIdNumber):
            document_number(number[:place] + other + number[place + 1 :])


@given(body=BODIES, place=st.integers(0, 15))
def test_two_digits_that_changed_places_are_always_found(body: str, place: int) -> None:
    number = body + check_character(body)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        with pytest.raises(BadIdNumber):
            document_number(swapped)


@given(body=BODIES)
def test_however_it_is_typed_it_is_the_same_document(body: str) -> None:
    number = body + check_character(body)
    wide = "".join(chr(ord(each) + 0xFEE0) for each in number.lower())
    for typed in (number.lower(), f" {number[:6]} {number[6:14]}-{number[14:]} ", wide):
        assert document_number(typed) == number


@given(old=st.text("0123456789", min_size=15, max_size=15))
def test_an_old_number_is_the_new_one_of_the_same_person(old: str) -> None:
    body = old[:6] + "19" + old[6:]
    assert document_number(old) == document_number(body + check_character(body))


def test_other_documents_are_letters_and_digits() -> None:
    assert document_number("e1234 5678") == "E12345678"
    for typed in (
        "",
        "12345",
        "A" * 21,
        "E1234#678",
        "一二三四五六",
        "1101051949123100"[:5],
        "1" * 17 + "Y" + "!",
    ):
        with pytest.raises(BadIdNumber):
            document_number(typed)


def test_the_error_does_not_repeat_the_number() -> None:
    with pytest.raises(BadIdNumber) as caught:
        document_number("110105194912310021")
    assert "110105" not in caught.value.message("en") + caught.value.message("zh_CN") + str(caught.value.facts())


@given(number=st.text("0123456789", min_size=6, max_size=18), pepper=st.binary(min_size=32, max_size=32))
def test_a_mark_is_the_standard_hmac(number: str, pepper: bytes) -> None:
    assert mark(pepper, number) == hmac.new(pepper, number.encode(), sha256).digest()


@given(salt=st.binary(min_size=16, max_size=16), text=st.text(min_size=1))
def test_a_memo_is_hashed_as_the_format_says(salt: bytes, text: str) -> None:
    if text.isprintable():
        assert memo_hash(salt, text) == sha256(salt + text.encode()).hexdigest()


def test_a_telephone_number_is_its_digits() -> None:
    same = {
        phone_number(typed)
        for typed in ("138 0000 1234", "138-0000-1234", "+86 13800001234", "１３８００００１２３４")
    }
    assert same == {"13800001234"}
    assert phone_number("+852 2345 6789") == "+85223456789"
    for typed in ("", "1234", "138o0001234", "1" * 25, "+"):
        with pytest.raises(BadCode):
            phone_number(typed)


@given(name=st.text("张三李四王 \u3000\u00a0·éabc", min_size=1, max_size=10))
def test_a_name_is_kept_one_way_however_it_was_spaced(name: str) -> None:
    kept = person_name(name)
    assert person_name(kept) == kept == kept.strip()
    assert plain(kept) == plain(name)
    assert person_name(unicodedata.normalize("NFD", name)) == kept
    assert "  " not in kept
    assert "\u3000" not in kept


def test_a_name_padded_to_three_characters_is_the_name() -> None:
    assert person_name("张\u3000三") == person_name(" 张  三 ") == "张三"
    assert person_name("John  Smith") == "John Smith"
    assert person_name("王 abc") == "王 abc"


def test_what_is_searched_has_no_signs_and_no_case() -> None:
    assert plain("买买提·吐尔逊") == "买买提吐尔逊"
    assert plain("  John Smith ") == "johnsmith"
    assert plain("＊·　") == ""
