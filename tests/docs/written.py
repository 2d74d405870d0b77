"""Parts of pages that are written from the code. `python -m tests.docs.written` writes them into the pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

from tests.benchmarks.figures import as_page, kept_in
from tests.docs.page import DOCS
from tests.docs.shell import FAMILY_EXITS, error_classes
from timebank.errors import Busy, Damaged, InvalidInput, Refused, TimebankError
from timebank.locale import sentences

if TYPE_CHECKING:
    from collections.abc import Callable

FAMILIES: Final[dict[type[TimebankError], str]] = {
    InvalidInput: "Fix the input",
    Refused: "A rule said no",
    Busy: "Try again",
    Damaged: "Stop",
}


def errors_part() -> str:
    """Every error: its code and class, when it is raised, its facts, and what it says in both languages."""
    lines = []
    for family, title in FAMILIES.items():
        classes = [kind for kind in error_classes() if issubclass(kind, family)]
        lines += [f"## {title}: `{family.__name__}`, exit code {FAMILY_EXITS[classes[0].code]}", ""]
        for kind in sorted(classes, key=lambda each: each.code):
            facts = ", ".join(f"`{field.name}`" for field in attrs.fields(kind))
            when = " ".join((kind.__doc__ or "").split())
            lines += [f"### {kind.code}", "", f"`{kind.__name__}`. {when} Facts: {facts}.", ""]
            lines += [f"> {sentences(language)['error'][kind.code]}  " for language in ("en", "zh_CN")]
            lines[-1] = lines[-1].rstrip()
            lines.append("")
    return "\n".join(lines)


def growth_part() -> str:
    """What the last run of `growth` kept, and its drawings."""
    return as_page(kept_in("growth"))


def writers_part() -> str:
    """What the last run of `writers` kept, and its drawings."""
    return as_page(kept_in("writers"))


PARTS: Final[dict[str, Callable[[], str]]] = {
    "reference/errors.md": errors_part,
    "reference/growth.md": growth_part,
    "reference/writers.md": writers_part,
}


def with_part(text: str, part: str) -> str:
    """*text* with *part* between its two marks."""
    return re.sub(
        r"(<!-- written from the code -->\n).*(\n<!-- end -->)",
        lambda marks: f"{marks[1]}\n{part.strip()}\n{marks[2]}",
        text,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    for name, make in PARTS.items():
        path = DOCS / name
        path.write_text(with_part(path.read_text(encoding="utf-8"), make()), encoding="utf-8")
