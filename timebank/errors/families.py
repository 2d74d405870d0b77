"""The families of errors, named by what the caller should do."""

from __future__ import annotations

from typing import Any, ClassVar

from attrs import define, fields

from timebank.locale import sentence


@define
class TimebankError(Exception):
    """What every error of timebank has: a stable code, its facts, and a sentence in two languages."""

    code: ClassVar[str] = "timebank-error"

    def facts(self) -> dict[str, Any]:
        """The values behind the sentence, by name."""
        return {field.name: getattr(self, field.name) for field in fields(type(self))}

    def message(self, language: str = "en") -> str:
        """What was wrong, what was available and what to do, in *language* ("en" or "zh_CN")."""
        return sentence(language, "error", self.code, self.facts())

    def __str__(self) -> str:
        return self.message()


@define
class InvalidInput(TimebankError):
    """The input is wrong: fix it and send it again. Nothing was written."""


@define
class Refused(TimebankError):
    """A rule of the programme or of the ledger said no. Nothing was written."""


@define
class Busy(TimebankError):
    """The file cannot take the command now: try again. Nothing was written."""


@define
class Damaged(TimebankError):
    """The file or a proof is not what it should be: stop, keep it as it is, call the auditor."""
