"""Every error that is made while the tests run is looked at: what it tells is there, and of the kind it says.

A rule that refuses with a fact left out, `NoticeOver(None, ...)`, would tell the clerk "None". No test has to ask
for that by itself.
"""

from __future__ import annotations

from functools import cache, wraps
from typing import TYPE_CHECKING, Any, Final, get_type_hints

from attrs import fields

from timebank.errors import InvalidInput, TimebankError

if TYPE_CHECKING:
    from collections.abc import Iterator


_ALSO: Final[dict[type, tuple[type, ...]]] = {float: (int,)}
"""Whole seconds are seconds too."""


@cache
def kinds_of(error: type[TimebankError]) -> dict[str, type]:
    """The type of each fact, by name."""
    hints = get_type_hints(error)
    return {field.name: hints[field.name] for field in fields(error)}


def wrong_facts(error: TimebankError) -> list[str]:
    """What *error* tells that it cannot mean. Only of input that is wrong may it say that it was None."""
    facts, kinds = error.facts(), kinds_of(type(error))
    wrong = [name for name, kind in kinds.items() if type(facts[name]) not in (kind, *_ALSO.get(kind, ()))]
    if not isinstance(error, InvalidInput):
        wrong += [name for name in kinds if facts[name] == "None"]
    return wrong


def errors(family: type[TimebankError] = TimebankError) -> Iterator[type[TimebankError]]:
    """All kinds of errors."""
    for each in family.__subclasses__():
        yield each
        yield from errors(each)


def look_at_errors() -> None:
    """From now on an error with a wrong fact is an AssertionError where it is made."""
    for error in errors():
        _look_at(error)


def _look_at(error: Any) -> None:
    make = error.__init__

    @wraps(make)
    def made(self: TimebankError, *given: Any, **named: Any) -> None:
        make(self, *given, **named)
        if type(self) is error:
            wrong = wrong_facts(self)
            assert not wrong, f"{error.__name__} does not know its {', '.join(wrong)}: {self.facts()}"

    error.__init__ = made
