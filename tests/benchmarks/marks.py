"""The places on pages of the reference that a command writes: each between two marks of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def marks(command: str) -> tuple[str, str]:
    """The lines between which *command* writes its part of a page."""
    return f"<!-- written by: {command} -->", f"<!-- end of: {command} -->"


def check_marks(page: Path, command: str) -> None:
    """Raise ValueError unless *page* has the marks of *command*, once each: better said before an hour's work."""
    start, end = marks(command)
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    if text.count(start) != 1 or text.count(end) != 1 or text.index(start) > text.index(end):
        raise ValueError(f"{page} has no place for this: {start} and {end}, once each")


def write_between(page: Path, command: str, part: str) -> None:
    """Put *part* between the marks of *command*, in place of what was there. Raises ValueError."""
    check_marks(page, command)
    start, end = marks(command)
    before, rest = page.read_text(encoding="utf-8").split(start)
    _, after = rest.split(end)
    page.write_text(f"{before}{start}\n\n{part}\n\n{end}{after}", encoding="utf-8")
