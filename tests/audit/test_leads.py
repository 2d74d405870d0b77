"""Leads: each appears once, with its entries, where there is something to ask; and none among honest people."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from tests.audit.leaves_only import audited
from tests.docs.page import page
from timebank.audit.reperform import USUAL, Lead
from timebank.bank import Bank
from timebank.checking import audit_file
from timebank.errors import UnknownMember, UnknownOperator
from timebank.locale import LANGUAGES, sentences

if TYPE_CHECKING:
    from pathlib import Path

    from tests.audit.everything import Village

ZONE = ZoneInfo("Asia/Shanghai")
RULES = """name = "leads"
title.zh = "积分细则"
title.en = "Rules of points"

[service.patrol]
zh = "巡逻值守"
en = "Patrol"
per = "hour"
points = 3

[service.watch]
zh = "看护"
en = "Watch"
per = "hour"
points = 3
most_minutes = 480

[service.honour]
zh = "年度表彰"
en = "Honour"
per = "occasion"
points = 200

[gift]
units = ["points"]
to = ["relative"]
relations = ["parent"]
"""
OPERATORS = {
    **dict.fromkeys(("clerk-1", "clerk-2", "clerk-3"), "clerk"),
    **dict.fromkeys(("sup-1", "sup-2", "sup-3", "sup-4"), "supervisor"),
}


class Town:
    """A community with two shops and honest people, whose clock is set by hand."""

    def __init__(self, people: int = 4) -> None:
        self.now = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
        self.bank = bank = Bank.in_memory(clock=lambda: self.now)
        bank.organisations.add("yungu", name="云谷社区", level="community", by="admin")
        for operator, role in OPERATORS.items():
            bank.organisations.appoint(operator, org="yungu", role=role, by="admin")  # type: ignore[arg-type]
        bank.rulebooks.adopt(RULES, from_day=date(2026, 1, 1), by="admin")
        bank.goods.add("soap", name="香皂", name_en="soap", by="admin")
        for shop in ("east", "west"):
            bank.shops.open(shop, org="yungu", name="超市", by="admin")
            bank.shops.set_price(shop, "soap", points=1, from_day=date(2026, 1, 1), by="admin")
            bank.shops.receive(shop, {"soap": 1000}, donor="huicai", by="clerk-1", approved_by="sup-1")
        self.people = [
            bank.members.enrol(org="yungu", card=f"C-{number}", by="sup-1").id for number in range(people)
        ]
        self.honours: list[int] = []

    def go(self, day: str, at: str = "10:00") -> None:
        """To a day and an hour of the town's clocks."""
        self.now = datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=ZONE).astimezone(UTC)

    def later(self, **passed: int) -> None:
        self.now += timedelta(**passed)

    def award(self, person: int = 0, service: str = "patrol", **named: Any) -> int:
        if service != "honour":
            named.setdefault("minutes", 50 + 7 * (self.size % 5))
        else:
            named["occasions"] = 1
        usual: dict[str, Any] = {"day": self.bank.today(), "by": "clerk-1", "approved_by": "sup-1"}
        return self.bank.services.record(self.people[person], service, **usual | named).seq

    def redeem(self, person: int = 0, by: str = "clerk-1", shop: str = "east") -> int:
        return self.bank.shops.redeem(shop, card=f"C-{person}", goods={"soap": 1}, by=by).seq

    @property
    def size(self) -> int:
        return self.bank.report().entries

    def leads(self, **changes: Any) -> list[Lead]:
        return list(audited(self.bank, thresholds=attrs.evolve(USUAL, **changes)).leads)

    def only(self, code: str, seqs: list[int], **changes: Any) -> Lead:
        """The one lead there is, which shows just these entries."""
        (lead,) = self.leads(**changes)
        assert (lead.code, list(lead.seqs), lead.count) == (code, seqs, len(seqs))
        for language in LANGUAGES:
            assert "{" not in lead.message(language) + lead.meaning(language) + lead.innocent(language)
        return lead


# --- among honest people


def test_a_programme_in_which_everything_happens_gives_no_lead(everything: tuple[Path, Village]) -> None:
    assert audit_file(everything[0]).leads == ()


