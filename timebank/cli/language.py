"""In which language the command line speaks: `--lang`, else the environment, else English."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from timebank.locale import sentence, sentences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timebank.audit.findings import Finding
    from timebank.errors import TimebankError

Language = Literal["en", "zh_CN"]

LANGUAGE: Final = "timebank.language"
"""Where the click context keeps what `--lang` chose."""

_ENVIRONMENT: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
_SECTION_OF_FACT: Final = {"allowed": "role", "type": "kind"}


def language() -> Language:
    """The language of the running command: "en" or "zh_CN"."""
    context = click.get_current_context(silent=True)
    chosen: Language | None = context.meta.get(LANGUAGE) if context else None
    return chosen or language_of_environment(os.environ)


def language_of_environment(environment: Mapping[str, str]) -> Language:
    """Chinese when the first of LC_ALL, LC_MESSAGES, LANG that is set begins with zh, else English."""
    first = next((environment[name] for name in _ENVIRONMENT if environment.get(name)), "")
    return "zh_CN" if first.lower().startswith("zh") else "en"


def say(section: str, message_id: str, /, **facts: Any) -> str:
    """The sentence *message_id* of *section* in the running command's language."""
    return sentence(language(), section, message_id, in_words(facts))


def error_message(error: TimebankError) -> str:
    """What *error* says in the running command's language."""
    return say("error", error.code, **error.facts())


def finding_message(finding: Finding) -> str:
    """What *finding* says in the running command's language."""
    return say("finding", finding.code, **{"seq": "-" if finding.seq is None else finding.seq, **finding.facts})


def word(section: str, code: str) -> str:
    """What people call *code* (a role, a kind of entry, ...); the code itself when there is no word for it."""
    return sentences(language()).get(section, {}).get(code, code)


def in_words(facts: Mapping[str, Any]) -> dict[str, Any]:
    """*facts* with codes replaced by words: a fact `role` is looked up in the section [role], and so on."""
    return {name: _in_words(_SECTION_OF_FACT.get(name, name), value) for name, value in facts.items()}


def _in_words(section: str, value: Any) -> Any:
    if not isinstance(value, str) or section not in sentences(language()):
        return value
    words = [word(section, part) for part in value.split(", ")]
    return ("、" if language() == "zh_CN" else ", ").join(words)
