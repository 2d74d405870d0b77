"""The survivors that may live: each named by its function and its change, with the reason, in explained.toml."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Final

from attrs import frozen

FILE: Final = Path(__file__).with_name("explained.toml")


@frozen
class Change:
    """What a mutant changes: the lines as they were and as they are, in one function, without indentation."""

    function: str
    was: str
    now: str

    @property
    def module(self) -> str:
        """The module of the function: `timebank.tlog.merkle`."""
        parts = self.function.split(".")
        return ".".join(parts[:3])


@frozen
class Explained:
    """A change that no test can tell, or need tell, from what is there."""

    change: Change
    kind: str
    reason: str


def read_explained(file: Path = FILE) -> tuple[Explained, ...]:
    """What *file* explains, in its order."""
    found = []
    for kind, content in tomllib.loads(file.read_text()).items():
        for each in content["mutants"]:
            reason = each.get("reason", content["reason"])
            found.append(Explained(Change(each["function"], each["was"], each["now"]), kind, reason))
    return tuple(found)


def rows(explained: tuple[Explained, ...]) -> tuple[str, ...]:
    """The table of docs/reference/mutation.md: a line for each reason in a function, with its mutants."""
    counts = Counter((each.kind, each.change.function, each.reason) for each in explained)
    return tuple(
        f"| {kind} | `{function.removeprefix('timebank.')}` | {count} | {reason} |"
        for (kind, function, reason), count in counts.items()
    )
