"""The programme's chart of accounts (ledger-format, "Accounts and units"): who owes what to whom."""

from __future__ import annotations

from typing import Final

MEMBERS: Final = "L:M:"
HELD: Final = "L:H:"
SHOPS_TAKINGS: Final = "L:S:"
SHOPS_STOCK: Final = "A:S:"
AWARDED: Final = "X:AWARDED:"
SERVICE: Final = "X:SERVICE:"
GIVEN: Final = "X:GIVEN:"


def member_account(member: str) -> str:
    """What the programme owes a member: points (PTS) and minutes of service (MIN)."""
    return MEMBERS + member


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
