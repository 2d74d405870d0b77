"""Which kind of entry makes which records: the way from the journal to the programme's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from timebank.programme.budgets import BUDGETS, project_budget
from timebank.programme.cards import project_card
from timebank.programme.claim_records import (
    CLAIMS,
    EVIDENCE,
    makes_no_record,
    project_award,
    project_claim,
)
from timebank.programme.closing import CLOSINGS, project_period
from timebank.programme.counter import project_return
from timebank.programme.deductions import APPEALS, project_appeal, project_reversal
from timebank.programme.erasures import ERASURES, project_erasure
from timebank.programme.goods import GOODS, PRICES, UNITS, project_good, project_price, project_unit
from timebank.programme.handed import RETURNED
from timebank.programme.households import BELONGINGS, HOUSEHOLDS, project_household
from timebank.programme.keys import EPOCHS, SIGNING_KEYS, project_epoch, project_key
from timebank.programme.limits import GOODS_LIMITS, project_limit
from timebank.programme.members import CARDS, MEMBERS, project_member
from timebank.programme.moves import PLACEMENTS, project_move
from timebank.programme.order_steps import ORDERS, project_order
from timebank.programme.organisations import ORGANISATIONS, project_organisation
from timebank.programme.ratings import RATINGS, project_rating
from timebank.programme.reserved import RESERVATIONS, project_end, project_hold
from timebank.programme.roles import OPERATORS, project_operator
from timebank.programme.rulebook import RULEBOOKS, project_rulebook
from timebank.programme.settlements import SETTLEMENTS, project_settlement
from timebank.programme.shops import SHOP_DETAILS, SHOPS, project_shop
from timebank.programme.stockroom import BEST_BEFORE, project_stock
from timebank.programme.teams import TEAM_MEMBERS, project_team
from timebank.programme.venues import VENUES, VISITS, project_venue, project_visit

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from timebank.ledger.entries import Draft
    from timebank.ledger.journal import Projector
    from timebank.ledger.store import Table

PROJECTORS: Final[dict[str, Projector]] = {
    "appeal": project_appeal,
    "award": project_award,
    "budget": project_budget,
    "card": project_card,
    "claim": project_claim,
    "epoch": project_epoch,
    "erasure": project_erasure,
    "genesis": project_key,
    "goods": project_good,
    "hold": project_hold,
    "household": project_household,
    "key": project_key,
    "limit": project_limit,
    "member": project_member,
    "move": project_move,
    "operator": project_operator,
    "order": project_order,
    "organisation": project_organisation,
    "period": project_period,
    "post": project_end,
    "price": project_price,
    "rating": project_rating,
    "return": project_return,
    "reversal": project_reversal,
    "rulebook": project_rulebook,
    "settlement": project_settlement,
    "shop": project_shop,
    "stock": project_stock,
    "team": project_team,
    "unit": project_unit,
    "venue": project_venue,
    "visit": project_visit,
    "void": project_end,
}

PLAIN: Final[dict[str, Callable[[Draft], bool]]] = {"award": makes_no_record}
"""Kinds of which most entries make no record, and how a draft of one shows that it makes none."""

TABLES: Final[tuple[Table[Any], ...]] = (
    UNITS,
    ORGANISATIONS,
    OPERATORS,
    RULEBOOKS,
    MEMBERS,
    CARDS,
    SHOPS,
    GOODS,
    PRICES,
    CLOSINGS,
    PLACEMENTS,
    HOUSEHOLDS,
    BELONGINGS,
    TEAM_MEMBERS,
    CLAIMS,
    EVIDENCE,
    APPEALS,
    BUDGETS,
    ORDERS,
    VENUES,
    VISITS,
    RATINGS,
    SHOP_DETAILS,
    GOODS_LIMITS,
    BEST_BEFORE,
    RETURNED,
    RESERVATIONS,
    SETTLEMENTS,
    SIGNING_KEYS,
    EPOCHS,
    ERASURES,
)
