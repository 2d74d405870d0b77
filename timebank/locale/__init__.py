"""What people read: a folder of TOML files of sentences per language, one file per part of the house."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES: Final = ("en", "zh_CN")

_LIST_COMMA: Final = {"en": ", ", "zh_CN": "、"}
_SECTION_OF_FACT: Final = {"allowed": "role", "type": "kind", "wanted_kind": "kind", "level_of_to": "level"}


@cache
def sentences(language: str) -> dict[str, dict[str, str]]:
    """All sentences of *language* ("en" or "zh_CN"): section, then message id, then the sentence."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted(files(__name__).joinpath(language).iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml"):
            for section, texts in tomllib.loads(file.read_text(encoding="utf-8")).items():
                found.setdefault(section, {}).update(texts)
    return found


def sentence(language: str, section: str, message_id: str, facts: Mapping[str, Any]) -> str:
    """The sentence *message_id* of *section* with its *facts* filled in, codes among them as words.

    A fact `role` is looked up in the section [role], and so on; what has no word stays as it is.
    """
    words = {name: _in_words(language, _SECTION_OF_FACT.get(name, name), value) for name, value in facts.items()}
    words = {name: _printable(value) for name, value in words.items()}
    return sentences(language)[section][message_id].format(**words)


def _printable(value: Any) -> Any:
    """*value* without characters that a screen would obey: line ends, escapes, direction marks."""
    if not isinstance(value, str) or value.isprintable():
        return value
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in value)


def word(language: str, section: str, code: str) -> str:
    """What people call *code* (a role, a kind of entry, ...); the code itself when there is no word for it."""
    return sentences(language).get(section, {}).get(code, code)


def _in_words(language: str, section: str, value: Any) -> Any:
    if not isinstance(value, str) or section not in sentences(language):
        return value
    words = [word(language, section, part) for part in value.split(", ")]
    return _LIST_COMMA[language].join(words)
