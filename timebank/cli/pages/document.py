"""A page as one HTML file: a head, tables and drawings, and a foot with what it can be checked against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.cli.language import language, say
from timebank.cli.pages.tables import Table, escaped, table_html
from timebank.ledger.entries import kept_entry
from timebank.tlog import merkle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from timebank.ledger.store import Reader

FONTS: Final = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC','SimSun',sans-serif"
_LANGUAGE_TAGS: Final = {"zh_CN": "zh-CN", "en": "en"}
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
STYLE: Final = f"""
@page {{ size: A4; margin: 15mm 14mm 17mm;
  @bottom-right {{ content: counter(page) " / " counter(pages); font: 9pt sans-serif; }} }}
* {{ box-sizing: border-box; }}
body {{ font: 12pt/1.5 {FONTS}; color: #000; background: #fff; max-width: 182mm; margin: 8mm auto; padding: 0 2mm;
  overflow-wrap: anywhere; }}
h1 {{ font-size: 20pt; line-height: 1.3; margin: 0 0 3mm; }}
h2 {{ font-size: 14pt; margin: 5.5mm 0 1.5mm; break-after: avoid; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: 0 6mm; margin: 0; border-top: 1.5pt solid #000;
  border-bottom: 1.5pt solid #000; padding: 2mm 0; }}
dt {{ color: #333; }} dd {{ margin: 0; }}
table {{ width: 100%; border-collapse: collapse; font-size: 11pt; line-height: 1.4; }}
thead {{ display: table-header-group; }}
tr {{ break-inside: avoid; }}
th, td {{ padding: 1.1mm 1.6mm; text-align: left; vertical-align: top; border-bottom: .5pt solid #999; }}
th {{ border-bottom: 1pt solid #000; vertical-align: bottom; overflow-wrap: normal; word-break: keep-all; }}
.groups th {{ text-align: center; border-bottom: .5pt solid #999; }}
.number {{ text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }}
th.number {{ white-space: normal; }}
td:first-child {{ white-space: nowrap; }}
.wide td:first-child {{ white-space: normal; }}
.sum td {{ font-weight: bold; border-top: 1pt solid #000; border-bottom: 1pt solid #000; }}
.note {{ margin: 1.5mm 0 0; font-size: 11pt; }}
figure {{ margin: 5mm 0; break-inside: avoid; }}
figcaption {{ font-size: 12pt; font-weight: bold; margin-bottom: 1mm; }}
svg {{ width: 100%; height: auto; }}
footer {{ margin-top: 7mm; border-top: 1.5pt solid #000; padding-top: 1.5mm; font-size: 9.5pt;
  line-height: 1.35; }}
footer > * {{ break-inside: avoid; }}
.before-note {{ break-after: avoid; }}
footer p {{ margin: 0 0 1mm; }}
code, pre {{ font: 9pt/1.3 monospace; overflow-wrap: anywhere; white-space: pre-wrap; margin: 0; }}
@media print {{ body {{ margin: 0; padding: 0; max-width: none; }} }}
"""


@frozen
class Stamp:
    """The journal that a page was read from: *entries* and their *root*, and the last note that was signed."""

    origin: str
    entries: int
    root: bytes
    note: str | None


def stamp_of(books: Reader) -> Stamp:
    """The stamp of what is being read, in the same view as all that stands above it."""
    size, last = books.size(), books.last_note()
    origin = kept_entry(0, books.leaf(0)).body["origin"]
    return Stamp(origin, size, merkle.root(books, size), None if last is None else last.note)


@frozen
class Drawing:
    """A drawing with its *title*; *svg* is markup that is made here and stands on the page as it is."""

    title: str
    svg: str


Block = Table | Drawing | str


@frozen
class Page:
    """A page: its *title*, *facts* below it, and *blocks*: tables, drawings, sentences."""

    title: str
    facts: Sequence[tuple[str, str]]
    blocks: Sequence[Block]


def period_words(first: date | None, last: date) -> str:
    """The days of a page, as its head says them."""
    if first is None:
        return say("page", "until", last=last)
    return say("page", "days", first=first, last=last)


def page_html(page: Page, stamp: Stamp, printed: date) -> bytes:
    """The file, in UTF-8."""
    facts = [(say("page", "origin"), stamp.origin), *page.facts, (say("page", "printed"), printed.isoformat())]
    lines = [
        "<!doctype html>",
        f'<html lang="{_LANGUAGE_TAGS[language()]}"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escaped(_POLICY)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escaped(page.title)}</title><style>{STYLE}</style></head><body>",
        f"<header><h1>{escaped(page.title)}</h1><dl>",
        *(f"<dt>{escaped(name)}</dt><dd><bdi>{escaped(value)}</bdi></dd>" for name, value in facts),
        "</dl></header><main>",
        *_blocks_html(page.blocks),
        "</main>",
        *_foot_html(stamp),
        "</body></html>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _blocks_html(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Table):
            yield from table_html(block)
        elif isinstance(block, Drawing):
            yield f"<figure><figcaption>{escaped(block.title)}</figcaption>{block.svg}</figure>"
        else:
            yield f"<p>{escaped(block)}</p>"


def _foot_html(stamp: Stamp) -> Iterator[str]:
    """What the page can be checked against: the root is never shortened."""
    yield f"<footer><p>{escaped(say('page', 'root', entries=f'{stamp.entries:,}'))}<br>"
    yield f"<code>{stamp.root.hex()}</code></p>"
    if stamp.note is None:
        yield f"<p>{escaped(say('page', 'no-note'))}</p>"
    else:
        lines = "\n".join(escaped(line) for line in stamp.note.rstrip("\n").split("\n"))
        yield f'<p class="before-note">{escaped(say("page", "note"))}</p><pre>{lines}</pre>'
    yield "</footer>"
