"""What people read: one TOML file of sentences per language, found by message id."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Final

LANGUAGES: Final = ("en", "zh_CN")


@cache
def sentences(language: str) -> dict[str, dict[str, str]]:
    """All sentences of *language* ("en" or "zh_CN"): section, then message id, then the sentence."""
    text = files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def sentence(language: str, section: str, message_id: str, facts: dict[str, Any]) -> str:
    """The sentence *message_id* of *section* with its *facts* filled in."""
    return sentences(language)[section][message_id].format(**facts)
