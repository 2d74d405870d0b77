"""Gifts (赠与): what a member gives to a relative, or to a pool, as far as the rulebook lets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.errors import GiftNotAllowed, NotEnoughMinutes, NotEnoughPoints, ReceiverUnclear
from timebank.ledger.codes import MINUTES, POINTS
from timebank.ledger.entries import Draft, check_slug
from timebank.ledger.transfers import Transfer
from timebank.programme.accounts import member_account, pool_account
from timebank.programme.expiry import lapse, spendable
from timebank.programme.members import Member, id_of, member_of
from timebank.programme.organisations import organisation
from timebank.programme.pools import Amount, amount_of
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.rulebook import rulebook_on

if TYPE_CHECKING:
    from timebank.ledger.journal import Journal, Posted, Write
    from timebank.ledger.store import Reader
    from timebank.programme.rulebook_terms import GiftRules

_NAMES: Final = {POINTS: "points", MINUTES: "minutes"}
"""What rulebooks call the two units."""


@frozen
class Gift:
    """*giver* gives *amount*: to the member *to*, who is their *relation*, or to the *pool* of an organisation."""

    giver: str
    to: str | None
    pool: str | None
    relation: str | None
    amount: Amount

    def __attrs_post_init__(self) -> None:
        if (self.to is None) == (self.pool is None) or self.to == self.giver:
            raise ReceiverUnclear
        if self.to is None and self.relation is not None:
            raise ReceiverUnclear
        if self.pool is not None:
            check_slug("pool", self.pool)
        if self.relation is not None:
            check_slug("relation", self.relation)

    @property
    def account(self) -> str:
        """The account it goes to."""
        return member_account(self.to) if self.to is not None else pool_account(str(self.pool))

    @property
    def body(self) -> dict[str, str]:
        """What the entry says about it."""
        names = {"from": self.giver, "to": self.to, "pool": self.pool, "relation": self.relation}
        return {name: value for name, value in names.items() if value is not None} | {"unit": self.amount.unit}


def check_gift(gift: Gift, rules: GiftRules | None) -> None:
    """Raise GiftNotAllowed unless the rulebook's *rules* (None: it has none) allow *gift*."""
    whom = "pool" if gift.to is None else "relative"
    if rules is None:
        raise GiftNotAllowed("no-gifts")
    if _NAMES[gift.amount.unit] not in rules.units:
        raise GiftNotAllowed("unit")
    if whom not in rules.to:
        raise GiftNotAllowed(f"to-{whom}")
    if gift.to is not None and gift.relation not in rules.relations:
        raise GiftNotAllowed("relation")


def check_held(write: Write, member: str, amount: Amount) -> None:
    """Raise NotEnoughPoints or NotEnoughMinutes unless *member* can spend *amount* today."""
    if amount.unit == POINTS:
        available = spendable(write.books, member, write.today())
        if available < amount.number:
            raise NotEnoughPoints(member, available, amount.number)
        return
    available = write.books.balance(member_account(member), MINUTES)
    if available < amount.number:
        raise NotEnoughMinutes(member, available, amount.number)


def _check_known(books: Reader, gift: Gift) -> None:
    member_of(books, gift.giver)
    if gift.to is not None:
        member_of(books, gift.to)
    if gift.pool is not None:
        organisation(books, gift.pool)


@frozen
class Gifts:
    """The desk for gifts."""

    _journal: Journal

    def give(
        self,
        giver: Member | str,
        *,
        to: Member | str | None = None,
        pool: str | None = None,
        relation: str | None = None,
        points: int | None = None,
        minutes: int | None = None,
        by: str,
        key: str | None = None,
    ) -> Posted:
        """Give *points* or *minutes* of *giver* to the relative *to*, or to the *pool* of an organisation.

        *relation* is what the relative is to the giver (`parent`). What is given to a member counts as coming in
        today. Raises GiftNotAllowed, NotEnoughPoints, NotEnoughMinutes.
        """
        receiver = None if to is None else id_of(to)
        gift = Gift(id_of(giver), receiver, pool, relation, amount_of(points, minutes))
        check_operators(by)
        request = ("gift", gift.giver, gift.account, relation or "", gift.amount.unit, gift.amount.number, by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            _check_known(write.books, gift)
            today = write.today()
            _, rules = rulebook_on(write.books, today)
            check_allowed(write.books, "give", by)
            check_gift(gift, rules.gift)
            check_held(write, gift.giver, gift.amount)
            if gift.amount.unit == POINTS:
                lapse(write, gift.giver, by)
            giving = Transfer(member_account(gift.giver), gift.account, gift.amount.unit, gift.amount.number)
            draft = Draft(kind="gift", day=today, by=by, body=gift.body, moves=(giving,))
            return write.append(draft, key=key, request=request)