def test_a_town_with_ordinary_days_gives_no_lead() -> None:
    town = Town(people=8)
    for number in range(60):
        town.go("2026-03-02")
        town.now += timedelta(days=number, minutes=37 * (number % 7))
        person = number % 8
        town.award(person, by=f"clerk-{number % 2 + 1}", approved_by=f"sup-{number % 3 + 1}")
        town.later(minutes=3)
        town.redeem((person + 3) % 8 if number > 8 else person, by=f"clerk-{number % 2 + 1}")
    assert town.leads() == []


def test_every_lead_is_said_in_both_languages_with_what_it_may_mean_and_the_innocent_explanation() -> None:
    for language in LANGUAGES:
        said = sentences(language)
        assert said["lead"].keys() == said["lead-meaning"].keys() == said["lead-innocent"].keys()


# --- approvals


def test_two_who_approve_each_other_are_a_ring() -> None:
    town = Town()
    for _ in range(10):
        town.award()
    seqs = []
    for _ in range(5):
        seqs += [town.award(by="sup-2", approved_by="sup-3"), town.award(by="sup-3", approved_by="sup-2")]
    lead = town.only("approval-ring", seqs)
    assert lead.facts == {"operators": "sup-2, sup-3", "touched": 10}


def test_three_who_pass_it_round_are_a_ring_though_no_two_approve_each_other() -> None:
    town = Town()
    ring = ["sup-2", "sup-3", "sup-4"]
    seqs = [town.award(by=ring[number % 3], approved_by=ring[(number + 1) % 3]) for number in range(12)]
    town.only("approval-ring", seqs)


def test_a_ring_is_seen_in_the_reviews_of_claims() -> None:
    town, seqs = Town(), []
    for number in range(10):
        pair = ("sup-2", "sup-3") if number % 2 else ("sup-3", "sup-2")
        claim = town.bank.claims.submit(
            "patrol", [town.people[0]], minutes=50 + number, day=town.bank.today(), by=pair[0]
        )
        town.later(minutes=30)
        seqs.append(town.bank.claims.approve(claim.seq, by=pair[1]).seq)
        town.bank.claims.post(claim.seq, by="clerk-1")
    town.only("approval-ring", seqs)


def test_supervisors_who_check_others_as_well_are_no_ring() -> None:
    town = Town()
    for _ in range(5):
        town.award(by="sup-2", approved_by="sup-3")
        town.award(by="sup-3", approved_by="sup-2")
    for _ in range(2):
        town.award(by="clerk-1", approved_by="sup-2")
    assert town.leads() == []


def test_one_approval_fewer_than_the_threshold_is_no_ring() -> None:
    town = Town()
    for number in range(9):
        pair = ("sup-2", "sup-3") if number % 2 else ("sup-3", "sup-2")
        town.award(by=pair[0], approved_by=pair[1])
    assert town.leads() == []


def test_claims_that_are_approved_within_seconds() -> None:
    town, seqs = Town(), []
    for number in range(6):
        claim = town.bank.claims.submit(
            "patrol", [town.people[0]], minutes=50 + number, day=town.bank.today(), by="clerk-1"
        )
        town.later(seconds=10 if number else 11)
        seqs.append(town.bank.claims.approve(claim.seq, by="sup-1").seq)
    lead = town.only("hasty-approvals", seqs[1:])
    assert lead.facts == {"operator": "sup-1", "reviews": 6}


# --- hours


def test_entries_at_night() -> None:
    town, seqs = Town(), []
    for day, at in (
        ("2026-03-02", "21:59"),
        ("2026-03-02", "22:00"),
        ("2026-03-03", "05:59"),
        ("2026-03-03", "23:30"),
    ):
        town.go(day, at)
        seqs.append(town.award())
    assert [lead.facts["operator"] for lead in town.leads()] == ["clerk-1"]
    town.only("night-entries", seqs[1:])


