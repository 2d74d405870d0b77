"""What an export says of itself: what it is of, what each table is, and how to check it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.locale import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from timebank.audit.flat.source import Source


def about_table(name: str, language: str) -> str:
    """What the table *name* is, in one line."""
    return sentence(language, "flat-table", name, {})


def about_lines(source: Source, tables: Iterable[str], language: str) -> Iterator[tuple[str, str]]:
    """Names and values that say what an export is of, then each of *tables* and what it is, then how to check."""
    for name, value in source.facts():
        yield name, value
    for name in tables:
        yield name, about_table(name, language)
    for number in ("1", "2", "3"):
        yield "", sentence(language, "flat", f"check-{number}", {"origin": source.origin, "entries": source.size})


def readme(source: Source, files: Iterable[str], language: str) -> str:
    """The text that lies beside the files of an export."""
    lines = [sentence(language, "flat", "title", {"origin": source.origin, "entries": source.size}), ""]
    for name, value in about_lines(source, files, language):
        lines.append(f"{name}: {value}" if name else f"\n{value}")
    return "\n".join(lines) + "\n"
