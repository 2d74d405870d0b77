"""In which language the command line speaks: `--lang`, else the environment, else English."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from timebank import locale

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timebank.audit.findings import Finding
    from timebank.errors import TimebankError

Language = Literal["en", "zh_CN"]

LANGUAGE: Final = "timebank.language"
"""Where the click context keeps what `--lang` chose."""

_ENVIRONMENT: Final = ("LC_ALL", "LC_MESSAGES", "LANG")


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
    return locale.sentence(language(), section, message_id, facts)


def error_message(error: TimebankError) -> str:
    """What *error* says in the running command's language."""
    return error.message(language())


def finding_message(finding: Finding) -> str:
    """What *finding* says in the running command's language."""
    return finding.message(language())


def word(section: str, code: str) -> str:
    """What people call *code* in the running command's language; the code itself when there is no word for it."""
    return locale.word(language(), section, code)