def test_entries_far_from_somebody_s_usual_hours() -> None:
    town = Town()
    for number in range(160):
        town.go("2026-03-02", "09:00")
        town.now += timedelta(days=number, hours=number % 3)
        town.award(number % 4, by="clerk-2")
    town.now += timedelta(days=1)
    town.go(town.now.date().isoformat(), "15:00")
    town.now += timedelta(days=1)
    seqs = [town.award(by="clerk-2") for _ in range(2)]
    assert town.leads() == []
    seqs.append(town.award(by="clerk-2"))
    town.only("unusual-hours", seqs)


# --- tills


def two_clerks_at_the_east_shop(town: Town) -> None:
    for number in range(30):
        town.redeem(number % 3 + 1, by=f"clerk-{number % 2 + 1}")


def rich(people: int = 4) -> Town:
    town = Town(people)
    for person in range(people):
        town.honours.append(
            town.award(person, "honour", by=f"clerk-{person % 3 + 1}", approved_by=f"sup-{person % 2 + 1}")
        )
    return town


def test_a_member_who_always_meets_the_same_operator() -> None:
    town = rich()
    two_clerks_at_the_east_shop(town)
    seqs = [town.redeem(0, by="clerk-2") for _ in range(13)]
    assert town.leads() == []
    seqs.append(town.redeem(0, by="clerk-2"))
    lead = town.only("one-till", seqs)
    assert lead.facts == {"member": town.people[0], "operator": "clerk-2", "shop": "east"}


def test_where_one_clerk_serves_alone_everybody_meets_that_clerk() -> None:
    town = rich()
    for number in range(80):
        town.redeem(number % 4, by="clerk-2")
    assert town.leads() == []


def test_a_member_whose_services_and_goods_come_from_one_operator() -> None:
    town = rich(6)
    two_clerks_at_the_east_shop(town)
    for number in range(20):
        town.award(number % 4 + 1, by=f"clerk-{number % 2 + 1}")
    for _ in range(9):
        town.award(5, by="clerk-3")
    for number in range(8):
        town.redeem(1, by=f"clerk-{number % 3 + 1}")
    seqs = [town.redeem(5, by="clerk-3") for _ in range(6)]
    lead = town.only("own-till", seqs)
    assert lead.facts == {"member": town.people[5], "operator": "clerk-3", "shop": "east", "awards": 10}


def test_an_operator_who_recorded_only_some_of_a_member_s_services_is_asked_nothing() -> None:
    town = rich(6)
    two_clerks_at_the_east_shop(town)
    for number in range(20):
        town.award(number % 4 + 1, by=f"clerk-{number % 2 + 1}")
    for number in range(8):
        town.award(5, by="clerk-3" if number % 4 else "clerk-2")
    for _ in range(6):
        town.redeem(5, by="clerk-3")
    assert town.leads() == []


def test_an_operator_who_serves_the_member_that_they_are_by_the_auditor_s_list() -> None:
    town = rich()
    seqs = [town.redeem(1, by="clerk-2"), town.redeem(1, by="clerk-2")]
    town.redeem(1, by="clerk-1")
    town.redeem(2, by="clerk-2")
    own, approved = town.award(1, by="clerk-2"), town.award(1, approved_by="sup-3")
    assert town.leads() == []
    for name in (town.people[1], "C-1"):
        leads = audited(town.bank, [("clerk-2", name), ("sup-3", name)]).leads
        assert [(lead.code, lead.facts["operator"], lead.seqs[-2:]) for lead in leads] == [
            ("linked-service", "clerk-2", (town.honours[1], own)),
            ("linked-service", "sup-3", (approved,)),
            ("linked-redemption", "clerk-2", tuple(seqs)),
        ]


def test_a_claim_that_the_linked_operator_submits_or_approves_is_seen_once_each() -> None:
    town = Town()
    claim = town.bank.claims.submit(
        "patrol", [town.people[0]], minutes=60, day=town.bank.today(), by="clerk-1"
    ).seq
    town.later(minutes=10)
    approved = town.bank.claims.approve(claim, by="sup-2").seq
    town.bank.claims.post(claim, by="clerk-2")
    for operator, seq in (("clerk-1", claim), ("sup-2", approved)):
        (lead,) = audited(town.bank, [(operator, town.people[0])]).leads
        assert (lead.code, lead.seqs) == ("linked-service", (seq,))
    assert audited(town.bank, [("clerk-2", town.people[0])]).leads == ()


