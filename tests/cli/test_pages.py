"""Pages to print: whole, self-contained, escaped, in both languages; drawings where their extra is installed."""

from __future__ import annotations

import base64
import csv
import json
import re
import sys
from datetime import date
from html.parser import HTMLParser
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

import timebank
from tests.cli.conftest import Shell
from tests.conftest import Village, fewer
from timebank.audit.reporting.trial_balance import trial_balance_by_organisation
from timebank.audit.statements import shop_statement, stock_cards
from timebank.cli.pages.accounts import shop_page, stock_page
from timebank.cli.pages.balances import trial_balance_page
from timebank.cli.pages.document import Page, page_html, stamp_of
from timebank.cli.pages.plots import Bars, lying, upright
from timebank.cli.pages.tables import Branch, Change, Fixed, Minutes, Table
from timebank.cli.wording import Names

PAGES = {
    "member": "page member FILE --card 0001",
    "shop": "page shop FILE yungu-shop",
    "stock": "page stock FILE yungu-shop --all",
    "one-good": "page stock FILE yungu-shop soap --from 2026-02-01 --to 2026-02-28",
    "trial-balance": "page trial-balance FILE",
    "programme": "page programme FILE --from 2026-02-01 --to 2026-02-28",
}
OURS = {
    "html", "head", "meta", "title", "style", "body", "header", "h1", "dl", "dt", "dd", "main", "section", "h2",
    "table", "thead", "tbody", "tr", "th", "td", "bdi", "p", "br", "code", "pre", "footer", "figure", "figcaption",
    "svg", "defs", "g", "path", "text", "use", "clippath", "rect", "pattern",
}  # fmt: skip
ALONE = {"meta", "br"}
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "colspan", "style", "id", "d", "x", "y", "width",
    "height", "transform", "viewbox", "role", "aria-label", "xmlns:xlink", "xlink:href", "clip-path", "type",
    "patternunits", "fill",
}  # fmt: skip
HOSTILE = "<script>alert(1)</script>&\"'`$\\ =cmd|x ]]> <!-- ⁧ שלום 5 < 6"


@define
class Reader(HTMLParser):
    """Reads a page as a browser does, and keeps what it found."""

    tags: list[str] = field(factory=list)
    attributes: set[str] = field(factory=set)
    links: list[str] = field(factory=list)
    ids: list[str] = field(factory=list)
    opened: list[str] = field(factory=list)
    texts: list[str] = field(factory=list)
    lang: str | None = None

    def __attrs_pre_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in ("src", "href", "xlink:href", "action"):
                self.links.append(str(value))
            if name == "id":
                self.ids.append(str(value))
            if (tag, name) == ("html", "lang"):
                self.lang = value
        if tag not in ALONE:
            self.opened.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in ALONE:
            self.opened.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.tags.append("a comment")

    def unknown_decl(self, data: str) -> None:
        self.tags.append("a declaration")

    def handle_pi(self, data: str) -> None:
        self.tags.append("an instruction")


def read(data: bytes) -> Reader:
    """What is on a page, which must be one that a browser need not mend, ask a network for, or run."""
    text = data.decode()
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.opened == []
    assert set(reader.tags) <= OURS
    assert reader.attributes <= ATTRIBUTES, reader.attributes - ATTRIBUTES
    assert all(link.startswith("#") and link[1:] in reader.ids for link in reader.links)
    assert len(reader.ids) == len(set(reader.ids))
    assert not re.search(r"@import|url\((?!#)|javascript:", text)
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) <= {"http://www.w3.org/1999/xlink"}
    return reader


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_carries_the_root_of_what_was_read(both: Shell, name: str) -> None:
    note = both.out("checkpoint", "FILE")
    out = both.file.with_name("page.html")
    said = both.out(*PAGES[name].split(), str(out))
    assert str(out) in said
    page = read(out.read_bytes())
    assert page.lang == {"zh": "zh-CN"}.get(str(both.environment["LC_ALL"])[:2], "en")
    text = "".join(page.texts)
    assert base64.b64decode(note.splitlines()[2]).hex() in text
    assert note.strip() in text
    assert "yungu.example/timebank" in text
    with timebank.open(both.file, readonly=True) as bank:
        assert bank.today().isoformat() in text
    assert "size: A4" in text
    assert "Noto Sans CJK SC" in text


