"""What is remembered of a request about members, claims, orders and places, and of the administrator's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programme.asked import ADMIN, BOTH, LATE, ONE, SAID, AskedMarket
from tests.programme.commands import HASH
from tests.programme.market import DAY, TODAY, TWO
from timebank.programme.rulebook import shipped_rulebook
from timebank.programme.rulebook_source import rulebook_lines
from timebank.programme.rulebook_terms import Measure
from timebank.tlog.checkpoint import Checkpoint, generate_key, sign_checkpoint

SUPER = {"by": "supervisor-1"}
TWO_ADMINS = {"by": "admin", "approved_by": "admin-1"}
DAYS: Any = ((LATE, SAID), (None, ""))
"""A day that is said and one that is left open, and what a request has of it."""


@pytest.fixture
def market() -> AskedMarket:
    return AskedMarket()


def test_requests_for_members_are_remembered_as_ever(market: AskedMarket) -> None:
    asked, li, house = market.asked, market.li.id, market.household.id
    asked("members.enrol", org="yungu", **ADMIN, words=("member", "yungu", "person", "", "admin"))
    team = asked(
        "members.enrol", org="yungu", kind="team", card="T 1", **ADMIN,
        words=("member", "yungu", "team", "T1", "admin"),
    ).id  # fmt: skip
    asked(
        "members.set_household", house, [market.zhao, li], from_day=LATE, **ADMIN,
        words=("household", house, (market.zhao.id, li), SAID, "admin"),
    )  # fmt: skip
    asked("teams.join", team, li, day=LATE, **ADMIN, words=("team", "join", team, li, SAID, "admin"))
    asked("teams.leave", team, li, **ADMIN, words=("team", "leave", team, li, "", "admin"))
    asked("teams.join", team, li, **ADMIN, words=("team", "join", team, li, "", "admin"))
    asked(
        "erasures.record", li, **TWO_ADMINS, words=("erasure", li, "asked-for", *TWO_ADMINS.values())
    )  # fmt: skip
    asked(
        "erasures.record", li, reason="moved", **TWO_ADMINS, words=("erasure", li, "moved", *TWO_ADMINS.values())
    )


def test_requests_for_cards_are_remembered_as_ever(market: AskedMarket) -> None:
    asked, wang = market.asked, market.wang.id
    asked("cards.issue", wang, card="0007", **ADMIN, words=("card-issue", wang, "0007", "admin"))
    made = asked("cards.issue", wang, **ADMIN, words=("card-issue", wang, "", "admin")).number
    asked("cards.block", "0007", **ADMIN, words=("card-block", "0007", "admin"))
    asked("cards.replace", "0007", new="0008", **ADMIN, words=("card-replace", "0007", "0008", "admin"))
    asked("cards.replace", made, **ADMIN, words=("card-replace", made, "", "admin"))


def test_requests_about_claims_are_remembered_as_ever(market: AskedMarket) -> None:
    asked, wang, li = market.asked, market.wang.id, market.li.id

    def claimed(occasions: int) -> int:
        done = ((wang, (("occasions", occasions),)),)
        return int(
            asked(
                "claims.submit", "honour", [wang], occasions=occasions, day=LATE, **ONE,
                words=("claim", "honour", done, SAID, "", "", "", -1, "clerk-1"),
            ).seq
        )  # fmt: skip

    whole = asked(
        "claims.submit", "errand", {wang: Measure(30, start="08:00")}, day=LATE, org="yungu",
        evidence=HASH, recipient=li, **ONE,
        words=(
            "claim", "errand", ((wang, (("minutes", 30), ("start", "08:00"))),),
            SAID, "yungu", HASH, li, -1, "clerk-1",
        ),
    ).seq  # fmt: skip
    shown, upheld, rejected, again, withdrawn = (claimed(occasions) for occasions in (1, 2, 3, 4, 5))
    for claim, (day, said) in ((whole, DAYS[0]), (shown, DAYS[1]), (upheld, DAYS[1])):
        asked(
            "claims.approve", claim, day=day, **SUPER,
            words=("claim-review", claim, "approve", said, "supervisor-1"),
        )  # fmt: skip
    for claim, (day, said) in zip((rejected, again), DAYS, strict=True):
        asked(
            "claims.reject", claim, reason="no", day=day, **SUPER,
            words=("claim-review", claim, "reject", "no", said, "supervisor-1"),
        )  # fmt: skip
    for claim in (shown, upheld):
        asked(
            "claims.object", claim, reason="seen", **ONE,
            words=("claim-step", claim, "object", "seen", "clerk-1"),
        )  # fmt: skip
    asked("claims.dismiss", shown, **ADMIN, words=("claim-step", shown, "dismiss", "admin"))
    asked("claims.uphold", upheld, reason="so", **ADMIN, words=("claim-step", upheld, "uphold", "so", "admin"))
    asked("claims.withdraw", withdrawn, **ONE, words=("claim-step", withdrawn, "withdraw", "clerk-1"))
    asked("claims.post", shown, **ONE, words=("claim-post", shown, "clerk-1", ""))
    asked(
        "claims.post", whole, also_approved_by="admin-1", **ONE, words=("claim-post", whole, "clerk-1", "admin-1")
    )  # fmt: skip


def test_requests_about_orders_are_remembered_as_ever(market: AskedMarket) -> None:
    asked, wang, li = market.asked, market.wang.id, market.li.id

    def opened(**named: Any) -> int:
        return market.bank.orders.open("repair", member=wang, day=LATE, by="clerk-1", **named).seq

    asked("orders.open", "repair", member=wang, **ONE, words=("order-open", "repair", wang, "", "", "", "clerk-1"))
    order = asked(
        "orders.open", "repair", member=wang, org="yungu", due=TODAY, day=LATE, **ONE,
        words=("order-open", "repair", wang, "yungu", "2026-03-01", SAID, "clerk-1"),
    ).seq  # fmt: skip
    for day, said in DAYS:
        sent, other = opened(), opened()
        asked(
            "orders.dispatch", sent, to="police", day=day, **ONE,
            words=("order-dispatch", sent, ("to", "police"), said, "clerk-1"),
        )  # fmt: skip
        asked(
            "orders.dispatch", other, volunteer=li, day=day, **ONE,
            words=("order-dispatch", other, ("volunteer", li), said, "clerk-1"),
        )  # fmt: skip
        asked(
            "orders.decline", sent, reason="no-time", day=day, **ONE,
            words=("order-decline", sent, ("reason", "no-time"), said, "clerk-1"),
        )  # fmt: skip
        asked(
            "orders.accept", other, li, day=day, **ONE,
            words=("order-accept", other, ("volunteer", li), said, "clerk-1"),
        )  # fmt: skip
        asked("orders.finish", other, day=day, **ONE, words=("order-finish", other, said, "clerk-1"))
        asked(
            "orders.rate", other, stars=4, done=True, day=day, **ONE,
            words=("order-rate", other, ("done", True), ("stars", 4), said, "clerk-1"),
        )  # fmt: skip
        asked(
            "orders.cancel", sent, reason="ill", day=day, **ONE,
            words=("order-cancel", sent, ("reason", "ill"), said, "clerk-1"),
        )  # fmt: skip
        done = said or "2026-03-01"
        asked(
            "orders.claim", other, "patrol", minutes=30 if said else 40, **ONE,
            words=(
                "claim", "patrol", ((li, (("minutes", 30 if said else 40),)),), done, "", "", "", other, "clerk-1"
            ),
        )  # fmt: skip
    asked(
        "orders.accept", order, li, **ONE, words=("order-accept", order, ("volunteer", li), "", "clerk-1")
    )  # fmt: skip
    market.bank.orders.finish(order, by="clerk-1")
    market.bank.orders.rate(order, stars=5, done=True, by="clerk-1")
    asked(
        "orders.claim", order, "errand", minutes=60, start="09:00", org="yungu", evidence=HASH, **ONE,
        words=(
            "claim", "errand", ((li, (("minutes", 60), ("start", "09:00"))),), "2026-03-01", "yungu", HASH,
            wang, order, "clerk-1",
        ),
    )  # fmt: skip


def test_requests_about_places_are_remembered_as_ever(market: AskedMarket) -> None:
    asked, wang = market.asked, market.wang.id
    asked(
        "organisations.add", "street", name="街道", level="street", **ADMIN,
        words=("organisation", "street", "街道", "street", "", "admin"),
    )  # fmt: skip
    asked(
        "organisations.add", "lake", name="湖社区", level="community", parent="street", **ADMIN,
        words=("organisation", "lake", "湖社区", "community", "street", "admin"),
    )  # fmt: skip
    asked(
        "organisations.appoint", "clerk-2", org="lake", role="clerk", **ADMIN,
        words=("operator", "clerk-2", "lake", "clerk", "admin"),
    )  # fmt: skip
    place = {"to": "lake", "from_day": LATE}
    asked("members.move", wang, **place, **ADMIN, words=("move", "member", wang, "lake", SAID, "admin"))
    asked("shops.move_to", "east", **place, **ADMIN, words=("move", "shop", "east", "lake", SAID, "admin"))
    asked(
        "organisations.move", "yungu", to="street", from_day=LATE, **ADMIN,
        words=("move", "organisation", "yungu", "street", SAID, "admin"),
    )  # fmt: skip
    asked("venues.add", "hall", org="lake", name="礼堂", **ADMIN, words=("venue", "hall", "lake", "礼堂", "admin"))
    asked(
        "venues.log", "hall", room="活动室", purpose="棋牌", people=3, **ONE,
        words=("visit", "hall", "活动室", "棋牌", 1, 3, "", "clerk-1"),
    )  # fmt: skip
    asked(
        "venues.log", "hall", room="活动室", purpose="棋牌", people=3, uses=2, day=LATE, **ONE,
        words=("visit", "hall", "活动室", "棋牌", 2, 3, SAID, "clerk-1"),
    )  # fmt: skip


def test_requests_of_the_administration_are_remembered_as_ever(market: AskedMarket) -> None:
    asked, two_admins = market.asked, tuple(TWO_ADMINS.values())
    asked("periods.close", "2026-01", **ADMIN, words=("period-close", "2026-01", "admin"))
    asked("periods.reopen", "2026-01", **TWO_ADMINS, words=("period-reopen", "2026-01", *two_admins))
    asked(
        "ratings.record", "team", "red-vests", "2026-Q1", "residents", score=90, people=3, **TWO,
        words=("rating", "team", "red-vests", "2026-Q1", "residents", 90, 3, *BOTH),
    )  # fmt: skip
    text = shipped_rulebook()
    asked(
        "rulebooks.adopt", text, from_day=TODAY + DAY, **ADMIN,
        words=("rulebook", rulebook_lines(text), "2026-03-02", "admin"),
    )  # fmt: skip
    signer = generate_key(market.bank.origin, lambda count: b"k" * count)
    asked("keys.replace", signer.vkey, **TWO_ADMINS, words=("key", signer.vkey, *two_admins))
    note = sign_checkpoint(Checkpoint(market.bank.origin, 1_000, b"lost" * 8), signer)
    asked(
        "keys.open_epoch", note, reason="disk", **TWO_ADMINS,
        words=("epoch", note.split("\n"), "disk", *two_admins),
    )  # fmt: skip
