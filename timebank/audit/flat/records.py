"""The flat tables of the programme: what is known of organisations, members, shops and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from timebank.audit.flat.table import FlatTable, columns
from timebank.programme.budgets import BUDGETS
from timebank.programme.claim_records import CLAIMS, EVIDENCE
from timebank.programme.closing import CLOSINGS
from timebank.programme.deductions import APPEALS
from timebank.programme.erasures import ERASURES
from timebank.programme.goods import GOODS, PRICES, UNITS
from timebank.programme.handed import RETURNED
from timebank.programme.households import BELONGINGS, HOUSEHOLDS
from timebank.programme.keys import EPOCHS, SIGNING_KEYS
from timebank.programme.limits import GOODS_LIMITS
from timebank.programme.members import CARDS, MEMBERS
from timebank.programme.moves import PLACEMENTS
from timebank.programme.order_steps import ORDERS
from timebank.programme.organisations import ORGANISATIONS
from timebank.programme.ratings import RATINGS
from timebank.programme.reserved import RESERVATIONS
from timebank.programme.roles import OPERATORS
from timebank.programme.rulebook import RULEBOOKS
from timebank.programme.settlements import SETTLEMENTS
from timebank.programme.shops import SHOP_DETAILS, SHOPS
from timebank.programme.stockroom import BEST_BEFORE
from timebank.programme.teams import TEAM_MEMBERS
from timebank.programme.venues import VENUES, VISITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.audit.flat.source import Source
    from timebank.audit.flat.table import Row
    from timebank.ledger.store import Table


def _copied(name: str, of: Table[Any], heads: str, key: str) -> FlatTable:
    """A projection as it is, under columns for people; an empty text stands for nothing, and becomes nothing."""

    def rows(source: Source) -> Iterator[Row]:
        for record in source.books.rows(of):
            yield tuple(None if (cell := getattr(record, field)) == "" else cell for field in of.columns)

    return FlatTable(name, columns(heads), tuple(key.split()), rows)


def _shops(source: Source) -> Iterator[Row]:
    for shop in source.books.rows(SHOPS):
        detail = source.books.get(SHOP_DETAILS, shop.id)
        kind, hours = (None, None) if detail is None else (detail.kind, detail.hours)
        yield shop.id, shop.name, shop.org, kind, hours, shop.seq


def _goods(source: Source) -> Iterator[Row]:
    for good in source.books.rows(GOODS):
        unit = source.books.get(UNITS, good.unit)
        name, name_en = (None, None) if unit is None else (unit.zh, unit.en)
        yield good.id, name, name_en, good.unit, good.seq


RECORDS: Final = (
    _copied("units", UNITS, "unit name name_en #seq>entries", "unit"),
    _copied("organisations", ORGANISATIONS, "org name level parent>organisations #seq>entries", "org"),
    _copied("operators", OPERATORS, "operator org>organisations role #seq>entries", "operator"),
    _copied("rulebooks", RULEBOOKS, "from_day #seq>entries name", "seq"),
    _copied("members", MEMBERS, "member org>organisations kind #seq>entries", "member"),
    _copied("cards", CARDS, "card member>members state #seq>entries", "card"),
    _copied("placements", PLACEMENTS, "what id from_day #seq>entries org>organisations", "what id from_day seq"),
    _copied("households", HOUSEHOLDS, "household>members from_day #seq>entries members", "household from_day seq"),
    _copied(
        "household_members",
        BELONGINGS,
        "member>members from_day #seq>entries household>members",
        "member from_day seq",
    ),
    _copied(
        "team_members", TEAM_MEMBERS, "team>members member>members joined left #seq>entries", "team member joined"
    ),
    FlatTable("shops", columns("shop name org>organisations kind hours #seq>entries"), ("shop",), _shops),
    FlatTable("goods", columns("good name name_en unit>units #seq>entries"), ("good",), _goods),
    _copied("prices", PRICES, "shop>shops good>goods from_day #seq>entries #points", "shop good from_day seq"),
    _copied(
        "limits",
        GOODS_LIMITS,
        "good>goods shop>shops from_day #seq>entries per period #most #least_earned",
        "seq",
    ),
    _copied("best_before", BEST_BEFORE, "shop>shops good>goods day #seq>entries #pieces", "shop good day seq"),
    _copied("reservations", RESERVATIONS, "#seq>entries shop>shops member>members card>cards until state", "seq"),
    _copied("returned_goods", RETURNED, "#redemption>entries good>goods #pieces #seq>entries", "redemption good"),
    _copied(
        "settlements",
        SETTLEMENTS,
        "shop>shops last #seq>entries first #taken #returned #late #paid",
        "shop last",
    ),
    _copied(
        "claims",
        CLAIMS,
        "#seq>entries org>organisations service day state members submitted_by>operators reviewed_by>operators"
        " notice_until objected_by>operators #award>entries",
        "seq",
    ),
    _copied("evidence", EVIDENCE, "hash #claim>entries", "hash claim"),
    _copied("appeals", APPEALS, "#deduction>entries member>members state #seq>entries", "deduction"),
    _copied("budgets", BUDGETS, "org>organisations first last #points #seq>entries", "org first"),
    _copied(
        "orders",
        ORDERS,
        "#seq>entries org>organisations kind member>members opened due state unit volunteer>members finished rated"
        " #stars #done #claim>entries",
        "seq",
    ),
    _copied("venues", VENUES, "venue org>organisations name #seq>entries", "venue"),
    _copied(
        "visits", VISITS, "venue>venues month room purpose #uses #people #seq>entries", "venue month room purpose"
    ),
    _copied(
        "ratings", RATINGS, "subject id quarter party #score #people #seq>entries", "subject id quarter party"
    ),
    _copied("signing_keys", SIGNING_KEYS, "#seq>entries vkey", "seq"),
    _copied("epochs", EPOCHS, "#seq>entries #number reason #size root", "seq"),
    _copied("erasures", ERASURES, "#seq>entries member>members reason", "seq"),
    _copied("closings", CLOSINGS, "id through #seq>entries", "id"),
)