def test_without_a_checkpoint_the_page_says_so(shell: Shell) -> None:
    out = shell.file.with_name("page.html")
    shell.out("page", "shop", "FILE", "yungu-shop", str(out))
    assert "No checkpoint was signed yet." in out.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_the_same_file_gives_the_same_bytes_and_nothing_is_overwritten(shell: Shell, name: str) -> None:
    first, second = shell.file.with_name("1.html"), shell.file.with_name("2.html")
    for out in (first, second):
        shell.out(*PAGES[name].split(), str(out))
    assert first.read_bytes() == second.read_bytes()
    assert "[file-exists]" in shell.error(*PAGES[name].split(), str(first), code=2)
    assert first.read_bytes() == second.read_bytes()


def cells(path: Path) -> list[list[str]]:
    """The rows of a page's tables, without their markup."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", path.read_text(encoding="utf-8"))
    return [[re.sub(r"<[^>]*>", "", cell) for cell in re.split(r"</t[hd]>", row)[:-1]] for row in rows]


def test_a_members_page_shows_every_movement_and_what_is_left(shell: Shell) -> None:
    out = shell.file.with_name("page.html")
    shell.out("page", "member", "FILE", "--card", "0001", str(out), "--to", "2026-02-28")
    rows = cells(out)
    redemption = next(row for row in rows if row and row[0] == "2026-02-11")
    assert redemption[1].startswith("redemption 云谷积分超市: Rice-5-kg x 1, Soap x 2, card 0001 [")
    assert redemption[2:] == ["", "46", "24", "", "", "20:00"]
    assert next(row for row in rows if row[1:2] == ["carried forward"])[2:] == ["", "", "24", "", "", "20:00"]


def test_the_report_is_one_as_page_as_workbook_as_csv_and_as_json(shell: Shell) -> None:
    from openpyxl import load_workbook

    paths = {form: shell.file.with_name(f"report.{form}") for form in ("html", "xlsx", "csv")}
    words = [*PAGES["programme"].split(), str(paths["html"])]
    for form in ("xlsx", "csv"):
        words += [f"--{form}", str(paths[form])]
    found = json.loads(shell.out(*words, "--json"))
    assert (found["report"], found["span"]) == ("programme", {"first": "2026-02-01", "last": "2026-02-28"})
    hours = next(figure["now"] for figure in found["figures"] if figure["name"] == "served_minutes") / 60
    book = load_workbook(BytesIO(paths["xlsx"].read_bytes()))
    rows = {row[0]: row[1] for row in book["figures"].iter_rows(values_only=True)}
    assert rows["hours of service"] == hours == 20
    assert rows["points redeemed"] == 46
    assert isinstance(rows["points outstanding at the end"], int)
    lines = list(csv.reader(StringIO(paths["csv"].read_text(encoding="utf-8-sig"))))
    assert ["At a glance", "points redeemed", "these days", "46"] in lines
    page = paths["html"].read_text(encoding="utf-8")
    assert page.count("<svg") == 4
    assert "20:00" in page


def test_without_matplotlib_there_are_all_tables_and_a_sentence(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    out = shell.file.with_name("page.html")
    shell.out(*PAGES["programme"].split(), str(out))
    text = out.read_text(encoding="utf-8")
    assert "<svg" not in text
    assert "timebank[report]" in text
    assert text.count("<table") >= 5


def test_a_report_is_not_begun_where_one_of_its_files_is_there(shell: Shell) -> None:
    out, there = shell.file.with_name("page.html"), shell.file.with_name("there.xlsx")
    there.write_bytes(b"")
    assert "[file-exists]" in shell.error(*PAGES["programme"].split(), str(out), "--xlsx", str(there), code=2)
    assert not out.exists()
    assert there.read_bytes() == b""


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("page member FILE OUT", "[usage]"),
        ("page member FILE --card 9999 OUT", "[unknown-card]"),
        ("page member FILE --card 0001 --from 2026-03-01 --to 2026-02-01 OUT", "[days-reversed]"),
        ("page shop FILE nowhere OUT", "[unknown-shop]"),
        ("page shop FILE yungu-shop --from tomorrow OUT", "[bad-day]"),
        ("page stock FILE yungu-shop OUT", "[usage]"),
        ("page stock FILE yungu-shop soap --all OUT", "[usage]"),
        ("page stock FILE yungu-shop bread OUT", "[unknown-good]"),
        ("page trial-balance FILE --depth deep OUT", "[bad-amount]"),
        ("page programme FILE --from 2026-03-01 --to 2026-02-01 OUT", "[days-reversed]"),
        ("page programme FILE --from 2026-02-01 --to 2026-02-28 --org nowhere OUT", "[unknown-organisation]"),
        ("page programme gone.timebank --from 2026-02-01 --to 2026-02-28 OUT", "[file-missing]"),
    ],
)
def test_what_is_wrong_is_said_and_no_page_is_begun(both: Shell, words: str, wanted: str) -> None:
    out = both.file.with_name("page.html")
    typed = [str(out) if word == "OUT" else word for word in words.split()]
    assert wanted in both.error(*typed, code=2)
    assert not out.exists()


def test_the_trial_balance_can_end_at_a_level(shell: Shell) -> None:
    for line in (
        "organisation add FILE east --name East --level grid --parent yungu --by admin",
        "enrol FILE --org east --card 0077 --by grid-7",
        "record FILE patrol --card 0077 --minutes 60 --day 2026-02-09 --by grid-7 --approved-by committee-1",
    ):
        shell.out(*line.split())
    pages = []
    for depth in ("0", "1"):
        out = shell.file.with_name(f"{depth}.html")
        shell.out("page", "trial-balance", "FILE", "--depth", depth, str(out))
        pages.append(out.read_text(encoding="utf-8"))
    assert ["East" in page for page in pages] == [False, True]


def hostile_names() -> st.SearchStrategy[str]:
    alphabet = st.sampled_from("<>&\"'`$\\/=;:!-[](){}#%@ abשלערב云谷é\u0301一")
    return st.one_of(
        st.just(HOSTILE), st.text(alphabet, min_size=1, max_size=60), st.text("x<", min_size=80, max_size=80)
    )


@given(name=hostile_names())
def test_hostile_text_is_shown_as_it_is_and_is_no_markup(name: str) -> None:
    village = Village()
    bank, day = village.bank, date(2026, 3, 1)
    village.redeem(soap=1)
    names = Names.of(bank)
    hostile = Names(
        goods=dict.fromkeys(names.goods, name),
        services=dict.fromkeys(names.services, name),
        shops=dict.fromkeys(names.shops, name),
        organisations=dict.fromkeys(names.organisations, name),
        deductions={},
        orders={},
    )
    with bank.journal.reading() as books:
        stamp = stamp_of(books)
        pages = [
            shop_page(shop_statement(books, "yungu-shop", first=None, last=day), hostile, first=None, last=day),
            stock_page(
                stock_cards(books, "yungu-shop", ("soap",), first=None, last=day),
                "yungu-shop",
                "yungu",
                hostile,
                first=None,
                last=day,
            ),
            trial_balance_page(trial_balance_by_organisation(books, day), hostile, day, None),
        ]
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name)
    for page in pages:
        found = read(page_html(page, stamp, day))
        assert shown in "".join(found.texts)
        assert "section" in found.tags
        assert "svg" not in found.tags


@settings(fewer(5))
@given(name=hostile_names(), numbers=st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_drawings_hold_hostile_text_as_text_and_any_numbers(name: str, numbers: list[int]) -> None:
    with Village().bank.journal.reading() as books:
        stamp = stamp_of(books)
    labels = [name] * len(numbers)
    one = lying(Bars("one", name, labels, [(name, numbers)], name))
    two = upright(Bars("two", name, labels, [(name, numbers), (name, numbers[::-1])], name))
    read(page_html(Page(name, [(name, name)], [one, two, name]), stamp, date(2026, 3, 1)))
    assert "font-family: 'Noto Sans CJK SC'" in one.svg or "px 'Noto Sans CJK SC'" in one.svg
    assert "DejaVu" not in one.svg + two.svg
    assert "<dc:date>" not in one.svg
    assert upright(Bars("two", name, labels, [(name, numbers), (name, numbers[::-1])], name)) == two


def test_what_looks_like_a_formula_is_drawn_as_it_is() -> None:
    drawn = lying(Bars("one", "$x^2$", ["$\\frac{1}{2}$"], [("$x^2$", [3])], "$y$"))
    assert "$\\frac{1}{2}$</text>" in drawn.svg
    assert "$y$</text>" in drawn.svg


def test_cells_show_what_they_are() -> None:
    assert [str(Minutes(125)), str(Minutes(0)), str(Minutes(-61)), str(Minutes(60, change=True))] == [
        "2:05", "0:00", "-1:01", "+1:00"
    ]  # fmt: skip
    assert [str(Fixed(969, 1)), str(Fixed(123456, 2)), str(Fixed(-5, 2)), Fixed(969, 1).plain] == [
        "96.9", "1,234.56", "-0.05", 96.9
    ]  # fmt: skip
    assert (str(Change(-1200)), str(Change(3)), Minutes(90).plain) == ("-1,200", "+3", 1.5)
    assert str(Branch("x", 2)) == "x"
    assert Table("t", "t", (), ()).heads == []
