"""What people do in a demo's year: each act is a command of the public API, as an app or a clerk would call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from timebank.cli.demo_opening import registrar, supervisor

if TYPE_CHECKING:
    from datetime import date

    from timebank.bank import Bank
    from timebank.cli.demo_district import Chance, District, ServicePlan
    from timebank.cli.demo_opening import Counter, Place, YearClock
    from timebank.ledger.journal import Posted
    from timebank.programme.members import MemberKind

_TRIES: Final = 40
_MORE_GOODS: Final = 0.65
_NOTICED_HOURS: Final = 0.2
_DELIVERED_KINDS: Final = (3, 5)
_DELIVERED_PIECES: Final = (4, 12)


@define
class Holder:
    """A member to be: *joins* after so many days; *zeal* weighs how much they do; *card* is the one they show."""

    kind: MemberKind
    place: Place
    joins: int
    zeal: float
    id: str = ""
    card: str = ""
    is_lost: bool = False


@define
class Acts:
    """The acts of one district; *day* is the day on which they happen."""

    bank: Bank
    clock: YearClock
    district: District
    chance: Chance
    day: date
    holders: dict[str, list[Holder]] = field(factory=dict)
    """Members so far, by street."""
    cards: int = 0

    # --- members and their cards

    def enrol(self, holder: Holder) -> None:
        """A member joins, with a card."""
        street = holder.place.street
        holder.card = self._next_card()
        holder.id = self.bank.members.enrol(
            org=holder.place.id, kind=holder.kind, card=holder.card, by=registrar(street)
        ).id
        self.holders.setdefault(street, []).append(holder)

    def lose_card(self, holder: Holder) -> None:
        """A card is lost, and blocked."""
        self.bank.cards.block(holder.card, by=registrar(holder.place.street))
        holder.is_lost = True

    def replace_card(self, holder: Holder) -> None:
        """Days later there is a new card."""
        new = self._next_card()
        self.bank.cards.replace(holder.card, new=new, by=registrar(holder.place.street))
        holder.card, holder.is_lost = new, False

    def second_card(self, holder: Holder) -> None:
        """A household gets a second card."""
        self.bank.cards.issue(holder.id, card=self._next_card(), by=registrar(holder.place.street))

    def _next_card(self) -> str:
        self.cards += 1
        return self.district.card.format(self.cards)

    # --- services

    def serve(self, holder: Holder, service: ServicePlan, minutes: int) -> Posted:
        """A service is done and recorded on its day."""
        measure: dict[str, Any] = {"minutes": minutes} if minutes else {}
        if service.by_occasion:
            measure["occasions"] = 1
        street = holder.place.street
        return self.bank.services.record(
            holder.id, service.id, day=self.day, **measure, by=registrar(street), approved_by=supervisor(street)
        )

    def mistaken_service(self, holder: Holder, service: ServicePlan, minutes: int) -> None:
        """A service is recorded for the wrong member, and taken back."""
        street = holder.place.street
        self._take_back(self.serve(holder, service, minutes), "wrong-member", registrar(street), street)

    # --- shops

    def deliver(self, counter: Counter) -> Posted:
        """A donor brings goods."""
        goods = self.chance.some(self.district.goods, self.chance.whole(*_DELIVERED_KINDS))
        return self.bank.shops.receive(
            counter.shop,
            {good.id: self.chance.whole(*_DELIVERED_PIECES) for good in goods},
            donor=self.chance.one(self.district.donors),
            by=counter.clerk,
            approved_by=counter.supervisor,
        )

    def mistaken_delivery(self, counter: Counter) -> None:
        """Goods are counted in that came to another shop."""
        self._take_back(self.deliver(counter), "other-shop", counter.clerk, counter.street)

    def raise_price(self, counter: Counter, good: str, points: int) -> None:
        """The shop says that a good will be dearer."""
        self.bank.shops.set_price(
            counter.shop, good, points=points, from_day=self.district.dearer_from, by=counter.supervisor
        )

    def redeem(self, counter: Counter) -> Posted:
        """Somebody of the street comes with a card and takes what the points are enough for."""
        holder, basket = self._customer(counter)
        return self.bank.shops.redeem(counter.shop, card=holder.card, goods=basket, by=counter.clerk)

    def returned_goods(self, counter: Counter) -> None:
        """Goods are handed out and come back at once."""
        self._take_back(self.redeem(counter), "returned", counter.clerk, counter.street)

    def _customer(self, counter: Counter) -> tuple[Holder, dict[str, int]]:
        goods = [good.id for good in self.district.goods]
        stock = self.bank.shops.stock(counter.shop) if counter.has_stock else dict.fromkeys(goods, 1)
        prices = {price.good: price.points for price in self.bank.shops.prices(counter.shop, self.day)}
        holders = [holder for holder in self.holders[counter.street] if not holder.is_lost]
        for _ in range(_TRIES):
            holder = self.chance.one(holders)
            if basket := self._basket(holder, prices, stock):
                return holder, basket
        holder = max(holders, key=lambda each: self.bank.members.balance(each.id).points)
        return holder, self._basket(holder, prices, stock)

    def _basket(self, holder: Holder, prices: dict[str, int], stock: dict[str, int]) -> dict[str, int]:
        points = self.bank.members.balance(holder.id).points
        basket: dict[str, int] = {}
        while True:
            possible = [good for good in prices if good not in basket and stock[good] and prices[good] <= points]
            if not possible:
                return basket
            good = self.chance.one(possible)
            basket[good] = 1
            if prices[good] * 2 <= points and stock[good] > 1 and self.chance.share() < _MORE_GOODS / 2:
                basket[good] = 2
            points -= prices[good] * basket[good]
            if self.chance.share() >= _MORE_GOODS:
                return basket

    def _take_back(self, posted: Posted, reason: str, by: str, street: str) -> None:
        """Somebody notices a little later, and a second person agrees."""
        local = self.clock.moment.astimezone(self.bank.journal.zone)
        self.clock.set(self.day, local.hour + local.minute / 60 + _NOTICED_HOURS)
        self.bank.reverse(posted.seq, reason=reason, by=by, approved_by=supervisor(street))
