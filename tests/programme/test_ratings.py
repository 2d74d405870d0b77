"""Ratings of a quarter: who rates, what each counts, and the arithmetic."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Village
from timebank.bank import Bank
from timebank.errors import (
    ApprovalMissing,
    BadAmount,
    BadCode,
    DayInFuture,
    KeyConflict,
    NoRulebook,
    RoleNotAllowed,
    SelfApproval,
    TimebankError,
    UnknownOperator,
    UnknownParty,
)
from timebank.programme.ratings import Part, Rating, quarter_days, result_of, stars_of
from timebank.programme.rulebook import shipped_rulebook
from timebank.programme.rulebook_terms import RatingRules

QUARTER = "2026-Q1"
PARTIES = ("residents", "street", "community", "owners")
SCORES = {"residents": 92, "street": 88, "community": 90, "owners": 85}


def rate(village: Village, party: str = "residents", score: Any = 92, **named: Any) -> Any:
    said: dict[str, Any] = {"subject": "project", "name": "east-gate", "quarter": QUARTER, "people": 30}
    said |= {"by": "clerk-1", "approved_by": "supervisor-1"} | named
    place = [said.pop(each) for each in ("subject", "name", "quarter")]
    return village.bank.ratings.record(*place, party, score=score, **said)


def rate_all(village: Village, scores: dict[str, int], **named: Any) -> None:
    for party, score in scores.items():
        rate(village, party, score, **named)


def test_lesson_four_parties_come_to_a_score_and_stars(village: Village) -> None:
    """0.60 x 92 + 0.15 x 88 + 0.15 x 90 + 0.10 x 85 = 55.20 + 13.20 + 13.50 + 8.50 = 90.40: five stars."""
    rate_all(village, SCORES)
    result = village.bank.ratings.result("project", "east-gate", QUARTER)
    assert (result.score_x100, result.stars, result.missing) == (9040, 5, ())
    assert [(part.party, part.weight, part.score) for part in result.parts] == [
        ("residents", 60, 92),
        ("street", 15, 88),
        ("community", 15, 90),
        ("owners", 10, 85),
    ]


@pytest.mark.parametrize("missing", PARTIES)
def test_a_result_is_complete_when_all_parties_are_in(village: Village, missing: str) -> None:
    rate_all(village, {party: score for party, score in SCORES.items() if party != missing})
    result = village.bank.ratings.result("project", "east-gate", QUARTER)
    assert (result.score_x100, result.stars, result.missing) == (None, None, (missing,))
    rate(village, missing, 0)
    assert village.bank.ratings.result("project", "east-gate", QUARTER).missing == ()


def test_what_nobody_rated_lacks_every_party(village: Village) -> None:
    result = village.bank.ratings.result("team", "fire-watch", QUARTER)
    assert (result.missing, result.stars) == (PARTIES, None)
    assert result.parts[0] == Part("residents", 60, None, 0)


@pytest.mark.parametrize(
    ("score_x100", "stars"),
    [(10000, 5), (9000, 5), (8999, 4), (8000, 4), (7999, 3), (7000, 3), (6999, 2), (6000, 2), (5999, 1), (0, 1)],
)
def test_stars_begin_at_their_grades(score_x100: int, stars: int) -> None:
    assert stars_of(RatingRules(), score_x100) == stars


def test_a_later_score_of_the_same_party_corrects_the_earlier_one(village: Village) -> None:
    rate_all(village, SCORES)
    rate(village, "owners", 15, people=4)
    result = village.bank.ratings.result("project", "east-gate", QUARTER)
    assert (result.score_x100, result.stars) == (9040 - 700, 4)
    assert result.parts[3] == Part("owners", 10, 15, 4)


def test_subjects_names_and_quarters_are_rated_each_for_itself(village: Village) -> None:
    rate_all(village, SCORES)
    for place in (("team", "east-gate", QUARTER), ("project", "west-gate", QUARTER)):
        rate_all(village, dict.fromkeys(PARTIES, 70), subject=place[0], name=place[1])
        assert village.bank.ratings.result(*place).score_x100 == 7000  # type: ignore[arg-type]
    assert village.bank.ratings.result("project", "east-gate", QUARTER).score_x100 == 9040


def test_a_result_is_that_of_its_quarter_and_says_of_what(village: Village) -> None:
    rate_all(village, SCORES)
    village.now = datetime(2026, 3, 31, 16, tzinfo=UTC)
    rate_all(village, dict.fromkeys(PARTIES, 70), quarter="2026-Q2")
    for quarter, score_x100 in ((QUARTER, 9040), ("2026-Q2", 7000)):
        result = village.bank.ratings.result("project", "east-gate", quarter)
        told = result.subject, result.id, result.quarter, result.score_x100
        assert told == ("project", "east-gate", quarter, score_x100)


def test_a_quarter_shows_all_its_subjects_the_best_first_and_the_incomplete_last(village: Village) -> None:
    rate(village, "residents", 100, name="half-done")
    rate_all(village, dict.fromkeys(PARTIES, 70), subject="property", name="wanjia")
    rate_all(village, dict.fromkeys(PARTIES, 80), name="west-gate")
    rate_all(village, dict.fromkeys(PARTIES, 0), name="north-gate")
    rate_all(village, SCORES)
    shown = [
        (each.subject, each.id, each.score_x100, each.stars) for each in village.bank.ratings.quarter(QUARTER)
    ]
    assert shown == [
        ("project", "east-gate", 9040, 5),
        ("project", "west-gate", 8000, 4),
        ("project", "north-gate", 0, 1),
        ("project", "half-done", None, None),
        ("property", "wanjia", 7000, 3),
    ]
    assert {each.quarter for each in village.bank.ratings.quarter(QUARTER)} == {QUARTER}
    assert village.bank.ratings.quarter("2026-Q2") == ()


def test_the_entry_of_a_rating_holds_what_was_rated(village: Village) -> None:
    entry = rate(village).entry
    assert (entry.kind, entry.day, entry.by, entry.ok) == ("rating", Village.TODAY, "clerk-1", "supervisor-1")
    assert dict(entry.body) == {
        "subject": "project",
        "id": "east-gate",
        "quarter": QUARTER,
        "party": "residents",
        "score": 92,
        "people": 30,
    }


def test_the_rulebook_of_the_quarters_last_day_says_who_rates(village: Village) -> None:
    text = (
        shipped_rulebook()
        + '\n[rating]\nresidents = 50\nreviewers = [["school", 50]]\ngrades = [80, 70, 60, 50]\n'
    )
    village.bank.rulebooks.adopt(text, from_day=date(2026, 3, 31), by="admin-1")
    with pytest.raises(UnknownParty) as caught:
        rate(village, "street", 80)
    told = {"name": "street", "day": "2026-03-31", "known": "residents, school"}
    assert caught.value.facts() == told
    rate(village, "school", 61)
    rate(village, "residents", 100)
    result = village.bank.ratings.result("project", "east-gate", QUARTER)
    assert (result.score_x100, result.stars) == (8050, 5)


def test_a_quarter_is_rated_from_its_first_day_on(village: Village) -> None:
    before = village.trace()
    with pytest.raises(DayInFuture) as caught:
        rate(village, quarter="2026-Q2")
    assert (caught.value.day, caught.value.today) == ("2026-04-01", "2026-03-01")
    assert village.trace() == before
    village.now = datetime(2026, 3, 31, 16, tzinfo=UTC)
    rate(village, quarter="2026-Q2")


@pytest.mark.parametrize("score", [0, 100])
def test_scores_from_nought_to_a_hundred_are_kept(village: Village, score: int) -> None:
    rate_all(village, dict.fromkeys(PARTIES, score))
    assert village.bank.ratings.result("project", "east-gate", QUARTER).score_x100 == 100 * score


@pytest.mark.parametrize(
    ("named", "error"),
    [
        *(({"score": score}, BadAmount) for score in (-1, 101, True, 90.0, "90", None)),
        *(({"people": people}, BadAmount) for people in (0, -1, True, 1_000_001, "3")),
        *(({"quarter": each}, BadCode) for each in ("2026-Q0", "2026-Q5", "2026Q1", "0000-Q4", "9999-Q4", 20261)),
        ({"subject": "shop"}, BadCode),
        ({"name": "East Gate"}, BadCode),
        ({"party": "Residents"}, BadCode),
        ({"party": "mayor"}, UnknownParty),
        ({"quarter": "2025-Q4"}, NoRulebook),
        ({"by": "nobody"}, UnknownOperator),
        ({"by": "auditor-1"}, RoleNotAllowed),
        ({"approved_by": "clerk-1", "by": "registrar-1"}, RoleNotAllowed),
        ({"by": "supervisor-1"}, SelfApproval),
        ({"approved_by": None}, ApprovalMissing),
    ],
)
def test_a_rating_that_is_not_kept_leaves_no_trace(
    village: Village, named: dict[str, Any], error: type[TimebankError]
) -> None:
    before = village.trace(), village.bank.ratings.quarter(QUARTER)
    with pytest.raises(error):
        rate(village, **named)
    assert (village.trace(), village.bank.ratings.quarter(QUARTER)) == before


def test_the_same_key_rates_once(village: Village) -> None:
    first = rate(village, key="r/1")
    rate(village, score=10)
    again = rate(village, key="r/1")
    assert (again.seq, again.repeated) == (first.seq, True)
    assert village.bank.ratings.result("project", "east-gate", QUARTER).parts[0].score == 10
    with pytest.raises(KeyConflict):
        rate(village, key="r/1", people=31)


@pytest.mark.parametrize(
    ("quarter", "first", "last"),
    [
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q2", date(2026, 4, 1), date(2026, 6, 30)),
        ("2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("0001-Q1", date(1, 1, 1), date(1, 3, 31)),
        ("9998-Q4", date(9998, 10, 1), date(9998, 12, 31)),
    ],
)
def test_the_days_of_a_quarter(quarter: str, first: date, last: date) -> None:
    assert quarter_days(quarter) == (first, last)


@st.composite
def rules_of_rating(draw: st.DrawFn) -> RatingRules:
    cuts = sorted(draw(st.sets(st.integers(1, 99), min_size=1, max_size=4)))
    weights = [after - before for before, after in zip([0, *cuts], [*cuts, 100], strict=True)]
    grades = sorted(draw(st.sets(st.integers(1, 100), min_size=4, max_size=4)), reverse=True)
    reviewers = tuple((f"party-{number}", weight) for number, weight in enumerate(weights[1:]))
    return RatingRules(weights[0], reviewers, tuple(grades))


@given(rules_of_rating(), st.data())
def test_the_score_lies_between_the_lowest_and_the_highest_and_is_their_weighted_mean(
    rules: RatingRules, data: st.DataObject
) -> None:
    weights = {"residents": rules.residents} | dict(rules.reviewers)
    scores = {party: data.draw(st.integers(0, 100)) for party in weights}
    ratings = {
        party: Rating("project", "east-gate", QUARTER, party, score, 1, 0) for party, score in scores.items()
    }
    result = result_of(rules, "project", "east-gate", QUARTER, ratings)
    assert result.score_x100 is not None
    assert result.stars is not None
    assert 100 * min(scores.values()) <= result.score_x100 <= 100 * max(scores.values())
    assert result.score_x100 / 100 == pytest.approx(sum(weights[each] / 100 * scores[each] for each in scores))
    reached = [grade for grade in rules.grades if result.score_x100 / 100 >= grade]
    assert result.stars == 1 + len(reached)


# --- the table, attacked with raw SQL


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE rating SET score = 100",
        "UPDATE rating SET score = 101, seq = seq + 1",
        "UPDATE rating SET party = 'street', seq = seq + 1",
        "UPDATE rating SET people = 0, seq = seq + 1",
        "INSERT INTO rating SELECT subject, id, '2026-Q5', party, score, people, seq FROM rating",
        "DELETE FROM rating",
    ],
)
def test_raw_sql_does_not_change_a_rating(tmp_path: Path, attack: str) -> None:
    path = tmp_path / "east.timebank"
    with Bank.create(path, origin="east.example/timebank") as bank:
        bank.organisations.add("yungu", name="云谷", level="community", by="admin")
        bank.organisations.appoint("clerk-1", org="yungu", role="clerk", by="admin")
        bank.rulebooks.adopt(shipped_rulebook(), from_day=Village.RULES_FROM, by="admin")
        named = {"people": 3, "by": "clerk-1", "approved_by": "admin"}
        for score in (90, 91):
            bank.ratings.record("project", "east-gate", QUARTER, "residents", score=score, **named)  # type: ignore[arg-type]
        assert bank.ratings.result("project", "east-gate", QUARTER).parts[0].score == 91
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(attack)
