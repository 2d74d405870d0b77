"""A page of the documentation, read as its reader reads it: blocks of examples, headings, links.

How examples are written, on every page:

- ```console: a line that begins with `$ ` is typed, the lines after it are what it prints. A line `...` stands for
  any lines, `...` inside a line for any characters. With no lines after it, what a command prints is not shown.
  A command ends well, unless an error with its [code] or findings are shown; then its exit code is the family's.
- ```sh: every line is typed; nothing is shown.
- ```bash: a script, saved under the name that its first line begins with (`# check.sh ...`).
- ```python: runs, with the names of the page's earlier blocks. A ```text block right after it is what it prints.
- `<!-- goes on from: tutorial/a-first-month.md -->`: the page begins with the files which that page leaves.
- `<!-- needs: hledger ledger -->`: without these programs the page is not typed at all.
- `<!-- days pass: 4 -->`: what comes after it happens four days later.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

import timebank

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PACKAGE = Path(timebank.__file__).parent
"""timebank as it is imported: in the project, or where it was installed while its tests run elsewhere."""

_FENCE = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_DAYS_PASS = re.compile(r"<!-- days pass: (\d+) -->")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_NEEDS = re.compile(r"<!-- needs: ([^>]+) -->")
_GOES_ON = re.compile(r"<!-- goes on from: (\S+) -->")


@frozen
class Block:
    """One fenced example; *shown* is the text block right after a Python block.

    *days* is how many days after the beginning of the page it happens.
    """

    language: str
    text: str
    line: int
    shown: str | None = None
    days: int = 0


@frozen
class Page:
    """One Markdown file."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        return self.path.relative_to(DOCS if self.path.is_relative_to(DOCS) else ROOT).as_posix()

    @property
    def goes_on_from(self) -> str | None:
        found = _GOES_ON.search(self.text)
        return found[1] if found else None

    @property
    def needs(self) -> list[str]:
        found = _NEEDS.search(self.text)
        return found[1].split() if found else []

    def blocks(self) -> list[Block]:
        found = list(_FENCE.finditer(self.text))
        blocks = []
        for place, match in enumerate(found):
            shown = None
            if match["language"] == "python" and place + 1 < len(found):
                after = found[place + 1]
                if after["language"] == "text" and not self.text[match.end() : after.start()].strip():
                    shown = after["text"]
            line = self.text.count("\n", 0, match.start()) + 1
            days = sum(int(each[1]) for each in _DAYS_PASS.finditer(self.text, 0, match.start()))
            blocks.append(Block(match["language"], match["text"], line, shown, days))
        return blocks

    def prose(self) -> str:
        return _FENCE.sub("", self.text)

    def sections(self) -> dict[str, str]:
        """What stands under each heading of any level, up to the next heading."""
        text = _FENCE.sub(lambda fence: re.sub(r"^#", " #", fence[0], flags=re.MULTILINE), self.text)
        heads = list(_HEADING.finditer(text))
        ends = [*(head.start() for head in heads[1:]), len(text)]
        return {head[2]: text[head.end() : end] for head, end in zip(heads, ends, strict=True)}

    def anchors(self) -> set[str]:
        """The anchors that a Markdown viewer makes of the headings."""
        return {
            re.sub(r"[^\w\- ]", "", head[2].lower()).replace(" ", "-") for head in _HEADING.finditer(self.prose())
        }

    def links(self) -> Iterator[str]:
        for match in _LINK.finditer(re.sub(r"`[^`\n]*`", "code", self.prose())):
            yield match[1]


def page(name: str) -> Page:
    path = DOCS / name
    return Page(path, path.read_text(encoding="utf-8"))


def pages() -> list[Page]:
    readme = [ROOT / "README.md"] if (ROOT / "README.md").exists() else []
    return [Page(path, path.read_text(encoding="utf-8")) for path in [*readme, *sorted(DOCS.rglob("*.md"))]]
