"""The programme's chart of accounts (ledger-format, "Accounts and units"): who owes what to whom."""

from __future__ import annotations

from typing import Final

MEMBERS: Final = "L:M:"
HELD: Final = "L:H:"
POOLS: Final = "L:POOL:"
DEBTS: Final = "A:DEBT:"
SHOPS_TAKINGS: Final = "L:S:"
SHOPS_STOCK: Final = "A:S:"
AWARDED: Final = "X:AWARDED:"
SERVICE: Final = "X:SERVICE:"
GIVEN: Final = "X:GIVEN:"
SETTLED: Final = "E:SETTLED:"
OPENING: Final = "E:OPENING:"
EXPIRED: Final = "I:EXPIRED:"
DEDUCTED: Final = "I:DEDUCTED:"


def member_account(member: str) -> str:
    """What the programme owes a member: points (PTS) and minutes of service (MIN)."""
    return MEMBERS + member


def pool_account(org: str) -> str:
    """What an organisation's common pool holds: points and minutes given to it, or over a member's limit."""
    return POOLS + org.upper()


def debt_account(member: str) -> str:
    """Points that a member owes: an award was taken back when they were spent; the next awards repay them."""
    return DEBTS + member


def expired_account(org: str) -> str:
    """Points of an organisation's members that lapsed."""
    return EXPIRED + org.upper()


def deducted_account(org: str) -> str:
    """Points that an organisation has taken off by its negative list."""
    return DEDUCTED + org.upper()


def awarded_account(org: str) -> str:
    """Points that an organisation's programme has given for services."""
    return AWARDED + org.upper()


def service_account(org: str) -> str:
    """Minutes of service that an organisation has received."""
    return SERVICE + org.upper()


def takings_account(shop: str) -> str:
    """Points that a shop has taken in and is owed."""
    return SHOPS_TAKINGS + shop.upper()


def stock_account(shop: str) -> str:
    """Goods on a shop's shelves, each good in its own unit."""
    return SHOPS_STOCK + shop.upper()


def given_account(shop: str) -> str:
    """Goods that a shop has handed out."""
    return GIVEN + shop.upper()


def donated_account(donor: str) -> str:
    """Goods that a donor has given."""
    return "I:DONATED:" + donor.upper()


def bought_account(org: str) -> str:
    """Goods that an organisation has bought."""
    return "E:BOUGHT:" + org.upper()


def opening_account(org: str) -> str:
    """What members held in the books that an organisation kept before this one."""
    return OPENING + org.upper()


def held_account(member: str) -> str:
    """Points of a member that are set aside for goods reserved."""
    return HELD + member


def reserved_account(shop: str) -> str:
    """Goods that a shop has set aside for those who reserved them."""
    return "A:H:" + shop.upper()


def offered_account(shop: str) -> str:
    """Goods that a caring merchant has given from its own shelves."""
    return "I:OFFERED:" + shop.upper()


def lost_account(shop: str) -> str:
    """Goods that a shop lacked when it was counted, or wrote off."""
    return "X:LOST:" + shop.upper()


def found_account(shop: str) -> str:
    """Goods that a shop had too many of when it was counted."""
    return "I:FOUND:" + shop.upper()


def settled_account(org: str) -> str:
    """Points that an organisation's shops have been paid for."""
    return SETTLED + org.upper()