def test_a_link_that_nobody_is_is_refused() -> None:
    town = Town()
    with pytest.raises(UnknownOperator):
        audited(town.bank, [("clerk-9", town.people[0])])
    with pytest.raises(UnknownMember):
        audited(town.bank, [("clerk-1", "C-99")])


def test_points_that_many_earn_and_one_gathers() -> None:
    town, seqs = Town(people=8), []
    for giver in range(1, 7):
        town.award(giver, minutes=100)
        gift = town.bank.gifts.give(
            town.people[giver], to=town.people[0], relation="parent", points=4, by="clerk-1"
        )
        seqs.append(gift.seq)
    lead = town.only("gifts-gathered", seqs)
    assert lead.facts == {"member": town.people[0], "givers": 6, "points": 24}
    for spender in (1, 2):
        town.redeem(spender)
    assert town.leads() == []


# --- measures


def test_awards_just_under_a_limit() -> None:
    town, seqs = Town(), []
    for number in range(12):
        town.award(number % 3 + 1, "watch", minutes=200 + 13 * number)
    seqs += [town.award(0, "watch", minutes=minutes) for minutes in (455, 456, 470, 480, 459, 457)]
    lead = town.only("just-under-limit", seqs[1:])
    assert lead.facts == {"member": town.people[0], "awards": 6}


def test_where_everybody_s_shift_is_as_long_as_the_limit_nobody_stands_out() -> None:
    town = Town()
    for number in range(24):
        town.now += timedelta(days=number % 5)
        town.award(number % 4, "watch", minutes=470 + number % 11)
    assert town.leads() == []


def test_an_approver_of_what_is_just_under_a_limit() -> None:
    town, seqs = Town(people=9), []
    for number in range(40):
        town.award(number % 9, "watch", minutes=200 + number)
    seqs += [town.award(number, "watch", minutes=470 + number, approved_by="sup-4") for number in range(6)]
    assert town.only("approves-just-under", seqs).facts == {"operator": "sup-4", "awards": 6}


