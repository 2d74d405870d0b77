"""The working papers of an audit, and the proof that they agree with the accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from timebank.audit.reperform.awards import Awards, AwardsPaper
from timebank.audit.reperform.control import Control, ControlPaper
from timebank.audit.reperform.flows import Flows, FlowsPaper
from timebank.audit.reperform.periods import Periods, PeriodsPaper
from timebank.audit.reperform.redemptions import Redemptions, RedemptionsPaper
from timebank.audit.reperform.settlements import Settlements, SettlementsPaper
from timebank.audit.reperform.stock import Stock, StockPaper

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from timebank.audit.reperform.accounts import Accounts
    from timebank.audit.reperform.found import Found
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.replay import Members


@frozen
class Total:
    """A figure as the papers add it up, and as the accounts hold it; *unit* is empty for pieces of all goods."""

    name: str
    unit: str
    by_papers: int
    by_accounts: int

    @property
    def difference(self) -> int:
        """What the accounts hold too much, or with a minus too little; 0 is the proof."""
        return self.by_accounts - self.by_papers


@frozen
class Papers:
    """What was performed again, area by area, and the proof of totals."""

    awards: AwardsPaper
    redemptions: RedemptionsPaper
    stock: StockPaper
    settlements: SettlementsPaper
    flows: FlowsPaper
    control: ControlPaper
    periods: PeriodsPaper
    totals: tuple[Total, ...]


class Desk:
    """Where the papers are written while entries go by."""

    def __init__(self, setting: Setting, accounts: Accounts, found: Found) -> None:
        self._accounts = accounts
        self._awards = Awards(setting, found)
        self._redemptions = Redemptions(setting, found)
        self._stock = Stock(setting, accounts, found)
        self._settlements = Settlements(setting, accounts, found)
        self._flows = Flows(setting, found)
        self._control = Control(found)
        self._periods = Periods(found)

    def by_kind(self) -> tuple[Mapping[str, Callable[[int, Members], None]], ...]:
        """Who looks at entries of a kind."""
        return (self._awards.folds, self._redemptions.folds, self._stock.folds, self._settlements.folds)

    def of_all(self) -> tuple[Callable[[int, Members], None], ...]:
        """Who looks at every entry."""
        return (self._flows.take, self._control.take, self._periods.take)

    def papers(self) -> Papers:
        """What was written."""
        return Papers(
            self._awards.paper(),
            self._redemptions.paper(),
            self._stock.paper(),
            self._settlements.paper(),
            self._flows.paper(),
            self._control.paper(),
            self._periods.paper(),
            self._totals(),
        )

    def _totals(self) -> tuple[Total, ...]:
        flows, total = self._flows, self._accounts.total
        shops = self._settlements.paper().rows
        return (
            Total("members-points", "PTS", flows.held("PTS"), total("L:M:", "L:H:", unit="PTS")),
            Total("members-minutes", "MIN", flows.held("MIN"), total("L:M:", "L:H:", unit="MIN")),
            Total("awarded", "PTS", self._awards.of_programme, total("X:AWARDED:", unit="PTS")),
            Total("opening", "PTS", flows.net("opening"), -total("E:OPENING:", unit="PTS")),
            Total("deducted", "PTS", -flows.net("deduction"), total("I:DEDUCTED:", unit="PTS")),
            Total("expired", "PTS", -flows.net("expiry"), total("I:EXPIRED:", unit="PTS")),
            Total("unpaid", "PTS", sum(shop.unpaid for shop in shops), total("L:S:", unit="PTS")),
            Total("settled", "PTS", sum(shop.stated for shop in shops), total("E:SETTLED:", unit="PTS")),
            Total("in-stock", "", self._stock.closing(), total("A:S:", "A:H:")),
            Total("handed-out", "", self._stock.given, total("X:GIVEN:")),
        )
