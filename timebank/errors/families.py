"""The families of errors, named by what the caller should do."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar, dataclass_transform

from attrs import define, fields

from timebank.locale import sentence


@define(slots=False, repr=False)
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

    def __repr__(self) -> str:
        values = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(type(self)))
        return f"{type(self).__name__}({values})"


Family = TypeVar("Family", bound=type[TimebankError])


@dataclass_transform(eq_default=False)
def error(cls: Family) -> Family:
    """A class of errors: attrs makes it take its facts, by name or in this order.

    How it looks to a programmer is written once, in TimebankError: to write that for each of so many classes
    took a tenth of the time that `import timebank` takes.
    """
    return define(cls, slots=False, repr=False)


@error
class InvalidInput(TimebankError):
    """The input is wrong: fix it and send it again. Nothing was written."""


@error
class Refused(TimebankError):
    """A rule of the programme or of the ledger said no. Nothing was written."""


@error
class Busy(TimebankError):
    """The file cannot take the command now: try again. Nothing was written."""


@error
class Damaged(TimebankError):
    """The file or a proof is not what it should be: stop, keep it as it is, call the auditor."""