def test_the_same_minutes_day_after_day() -> None:
    town, seqs = Town(), []
    for number in range(14):
        town.go("2026-03-02")
        town.now += timedelta(days=number + 2 * (number // 5))
        town.award(1, minutes=50 + number)
        seqs.append(town.award(0, minutes=95 if number > 2 else 96 + number))
    assert town.only("same-measure", seqs[3:]).facts == {"member": town.people[0], "called": "patrol"}
    town.award(0, minutes=95)
    assert [lead.count for lead in town.leads()] == [11]


def test_measures_that_are_all_whole_hours() -> None:
    town, seqs = Town(), []
    for number in range(20):
        town.award(number % 4, minutes=51 + 2 * number, by="clerk-1")
    seqs += [town.award(number % 4, minutes=60 * (number % 3 + 1), by="clerk-2") for number in range(20)]
    assert town.only("round-measures", seqs).facts == {"operator": "clerk-2", "awards": 20}


def test_where_everybody_writes_whole_hours_nobody_stands_out() -> None:
    town = Town()
    for number in range(48):
        minutes = 60 * (number % 3 + 1) if number % 6 else 75
        town.award(
            number % 4, minutes=minutes if number % 2 else 60 * (number % 5 + 1), by=f"clerk-{number % 2 + 1}"
        )
    assert town.leads() == []


def test_awards_without_evidence_where_nearly_all_others_have_some() -> None:
    town, seqs = Town(), []
    for number in range(24):
        if number % 6:
            town.award(number % 4, evidence=f"{number:064x}")
        else:
            seqs.append(town.award(number % 4))
    for number in range(24):
        town.award(number % 4, "watch")
    assert town.only("no-evidence", seqs).facts == {"called": "patrol", "awards": 24}


# --- stock


def test_goods_that_are_missing_whenever_one_clerk_counts() -> None:
    town, seqs = Town(), []

    def count(pieces: int, by: str) -> int:
        town.later(days=7)
        return town.bank.shops.count("east", {"soap": pieces}, by=by, approved_by="sup-1").seq

    for number in range(1, 4):
        count(1000 - number + 1, "clerk-2")
        seqs.append(count(1000 - number, "clerk-1"))
    assert town.only("shortages-one-clerk", seqs).facts == {
        "shop": "east", "operator": "clerk-1", "by_others": 3,
    }  # fmt: skip
    count(1003, "clerk-2")
    assert [lead.code for lead in town.leads()] == ["shortages-one-clerk"]
    count(996, "clerk-2")
    assert town.leads() == []


# --- what is taken back


def test_what_is_taken_back_within_minutes() -> None:
    town, seqs = Town(), []
    for minutes in (11, 10, 9, 1, 0, 2):
        seq = town.award()
        town.later(minutes=minutes)
        seqs.append(town.bank.reverse(seq, by="clerk-2", approved_by="sup-1").seq)
    assert town.only("reversed-soon", seqs[1:]).facts == {"operator": "clerk-2", "reversals": 6}


def test_an_operator_who_takes_back_far_more_than_others() -> None:
    town = Town()
    awards = [town.award() for _ in range(30)]
    town.later(days=1)
    seqs = [town.bank.reverse(seq, by="clerk-2", approved_by="sup-1").seq for seq in awards[:9]]
    town.bank.reverse(awards[20], by="clerk-1", approved_by="sup-1")
    assert town.leads() == []
    seqs.append(town.bank.reverse(awards[9], by="clerk-2", approved_by="sup-1").seq)
    assert town.only("many-reversals", seqs).facts == {"operator": "clerk-2", "entries": 10, "by_others": 1}


# --- days


def test_entries_that_are_dated_far_back() -> None:
    town = Town()
    today = town.bank.today()
    town.award(day=today - timedelta(days=44))
    seqs = [town.award(day=today - timedelta(days=45)), town.award(day=today - timedelta(days=50))]
    assert town.only("backdated", seqs).facts == {"operator": "clerk-1", "days": 50}


def test_entries_into_a_month_that_was_closed_and_opened_again() -> None:
    town = Town()
    town.award(day=date(2026, 2, 27))
    town.bank.periods.close("2026-02", by="sup-1")
    assert town.leads() == []
    town.bank.periods.reopen("2026-02", by="sup-1", approved_by="sup-2")
    seqs = [town.award(day=date(2026, 2, 28))]
    town.award()
    assert town.only("into-closed-month", seqs).facts == {"month": "2026-02"}


# --- what a lead shows


def test_a_lead_shows_the_first_twenty_entries_and_says_how_many_there_are() -> None:
    town = Town()
    today = town.bank.today()
    seqs = [town.award(day=today - timedelta(days=48)) for _ in range(25)]
    (lead,) = town.leads()
    assert (lead.count, list(lead.seqs)) == (25, seqs[:20])


def test_thresholds_can_be_changed() -> None:
    town = Town()
    town.award(day=town.bank.today() - timedelta(days=8))
    assert town.leads() == []
    assert [lead.code for lead in town.leads(backdated_days=7)] == ["backdated"]
    assert town.leads(backdated_days=7, backdated_entries=2) == []


# --- the reference


def test_every_lead_has_its_row_with_all_it_says() -> None:
    rows = _rows(page("reference/leads.md").sections()["The leads"])
    english, chinese = (sentences(language) for language in LANGUAGES)
    assert {row[0].strip("`") for row in rows} == english["lead"].keys()
    for code, *said in ((row[0].strip("`"), *row[1:]) for row in rows):
        wanted = [english["lead"][code], chinese["lead"][code]]
        assert said == [*wanted, english["lead-meaning"][code], english["lead-innocent"][code]]


def test_every_threshold_has_its_row_with_its_usual_value() -> None:
    found: dict[str, str] = {}
    for row in _rows(page("reference/leads.md").sections()["The thresholds"]):
        names, values = (cell.replace("`", "").split(", ") for cell in row[:2])
        assert row[2].endswith("."), names
        found |= dict(zip(names, values, strict=True))
    assert found == {name: str(value) for name, value in attrs.asdict(USUAL).items()}


def _rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines[1:]]
