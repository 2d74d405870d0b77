"""Which kind of entry makes which records: the way from the journal to the programme's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from timebank.programme.closing import CLOSINGS
from timebank.programme.goods import GOODS, PRICES, UNITS, project_good, project_price, project_unit
from timebank.programme.members import CARDS, MEMBERS, project_card, project_member
from timebank.programme.organisations import ORGANISATIONS, project_organisation
from timebank.programme.roles import OPERATORS, project_operator
from timebank.programme.rulebook import RULEBOOKS, project_rulebook
from timebank.programme.shops import SHOPS, project_shop

if TYPE_CHECKING:
    from typing import Any

    from timebank.ledger.journal import Projector
    from timebank.ledger.store import Table

PROJECTORS: Final[dict[str, Projector]] = {
    "card": project_card,
    "goods": project_good,
    "member": project_member,
    "operator": project_operator,
    "organisation": project_organisation,
    "price": project_price,
    "rulebook": project_rulebook,
    "shop": project_shop,
    "unit": project_unit,
}

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
)
