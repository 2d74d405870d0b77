"""A rulebook's text as it stands on its lines: where each key is, and what is wrong there, in either language."""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import Factory, field, frozen

from timebank.errors import NotCanonical, RulebookInvalid
from timebank.locale import sentence
from timebank.tlog import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping

Path = tuple[str | int, ...]
"""Where something is in a text: `("service", "patrol", "points")`, `("cap", 0, "most")`; () is the whole."""

_KEY: Final = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_KEYS: Final = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER: Final = re.compile(rf"\s*(\[\[?)\s*({_KEYS})\s*\]")
_ASSIGNED: Final = re.compile(rf"\s*({_KEYS})\s*=")

# What the reader of TOML says, by its first words; anything else is a slip in the writing.
_TOML_PROBLEMS: Final = {
    "toml-twice": ("Cannot ", "Duplicate "),
    "toml-value": ("Invalid value", "Invalid date", "Invalid hex"),
    "toml-string": ("Unterminated ", "Illegal ", "Unescaped ", "Escaped "),
}


@frozen
class Problem:
    """Something wrong on a *line* (from 1; 0: the whole text): its *id* in [rulebook-problem], and its facts."""

    line: int
    id: str
    facts: Mapping[str, Any] = field(factory=dict, hash=False)

    def reason(self, language: str = "en") -> str:
        """What is wrong, in *language* ("en" or "zh_CN")."""
        return sentence(language, "rulebook-problem", self.id, self.facts)

    def error(self) -> RulebookInvalid:
        """The problem as the error that refuses the text."""
        return RulebookInvalid(self.line, self.reason(), self.id, json.dumps(dict(self.facts), ensure_ascii=False))


def rulebook_lines(text: str) -> tuple[str, ...]:
    """The lines of a rulebook's *text*, as an entry can hold them. Raises RulebookInvalid."""
    if not isinstance(text, str):
        raise Problem(0, "no-text").error()
    lines = tuple(line.removesuffix("\r") for line in text.removesuffix("\n").split("\n"))
    for number, line in enumerate(lines, start=1):
        if problem := _line_problem(number, line):
            raise problem.error()
    return lines


def _line_problem(number: int, line: str) -> Problem | None:
    if "\t" in line:
        return Problem(number, "tab")
    try:
        canonical.check({"line": line})
    except NotCanonical:
        if len(line) > canonical.MAX_TEXT:
            return Problem(number, "line-too-long", {"most": canonical.MAX_TEXT})
        return Problem(number, "character" if unicodedata.is_normalized("NFC", line) else "not-nfc")
    return None


@frozen
class Source:
    """A rulebook's text: what TOML makes of it, on which line each key stands, the problems found so far."""

    data: dict[str, Any]
    places: tuple[tuple[Path, int], ...]
    problems: list[Problem] = field(default=Factory(list))

    @classmethod
    def of(cls, text: str) -> Self:
        """*text*, read as TOML. Raises RulebookInvalid."""
        lines = rulebook_lines(text)
        try:
            data = tomllib.loads("\n".join(lines) + "\n")
        except tomllib.TOMLDecodeError as error:
            said = str(error)
            line = re.search(r"at line (\d+), column \d+\)$", said)
            problem = next((name for name, words in _TOML_PROBLEMS.items() if said.startswith(words)), "toml")
            raise Problem(int(line[1]) if line else len(lines), problem).error() from error
        except RecursionError as error:
            raise Problem(0, "too-deep").error() from error
        return cls(data, tuple(_places(lines)))

    def line_of(self, path: Path) -> int:
        """The line where *path* is written, or the nearest part of it that has a line; 0: none."""
        for length in range(len(path), 0, -1):
            near = path[:length]
            for place, line in self.places:
                if place[:length] == near:
                    return line
        return 0

    def wrong(self, section: Path, problem: str, *at: str, **facts: object) -> None:
        """Note that *problem* is in *section*, on the line of its key *at*, or on its own."""
        kept = {name: value if isinstance(value, int) else str(value) for name, value in facts.items()}
        self.problems.append(Problem(self.line_of((*section, *at)), problem, {"where": written(section), **kept}))


def written(path: Path) -> str:
    """How *path* is called: `[service.patrol]`, `[[cap]] 2`; a rulebook's own keys are in `top`."""
    if not path:
        return "top"
    *_, last = path
    if isinstance(last, int):
        return f"[[{path[0]}]] {last + 1}"
    return f"[{'.'.join(map(str, path))}]"


def _places(lines: tuple[str, ...]) -> list[tuple[Path, int]]:
    """Each header and each key with its line. A line within a text of several lines may be taken for a key."""
    found: list[tuple[Path, int]] = []
    header: Path = ()
    counted: dict[Path, int] = {}
    for number, line in enumerate(lines, start=1):
        if match := _HEADER.match(line):
            header = _keys(match[2])
            if match[1] == "[[":
                counted[header] = counted.get(header, -1) + 1
                header = (*header, counted[header])
            found.append((header, number))
        elif match := _ASSIGNED.match(line):
            found.append(((*header, *_keys(match[1])), number))
    return found


def _keys(dotted: str) -> Path:
    return tuple(key.strip("\"'") for key in re.findall(_KEY, dotted))
