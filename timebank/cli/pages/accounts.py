"""The pages of one account: a member's statement, a shop's, and the cards of the goods on its shelves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from timebank.cli.language import say
from timebank.cli.pages.document import Page, period_words
from timebank.cli.pages.tables import Fixed, Minutes, Row, Table
from timebank.cli.wording import kind_of, summary
from timebank.programme import accounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from timebank.audit.statements import MemberStatement, ShopStatement, StockCard, StockLine
    from timebank.cli.wording import Names
    from timebank.ledger.entries import Entry

_FEN: Final = 2
_BY_OTHER_SIDE: Final = {
    accounts.donated_account(""): "from-donor",
    accounts.bought_account(""): "bought-by",
    accounts.stock_account(""): "other-shop",
    accounts.given_account(""): "handed-out",
    accounts.reserved_account(""): "set-aside",
    accounts.lost_account(""): "lost",
    accounts.found_account(""): "found",
}


def member_page(
    found: MemberStatement, names: Names, *, cards: Sequence[str], first: date | None, last: date, today: date
) -> Page:
    """A member's statement: every movement of points and service, and what lapses next."""
    rows: list[Row] = [_balance_row("opening", found.opening.points, found.opening.minutes)]
    rows += [
        (
            line.entry.day,
            happened(line.entry, names),
            line.points_in or None,
            line.points_out or None,
            line.after.points,
            Minutes(line.minutes_in) if line.minutes_in else None,
            Minutes(line.minutes_out) if line.minutes_out else None,
            Minutes(line.after.minutes),
        )
        for line in found.lines
    ]
    rows.append(_balance_row("closing", found.closing.points, found.closing.minutes))
    columns = ("day", "what", ">in", ">out", ">points-left", ">in", ">out", ">minutes-left")
    groups = (("", 2), (say("page", "points"), 3), (say("page", "service"), 3))
    ends = frozenset((0, len(rows) - 1))
    lines = Table(
        "member",
        say("page", "movements"),
        columns,
        rows,
        ends,
        groups,
        (say("page", "minutes-note"), say("page", "entry-note")),
    )
    lapsing = Table(
        "lapsing",
        say("page", "lapsing", on=today),
        ("good-until", ">points"),
        [(lapse.until, lapse.points) for lapse in found.lapsing],
        notes=(say("page", "lapsing-note"),) if found.lapsing else (),
    )
    facts = [
        (say("page", "member"), f"{found.member} ({say('page', f'kind-{found.kind}')})"),
        (say("page", "cards"), say("cli", "comma").join(cards) or "-"),
        (say("page", "organisation"), named(names.organisations, found.org)),
        (say("page", "period"), period_words(first, last)),
    ]
    return Page(say("page", "member-title"), facts, [lines, lapsing])


def _balance_row(which: str, points: int, minutes: int) -> Row:
    return (None, say("page", which), None, None, points, None, None, Minutes(minutes))


def shop_page(found: ShopStatement, names: Names, *, first: date | None, last: date) -> Page:
    """A shop's statement: what it took in, gave back and was paid, and what it is owed."""
    rows: list[Row] = [(None, say("page", "opening"), None, None, None, found.opening)]
    rows += [
        (
            line.entry.day,
            _at_the_shop(line.entry, names),
            line.taken or None,
            line.returned or None,
            line.settled or None,
            line.after,
        )
        for line in found.lines
    ]
    sums = (sum(getattr(line, name) for line in found.lines) for name in ("taken", "returned", "settled"))
    rows.append((None, say("page", "closing"), *sums, found.closing))
    columns = ("day", "what", ">taken", ">given-back", ">settled", ">owed")
    owed = say("page", "owed", points=f"{found.closing:,}", yuan=Fixed(found.fen, _FEN))
    lines = Table(
        "shop",
        say("page", "takings"),
        columns,
        rows,
        frozenset((0, len(rows) - 1)),
        notes=(owed, say("page", "entry-note")),
    )
    return Page(say("page", "shop-title"), _shop_facts(found.shop, names, found.org, first, last), [lines])


def _at_the_shop(entry: Entry, names: Names) -> str:
    """What happened at a shop whose name stands above: which goods, and which card was shown."""
    if "goods" not in entry.body:
        return happened(entry, names)
    basket = names.basket([(good, pieces) for good, pieces, _ in entry.body["goods"]])
    said = say("page", "with-kind", kind_words=kind_of(entry), why=basket)
    if "card" in entry.body:
        said = say("page", "with-card", said=said, number=entry.body["card"])
    return _numbered(entry, said)


def stock_page(
    cards: Iterable[StockCard], shop: str, org: str, names: Names, *, first: date | None, last: date
) -> Page:
    """The cards of goods in a shop: what came, went and was counted."""
    tables = [_card(card, names) for card in cards]
    return Page(say("page", "stock-title"), _shop_facts(shop, names, org, first, last), tables)


def _card(card: StockCard, names: Names) -> Table:
    rows: list[Row] = [(None, say("page", "opening"), None, None, None, card.opening)]
    rows += [
        (
            line.entry.day,
            _moved(line, card.shop, names),
            line.came or None,
            line.went or None,
            line.counted,
            line.after,
        )
        for line in card.lines
    ]
    came, went = (sum(getattr(line, name) for line in card.lines) for name in ("came", "went"))
    rows.append((None, say("page", "closing"), came, went, None, card.closing))
    columns = ("day", "what", ">in", ">out", ">counted", ">pieces-left")
    return Table(
        "stock",
        named(names.goods, card.good),
        columns,
        rows,
        frozenset((0, len(rows) - 1)),
        (),
        (say("page", "entry-note"),),
    )


def _moved(line: StockLine, shop: str, names: Names) -> str:
    """Why pieces of a good moved: the kind of the entry, and whom they came from or went to."""
    place = line.other.rfind(":") + 1
    beginning, name = line.other[:place], line.other[place:].lower()
    if not line.other:
        why = say("page", "as-booked")
    else:
        way = _BY_OTHER_SIDE.get(beginning, "")
        called = names.shops.get(name, name) if way == "other-shop" else names.organisations.get(name, name)
        why = say("page", way, name=called) if way else line.other
    return _numbered(line.entry, say("page", "with-kind", kind_words=kind_of(line.entry), why=why))


def _shop_facts(shop: str, names: Names, org: str, first: date | None, last: date) -> list[tuple[str, str]]:
    return [
        (say("page", "shop"), named(names.shops, shop)),
        (say("page", "organisation"), named(names.organisations, org)),
        (say("page", "period"), period_words(first, last)),
    ]


def happened(entry: Entry, names: Names) -> str:
    """What *entry* says, and its number in the journal."""
    return _numbered(entry, f"{kind_of(entry)} {summary(entry, names)}".rstrip())


def _numbered(entry: Entry, what: str) -> str:
    return say("page", "with-number", said=what, number=entry.seq)


def named(names: Mapping[str, str], name: str) -> str:
    """A name with its id."""
    called = names.get(name, name)
    return name if called == name else f"{called} ({name})"
