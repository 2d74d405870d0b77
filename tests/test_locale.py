"""What people read: every message in both languages, with the same facts."""

from __future__ import annotations

import string
import tomllib
from collections import Counter
from importlib.resources import files
from typing import Any

import attrs
import pytest

from timebank import errors
from timebank.errors import TimebankError
from timebank.locale import LANGUAGES, sentence, sentences

FINDINGS = {
    "integrity": ["detail"],
    "schema-too-new": ["detail"],
    "schema-missing": ["detail"],
    "schema-extra": ["detail"],
    "schema-changed": ["detail"],
    "foreign-key": ["detail"],
    "index-differs": ["detail"],
    "sequence-gap": ["expected", "found"],
    "leaf-edited": [],
    "leaf-bad": ["reason"],
    "column-differs": [],
    "key-twice": ["key"],
    "time-goes-back": [],
    "day-after-recording": [],
    "genesis-wrong": ["reason"],
    "below-zero": ["account", "unit", "amount"],
    "reversal-wrong": ["ref"],
    "resolved-twice": ["ref"],
    "hold-wrong": ["ref"],
    "not-allowed": ["operator", "act"],
    "name-unknown": ["what", "name"],
    "name-twice": ["what", "name"],
    "award-wrong": ["expected", "found"],
    "price-wrong": ["good", "expected", "found"],
    "entry-wrong": ["reason"],
    "rule-broken": ["reason"],
    "amount-wrong": ["what", "expected", "found"],
    "approval-wrong": ["operator"],
    "state-wrong": ["what", "name", "state"],
    "period-closed": ["day", "through"],
    "budget-passed": ["org", "points", "used"],
    "transfer-differs": ["pos"],
    "transfer-missing": ["pos"],
    "transfer-extra": ["pos"],
    "balance-differs": ["account", "unit", "stored", "replayed"],
    "day-total-differs": ["account", "unit"],
    "tally-differs": ["kind", "stored", "replayed"],
    "resolution-differs": ["ref"],
    "record-differs": ["table", "key"],
    "subtree-differs": ["level", "position"],
    "root-differs": ["size", "source"],
    "journal-short": ["size", "entries", "source"],
    "origin-differs": ["origin", "source"],
    "signature-wrong": ["source"],
    "key-replaced": ["size", "source"],
    "epoch-wrong": ["reason"],
    "cosignature-wrong": ["witness", "source"],
    "cosignature-missing": ["witness"],
    "epoch-opened": ["last"],
    "lost-tail": ["size", "source"],
    "cosigned": ["witness", "size", "moment", "source"],
    "note-bad": ["source", "reason"],
    "receipt-bad": ["source", "reason"],
    "receipt-differs": ["source"],
    "unit-unbalanced": ["unit", "sum"],
}
FAMILIES = (TimebankError, errors.InvalidInput, errors.Refused, errors.Busy, errors.Damaged, errors.Unknown)


def error_classes() -> list[type[TimebankError]]:
    found = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, TimebankError)]
    return sorted((each for each in found if each not in FAMILIES), key=lambda each: each.__name__)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def fact(field: attrs.Attribute[Any]) -> object:
    return {"int": 7, "float": 1.5}.get(str(field.type), f"<{field.name}>")


def differences(one: dict[str, dict[str, str]], other: dict[str, dict[str, str]]) -> list[str]:
    """Sections, ids and placeholders that only one of two languages has."""
    found = [f"[{section}]" for section in one.keys() ^ other.keys()]
    for section in one.keys() & other.keys():
        found += [f"{section}.{name}" for name in one[section].keys() ^ other[section].keys()]
        found += [
            f"{section}.{name} facts"
            for name in one[section].keys() & other[section].keys()
            if placeholders(one[section][name]) != placeholders(other[section][name])
        ]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", error_classes(), ids=lambda kind: kind.__name__)
def test_every_error_says_all_of_it_in_both_languages(kind: type[TimebankError], language: str) -> None:
    assert kind.code != TimebankError.code, "an error has a code of its own"
    facts = {field.name: fact(field) for field in attrs.fields(kind)}
    message = kind(**facts).message(language)
    assert placeholders(sentences(language)["error"][kind.code]) <= facts.keys()
    assert message.endswith("。" if language == "zh_CN" else ".")
    assert "{" not in message


def test_error_codes_are_unique() -> None:
    codes = [kind.code for kind in error_classes()]
    assert len(codes) == len(set(codes))


def test_no_sentence_is_left_of_an_error_that_is_gone() -> None:
    codes = {kind.code for kind in error_classes()} | {TimebankError.code}
    assert sentences("en")["error"].keys() == codes


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", FINDINGS)
def test_every_finding_can_be_said_with_its_facts(code: str, language: str) -> None:
    facts = {"seq": "-", **dict.fromkeys(FINDINGS[code], "x")}
    assert sentence(language, "finding", code, facts).endswith("。" if language == "zh_CN" else ".")


def test_there_is_a_sentence_for_each_finding_and_no_other() -> None:
    assert sentences("en")["finding"].keys() == FINDINGS.keys()


def test_both_languages_have_the_same_messages_with_the_same_facts() -> None:
    assert differences(sentences("en"), sentences("zh_CN")) == []


@pytest.mark.parametrize(
    ("broken", "missed"),
    [
        ({"error": {"a": "{x}"}}, "[cli]"),
        ({"error": {}, "cli": {}}, "error.a"),
        ({"error": {"a": "{y}"}, "cli": {}}, "error.a facts"),
    ],
)
def test_a_missing_message_is_seen(broken: dict[str, dict[str, str]], missed: str) -> None:
    assert missed in differences({"error": {"a": "{x}"}, "cli": {}}, broken)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_written_in_two_files(language: str) -> None:
    folder = files("timebank.locale").joinpath(language)
    texts = [tomllib.loads(file.read_text(encoding="utf-8")) for file in folder.iterdir()]
    ids = Counter((section, name) for text in texts for section, names in text.items() for name in names)
    assert [place for place, times in ids.items() if times > 1] == []


def test_a_message_that_is_not_there_is_an_error_and_no_silence() -> None:
    with pytest.raises(KeyError):
        sentence("en", "error", "no-such-message", {})


def test_english_sentences_are_plain_ascii() -> None:
    texts = (text for section in sentences("en").values() for text in section.values())
    assert [text for text in texts if not text.isascii()] == []
