"""A public name prints as what it is; what is refused is told with its field and what was given."""

from __future__ import annotations

import pytest

from timebank.errors import BadText
from timebank.programme.text import check_name

OTHERS = {
    "nothing at all": "",
    "too long": "一" * 81,
    "a space before": " a",
    "a space behind": "a ",
    "a line break": "a\nb",
    "a direction mark": "a\u202eb",
    "an accent apart": "e\u0301",
    "half a character": "a\ud800",
    "a format character": "a\u200bb",
    "a character that is none": "a\u0378",
    "a character of one's own": "a\ue000",
    "a letter that prints as nothing": "a\u3164",
    "a cell of braille without a dot": "\u2800",
    "the last variation selector": "a\U000e01ef",
    "a space that does not break": "a\u00a0b",
    "a space as wide as a letter": "a\u3000b",
    "a mark that stands on nothing": "\u0301a",
    "a mark that is a space wide": "\u0903a",
}


@pytest.mark.parametrize("name", ["a", "一" * 80, "a b", "云谷 超市", "\u00e9", "\u0e01\u0e31\u0e19", "M", "é M"])
def test_a_name_is_returned_as_it_is(name: str) -> None:
    assert check_name("name", name) == name


@pytest.mark.parametrize("what", OTHERS)
def test_what_prints_as_something_else_is_told_with_its_field(what: str) -> None:
    with pytest.raises(BadText) as caught:
        check_name("hours", OTHERS[what])
    assert caught.value.facts() == {"field": "hours", "value": OTHERS[what][:80], "most": 80}


@pytest.mark.parametrize("value", [None, 5, b"name", ["a"]])
def test_what_is_no_text_is_told_as_it_is_written(value: object) -> None:
    with pytest.raises(BadText) as caught:
        check_name("name", value)
    assert caught.value.facts() == {"field": "name", "value": str(value), "most": 80}
