"""Rulebooks: what their text may say, what it may not and on which line, and the points that follow from it."""

from __future__ import annotations

import calendar
import json
import re
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.bank import Bank
from timebank.errors import (
    BadAmount,
    ExpiryOutOfOrder,
    MeasureWrong,
    NothingToShare,
    RulebookInvalid,
    UnknownDeduction,
    UnknownGrade,
    UnknownOrderKind,
    UnknownService,
)
from timebank.locale import LANGUAGES, sentences
from timebank.programme.rulebook import parse_rulebook, shipped_rulebook
from timebank.programme.rulebook_print import wall_form
from timebank.programme.rulebook_terms import (
    Cap,
    Deduction,
    GiftRules,
    Measure,
    Multiplier,
    OrderKind,
    RatingRules,
    Rulebook,
    Rules,
    Service,
    rounded,
)
from timebank.programme.rulebook_text import rulebook_problems

DAY = date(2026, 2, 8)
SHIPPED = ("village-points", "community-time-bank", "demo-jianyang-rules")

LEAST = """\
name = "least"
title.zh = "细则"
title.en = "Rules"

[service.patrol]
zh = "巡逻"
en = "Patrol"
per = "hour"
points = 3
"""

WHOLE = """\
name = "whole"
title.zh = "细则"
title.en = "Rules"

[rules]
rounding = "half-up"
notice_days = 3
approvers = ["supervisor", "admin"]
overlap = "refused"
start = "required"
expiry = "months"
expiry_months = 12
hold_at_most_minutes = 90_000
appeal_days = 10
point_value_fen = 50
stars = [10, 20, 30, 40, 50]

[service.patrol]
zh = "巡逻"
en = "Patrol"
per = "hour"
points = 3
least_minutes = 30
most_minutes = 480
payer = "recipient"
pays = "minutes"
approvers = ["clerk"]

[service.mediation]
zh = "调解"
en = "Mediation"
per = "occasion"
points = 10
shared = true

[service.check]
zh = "评比"
en = "Check"
per = "grade"
grades = [["best", 5], ["good", 3], ["fair", 1]]

[[cap]]
of = "minutes"
per = "member"
in = "day"
most = 480

[[cap]]
of = "occasions"
per = "household"
in = "month"
most = 4
service = "mediation"

[[multiplier]]
percent = 150
first = 2026-02-01
last = 2026-02-28
services = ["patrol"]

[[multiplier]]
percent = 200
first = 2026-02-10
last = 2026-02-10
services = ["mediation", "check"]

[deduction.rubbish]
zh = "垃圾"
en = "Rubbish"
points = 5

[gift]
units = ["points", "minutes"]
to = ["relative", "pool"]
relations = ["parent", "child"]

[order.repair]
zh = "维修"
en = "Repair"
days = 3

[order.wish]
zh = "微心愿"
en = "Wish"
wish = true

[rating]
residents = 50
reviewers = [["street", 30], ["owners", 20]]
grades = [95, 85, 75, 65]
"""


def line_of(text: str, part: str) -> int:
    """The line on which *part*, which is there once, begins."""
    assert text.count(part) == 1, part
    return text[: text.index(part)].count("\n") + 1


def changed(old: str, new: str, text: str = WHOLE) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def refused(text: str) -> RulebookInvalid:
    with pytest.raises(RulebookInvalid) as caught:
        parse_rulebook(text)
    return caught.value


# --- what a text says


def test_every_key_is_read() -> None:
    book = parse_rulebook(WHOLE)
    names = ("whole", "细则", "Rules")
    rules = Rules(
        "half-up", 3, ("supervisor", "admin"), "refused", "required", "months", 12, 90_000, 10, 50,
        (10, 20, 30, 40, 50),
    )  # fmt: skip
    second = ("supervisor", "admin")
    grades = (("best", 5), ("good", 3), ("fair", 1))
    assert book == Rulebook(
        *names,
        services=(
            Service(
                "patrol", "巡逻", "Patrol", "hour", 3,
                least_minutes=30, most_minutes=480, payer="recipient", pays="minutes", approvers=("clerk",),
            ),
            Service("mediation", "调解", "Mediation", "occasion", 10, shared=True, approvers=second),
            Service("check", "评比", "Check", "grade", grades=grades, approvers=second),
        ),
        rules=rules,
        caps=(
            Cap("minutes", "member", "day", 480),
            Cap("occasions", "household", "month", 4, "mediation"),
        ),
        multipliers=(
            Multiplier(150, date(2026, 2, 1), date(2026, 2, 28), ("patrol",)),
            Multiplier(200, date(2026, 2, 10), date(2026, 2, 10), ("mediation", "check")),
        ),
        deductions=(Deduction("rubbish", "垃圾", "Rubbish", 5),),
        orders=(OrderKind("repair", "维修", "Repair", 3), OrderKind("wish", "微心愿", "Wish", wish=True)),
        gift=GiftRules(("points", "minutes"), ("relative", "pool"), ("parent", "child")),
        rating=RatingRules(50, (("street", 30), ("owners", 20)), (95, 85, 75, 65)),
    )  # fmt: skip


def test_a_text_of_before_means_what_it_meant() -> None:
    book = parse_rulebook(LEAST)
    assert book == Rulebook("least", "细则", "Rules", (Service("patrol", "巡逻", "Patrol", "hour", 3),))
    rules = book.rules
    assert (rules.rounding, rules.notice_days, rules.approvers) == ("down", 0, ("supervisor", "admin"))
    assert (rules.overlap, rules.start, rules.expiry) == ("allowed", "optional", "never")
    assert (rules.hold_at_most_minutes, rules.appeal_days, rules.point_value_fen) == (None, 15, 100)
    assert rules.stars == (100, 300, 600, 1000, 1500)
    assert (book.caps, book.multipliers, book.deductions, book.orders, book.gift) == ((), (), (), (), None)
    assert book.rating == RatingRules(60, (("street", 15), ("community", 15), ("owners", 10)), (90, 80, 70, 60))
    service = book.services[0]
    assert (service.least_minutes, service.most_minutes, service.shared) == (1, 1440, False)
    assert (service.payer, service.pays, service.approvers) == ("programme", "points", ("supervisor", "admin"))


def test_a_service_is_approved_by_those_of_the_rules_unless_it_says_otherwise() -> None:
    text = changed('approvers = ["supervisor", "admin"]', 'approvers = ["registrar"]')
    assert [row.approvers for row in parse_rulebook(text).services] == [("clerk",), ("registrar",), ("registrar",)]


@pytest.mark.parametrize(
    "text",
    [
        LEAST.replace("[service.patrol]", '[service."patrol"]'),
        LEAST.split("[service.patrol]")[0]
        + "[service]\npatrol = { per = 'hour', zh = '巡逻', en = 'Patrol', points = 3 }\n",
    ],
)  # fmt: skip
def test_any_way_of_writing_toml_will_do(text: str) -> None:
    assert parse_rulebook(text) == parse_rulebook(LEAST)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_shipped_is_sound(name: str) -> None:
    assert rulebook_problems(shipped_rulebook(name)) == ()
    assert parse_rulebook(shipped_rulebook(name)).name in (name, "demo-time-bank")


def test_what_village_points_has_as_comments_is_sound() -> None:
    text = re.sub(r"^#: ?", "", shipped_rulebook(), flags=re.MULTILINE)
    book = parse_rulebook(text)
    wanted = {
        Cap("minutes", "member", "day", 480),
        Cap("occasions", "member", "month", 4, "village-meeting"),
        Cap("occasions", "member", "year", 2, "blood-donation"),
        Cap("occasions", "member", "year", 1, "honour"),
    }
    assert wanted <= set(book.caps)
    assert book.service("household-check", DAY).grades == (("best", 5), ("good", 3), ("fair", 1))


def test_village_points_says_what_the_programme_says() -> None:
    book = parse_rulebook(shipped_rulebook())
    deductions = {row.id: row.points for row in book.deductions}
    assert deductions == {"rubbish": 5, "unlicensed-building": 20, "lavish-banquet": 20}
    assert book.rules == Rules(expiry="year-after")
    assert book.service("mediation", DAY).shared
    assert book.points("mediation", Measure(occasions=1), DAY) == 10
    assert book.points("mediation", Measure(occasions=1), DAY, people=2) == 5
    assert book.gift == GiftRules(("points",), ("relative", "pool"), ("parent", "spouse", "child"))


def test_in_the_community_time_bank_an_hour_is_an_hour() -> None:
    book = parse_rulebook(shipped_rulebook("community-time-bank"))
    assert {(row.points, row.per) for row in book.services} == {(0, "hour")}
    assert {row.payer for row in book.services} == {"recipient", "pool", "programme"}
    assert {row.pays for row in book.services if row.payer != "programme"} == {"minutes"}
    assert book.rules.hold_at_most_minutes == 1500 * 60
    assert book.gift == GiftRules(("minutes",), ("relative", "pool"), ("parent", "spouse", "child"))
    assert (book.rules.overlap, book.rules.start, book.rules.notice_days) == ("refused", "required", 3)


@pytest.mark.parametrize(
    ("read", "error"),
    [
        (Rulebook.service, UnknownService),
        (Rulebook.deduction, UnknownDeduction),
        (Rulebook.order_kind, UnknownOrderKind),
    ],
)
def test_what_is_not_in_the_rulebook_is_refused_with_what_is(read: Any, error: Any) -> None:
    book = parse_rulebook(WHOLE)
    with pytest.raises(error) as caught:
        read(book, "feud", DAY)
    assert (caught.value.name, caught.value.day) == ("feud", "2026-02-08")
    assert caught.value.known.split(", ")[0] in ("patrol", "rubbish", "repair")
    assert read(book, caught.value.known.split(", ")[0], DAY).id == caught.value.known.split(", ")[0]


# --- bounds: the last allowed, the first refused


BOUNDS = [
    ("notice_days = 3", "notice_days = {}", 0, 30),
    ("expiry_months = 12", "expiry_months = {}", 1, 120),
    ("hold_at_most_minutes = 90_000", "hold_at_most_minutes = {}", 1, 60_000_000),
    ("appeal_days = 10", "appeal_days = {}", 1, 366),
    ("point_value_fen = 50", "point_value_fen = {}", 1, 1_000_000),
    ("points = 3", "points = {}", 0, 10_000),
    ("points = 10", "points = {}", 1, 10_000),
    ("points = 5", "points = {}", 1, 10_000),
    ("least_minutes = 30", "least_minutes = {}", 1, 480),
    ("most_minutes = 480", "most_minutes = {}", 30, 1440),
    ("most = 480", "most = {}", 30, 10_000_000),
    ("most = 4\n", "most = {}\n", 1, 10_000_000),
    ("percent = 150", "percent = {}", 1, 1000),
    ("days = 3\n\n", "days = {}\n\n", 1, 366),
    ('["good", 3]', '["good", {}]', 1, 10_000),
    ("stars = [10,", "stars = [{},", 1, 19),
    ("40, 50]", "40, {}]", 41, 1_000_000),
    ("grades = [95,", "grades = [{},", 86, 100),
]


@pytest.mark.parametrize(("old", "new", "least", "most"), BOUNDS, ids=[bound[0].strip() for bound in BOUNDS])
def test_a_number_has_its_bounds(old: str, new: str, least: int, most: int) -> None:
    for allowed in (least, most):
        parse_rulebook(changed(old, new.replace("{}", str(allowed))))
    for wrong in (least - 1, most + 1, "2.5", '"3"', "true", "[]", "-1"):
        error = refused(changed(old, new.replace("{}", str(wrong))))
        # More at least than at most is noted where the least stands, one line above.
        above = 1 if old.startswith("most_minutes") else 0
        assert 0 <= line_of(WHOLE, old) - error.line <= above, wrong


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('rounding = "half-up"', 'rounding = "near"', "no-choice"),
        ('overlap = "refused"', "overlap = false", "no-choice"),
        ('start = "required"', 'start = "needed"', "no-choice"),
        ('expiry = "months"', 'expiry = "month"', "no-choice"),
        ('payer = "recipient"', 'payer = "nobody"', "no-choice"),
        ('pays = "minutes"', 'pays = "hours"', "no-choice"),
        ('per = "hour"', 'per = "day"', "no-choice"),
        ('of = "minutes"', 'of = "hours"', "no-choice"),
        ('per = "member"', 'per = "person"', "no-choice"),
        ('in = "day"', 'in = "week"', "no-choice"),
        ('approvers = ["clerk"]', 'approvers = ["auditor"]', "no-choices"),
        ('approvers = ["clerk"]', 'approvers = "clerk"', "no-choices"),
        ('approvers = ["clerk"]', "approvers = []", "no-choices"),
        ('approvers = ["clerk"]', "approvers = [[]]", "no-choices"),
        ('approvers = ["clerk"]', 'approvers = ["clerk", "clerk"]', "named-twice"),
        ('units = ["points", "minutes"]', 'units = ["rice"]', "no-choices"),
        ('to = ["relative", "pool"]', 'to = ["friend"]', "no-choices"),
        ('relations = ["parent", "child"]', 'relations = ["My uncle"]', "no-ids"),
        ('services = ["patrol"]', "services = []", "no-ids"),
        ("shared = true", 'shared = "yes"', "no-flag"),
        ("wish = true", "wish = 1", "no-flag"),
        ("first = 2026-02-01", 'first = "2026-02-01"', "no-day"),
        ("first = 2026-02-01", "first = 2026-02-01T08:00:00", "no-day"),
        ("stars = [10, 20, 30, 40, 50]", "stars = [10, 20, 30, 40]", "no-numbers"),
        ("stars = [10, 20, 30, 40, 50]", "stars = 10", "no-numbers"),
        ("grades = [95, 85, 75, 65]", "grades = [95, 85, 75, 65, 55]", "no-numbers"),
        ('["street", 30]', '["street"]', "no-pairs"),
        ('["street", 30]', '["The street", 30]', "no-pairs"),
        ('["street", 30]', '["owners", 30]', "named-twice"),
        ('["street", 30]', '["residents", 30]', "named-twice"),
        ('["good", 3]', '["best", 3]', "named-twice"),
        ('name = "whole"', 'name = "Whole"', "no-id"),
        ('zh = "垃圾"', 'zh = " "', "no-name"),
        ("days = 3\n\n", "day = 3\n\n", "unknown-key"),
        ("notice_days = 3", "notice = 3", "unknown-key"),
        ('in = "day"', 'period = "day"', "missing"),
        ('en = "Repair"\n', "", "missing"),
        ("[[cap]]\nof = \"minutes\"", "[cap]\nof = \"minutes\"", "toml-twice"),
        ("[gift]", "[gifts]", "unknown-key"),
        ("[deduction.rubbish]", "[deduction.Rubbish]", "no-id"),
        ('name = "whole"', 'name = "whole"\nname = "twice"', "toml-twice"),
        ("points = 10", "points = ten", "toml-value"),
        ('zh = "垃圾"', 'zh = "垃圾', "toml-string"),
        ("points = 10", "points 10", "toml"),
        ("points = 10", "\tpoints = 10", "tab"),
        ("points = 10", "points = 10 # \u202e", "character"),
        ("points = 10", "points = 10 # e\u0301", "not-nfc"),
        ("points = 10", "points = 10 # " + "x" * 200, "line-too-long"),
    ],
)  # fmt: skip
def test_a_key_that_is_wrong_is_refused_with_its_line(old: str, new: str, problem: str) -> None:
    text = changed(old, new)
    error = refused(text)
    assert error.problem == problem
    line = line_of(WHOLE, old)
    # A key that is missing is missed in its section; one that stands twice is wrong where it stands again.
    assert abs(error.line - line) <= (6 if problem in ("missing", "toml-twice") else 0)


# --- contradictions


CONTRADICTIONS = [
    ("least-over-most", "most_minutes = 480", "most_minutes = 29", "least_minutes = 30"),
    ("no-such-service", 'service = "mediation"', 'service = "meditation"', 'service = "meditation"'),
    ("no-such-service", 'services = ["patrol"]', 'services = ["petrol"]', 'services = ["petrol"]'),
    ("cap-of-occasions", 'service = "mediation"', 'service = "patrol"', 'of = "occasions"'),
    ("cap-under-least", "most = 480", "most = 29", "most = 29"),
    ("cap-under-least", "most = 480", 'most = 29\nservice = "patrol"', "most = 29"),
    (
        "cap-twice",
        "[[multiplier]]\npercent = 150",
        '[[cap]]\nof = "minutes"\nper = "member"\nin = "day"\nmost = 500 # again\n[[multiplier]]\npercent = 150',
        -4,
    ),
    (
        "household-under-member",
        "[[multiplier]]\npercent = 150",
        '[[cap]]\nof = "minutes"\nper = "household"\nin = "day"\nmost = 479 # few\n[[multiplier]]\npercent = 150',
        "most = 479 # few",
    ),
    ("multipliers-overlap", 'services = ["mediation", "check"]', 'services = ["patrol"]', "first = 2026-02-10"),
    ("multipliers-overlap", 'services = ["mediation", "check"]', "", "first = 2026-02-10"),
    ("last-before-first", "last = 2026-02-28", "last = 2026-01-31", "last = 2026-01-31"),
    ("grades-surplus", "points = 10", "points = 10\ngrades = [['best', 5]]", "grades = [['best', 5]]"),
    ("points-surplus", 'per = "grade"', 'per = "grade"\npoints = 1 # no', "points = 1 # no"),
    ("missing", 'grades = [["best", 5], ["good", 3], ["fair", 1]]', "", "[service.check]"),
    ("shared-without-occasion", "pays = ", "shared = true # no\npays = ", "shared = true # no"),
    ("shared-nothing", "points = 10", "points = 0", "points = 0"),
    ("pays-no-minutes", "shared = true", 'payer = "pool"\npays = "minutes" # no', 'pays = "minutes" # no'),
    ("pays-without-payer", 'payer = "recipient"', 'payer = "programme"', 'pays = "minutes"'),
    ("months-missing", "expiry_months = 12", "", 'expiry = "months"'),
    ("months-surplus", 'expiry = "months"', 'expiry = "year-end"', "expiry_months = 12"),
    ("not-rising", "stars = [10, 20,", "stars = [10, 10,", "stars = [10, 10,"),
    ("not-falling", "grades = [95, 85,", "grades = [85, 85,", "grades = [85, 85,"),
    ("relations-missing", 'relations = ["parent", "child"]', "", 'to = ["relative", "pool"]'),
    ("relations-surplus", 'to = ["relative", "pool"]', 'to = ["pool"]', 'relations = ["parent", "child"]'),
    ("weights-not-100", "residents = 50", "residents = 51", "reviewers = "),
]


@pytest.mark.parametrize(
    ("problem", "old", "new", "at"), CONTRADICTIONS, ids=[f"{row[0]}-{row[1]}" for row in CONTRADICTIONS]
)
def test_a_contradiction_is_refused_with_its_line(problem: str, old: str, new: str, at: str | int) -> None:
    text = changed(old, new)
    error = refused(text)
    assert error.problem == problem
    wanted = line_of(text, at) if isinstance(at, str) else line_of(text, "most = 500 # again") + at
    assert error.line == wanted
    assert [each.id for each in rulebook_problems(text)] == [problem]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("most_minutes = 480", "most_minutes = 30"),
        ("most = 480", "most = 30"),
        (
            "[[multiplier]]\npercent = 150",
            '[[cap]]\nof = "minutes"\nper = "household"\nin = "day"\nmost = 480\n[[multiplier]]\npercent = 150',
        ),
        (
            "[[multiplier]]\npercent = 150",
            '[[cap]]\nof = "minutes"\nper = "member"\nin = "month"\nmost = 480\n[[multiplier]]\npercent = 150',
        ),
        ("first = 2026-02-10\nlast = 2026-02-10", "first = 2026-03-01\nlast = 2026-03-01"),
        ("last = 2026-02-28", "last = 2026-02-01"),
        ("stars = [10, 20,", "stars = [19, 20,"),
        ('service = "mediation"', 'service = "check"'),
        ("least_minutes = 30\nmost_minutes = 480", "most_minutes = 1"),
        ('residents = 50\nreviewers = [["street", 30]', 'residents = 1\nreviewers = [["street", 79]'),
    ],
)
def test_what_just_holds_together_is_sound(old: str, new: str) -> None:
    assert rulebook_problems(changed(old, new)) == ()


def test_multipliers_of_all_services_may_not_meet_but_may_follow_each_other() -> None:
    def both(first: str) -> str:
        return LEAST + (
            "[[multiplier]]\npercent = 150\nfirst = 2026-02-01\nlast = 2026-02-28\n"
            f"[[multiplier]]\npercent = 50\nfirst = {first}\nlast = 2026-03-31\n"
        )

    assert refused(both("2026-02-28")).problem == "multipliers-overlap"
    assert len(parse_rulebook(both("2026-03-01")).multipliers) == 2


def test_all_problems_are_said_by_line_with_a_reason_in_both_languages() -> None:
    text = changed("notice_days = 3", "notice_days = 31").replace('in = "month"', 'in = "week"')
    found = rulebook_problems(text)
    assert [(each.line, each.id) for each in found] == [
        (line_of(text, "notice_days = 31"), "no-number"),
        (line_of(text, 'in = "week"'), "no-choice"),
    ]
    assert found[0].reason() == "[rules]: notice_days is no whole number from 0 to 30: 31"
    assert found[0].reason("zh_CN") == "[rules]：notice_days 应是 0 到 30 之间的整数，不能是 31"
    error = refused(text)
    assert (error.line, error.reason) == (found[0].line, found[0].reason())
    assert json.loads(error.about) == dict(found[0].facts)
    assert error.reason in error.message("en")
    assert found[0].reason("zh_CN") in error.message("zh_CN")
    assert error.reason not in error.message("zh_CN")


def test_a_reason_of_ones_own_is_said_as_it_is() -> None:
    assert "out of paper" in RulebookInvalid(0, "out of paper").message("zh_CN")


def test_every_sentence_about_a_problem_is_one_that_is_tested_here() -> None:
    tested = {row[0] for row in CONTRADICTIONS}
    marks = [
        mark
        for mark in test_a_key_that_is_wrong_is_refused_with_its_line.pytestmark  # type: ignore[attr-defined]
        if mark.name == "parametrize"
    ]
    tested |= {row[2] for row in marks[0].args[1]}
    tested |= {"no-number", "no-text", "no-table", "no-tables", "no-service", "too-deep", "not-utf8"}
    assert tested == sentences("en")["rulebook-problem"].keys()


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        (LEAST.replace("title.en", "gift = 5\ntitle.en"), "no-table", 3),
        (LEAST.replace("title.zh = ", "title = 5 #").replace("title.en = ", "# "), "no-table", 2),
        (LEAST.replace("title.en", "rules = 5\ntitle.en"), "no-table", 3),
        (LEAST.replace("title.en", "cap = 5\ntitle.en"), "no-tables", 3),
        (LEAST.replace("title.en", "cap = [5]\ntitle.en"), "no-table", 3),
        (LEAST.replace("title.en", "deduction.rubbish = 5\ntitle.en"), "no-table", 3),
        (LEAST.split("[service")[0], "no-service", 0),
        (LEAST.split("[service")[0] + "service.patrol = 5", "no-table", 5),
        ("x = " + "[\n" * 5000, "too-deep", 0),
    ],
)
def test_a_table_is_a_table(text: str, problem: str, line: int) -> None:
    found = rulebook_problems(text) if problem != "too-deep" else ()
    error = refused(text)
    assert (error.line, error.problem) == (line, problem)
    assert problem == "too-deep" or problem in {each.id for each in found}


@pytest.mark.parametrize("text", [None, 5, b"name = 'x'"])
def test_what_is_no_text_is_no_rulebook(text: Any) -> None:
    assert refused(text).problem == "no-text"


LINES = st.sampled_from(WHOLE.splitlines())
VALUES = st.sampled_from(
    ("0 1 -1 2.5 true nan 1e400 '' 'x' [] [[]] [[1]] {} [{}] 2026-02-01 0x" + "f" * 180).split()
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Rulebooks with lines left out, put twice, in another order, and with other values; and any text at all."""
    kind = draw(st.sampled_from(["any", "lines", "values", "cut"]))
    if kind == "any":
        return draw(st.text())
    if kind == "lines":
        return "\n".join(draw(st.lists(LINES, max_size=30)))
    if kind == "cut":
        first, last = sorted(draw(st.tuples(*[st.integers(0, len(WHOLE))] * 2)))
        return WHOLE[:first] + draw(st.text(max_size=5)) + WHOLE[last:]
    lines = WHOLE.splitlines()
    for place in draw(st.lists(st.integers(0, len(lines) - 1), max_size=5)):
        key, equals, _ = lines[place].partition(" = ")
        lines[place] = key + equals + (draw(VALUES) if equals else "")
    return "\n".join(lines)


@given(texts())
def test_any_text_at_all_is_a_rulebook_or_refused_with_a_line(text: str) -> None:
    try:
        book = parse_rulebook(text)
    except RulebookInvalid as error:
        raised: RulebookInvalid | None = error
    else:
        raised = None
    if raised is None:
        assert rulebook_problems(text) == ()
        for language in LANGUAGES:
            assert wall_form(book, language, from_day="2026-01-01").parts
        return
    assert 0 <= raised.line <= text.count("\n") + 1
    assert raised.problem in sentences("en")["rulebook-problem"]
    assert raised.message("en") != raised.message("zh_CN")


# --- points


ROUNDINGS = {"down": floor, "up": ceil, "half-up": lambda exact: floor(exact + Fraction(1, 2))}


@given(st.integers(0, 10**9), st.integers(1, 10**6), st.sampled_from(sorted(ROUNDINGS)))
def test_rounding_is_that_of_fractions(numerator: int, denominator: int, rounding: Any) -> None:
    assert rounded(numerator, denominator, rounding) == ROUNDINGS[rounding](Fraction(numerator, denominator))


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_half_goes_up_and_anything_below_it_down(whole: int, half: int) -> None:
    assert rounded((2 * whole + 1) * half, 2 * half, "half-up") == whole + 1
    assert rounded((2 * whole + 1) * half - 1, 2 * half, "half-up") == whole


def book_of(service: Service, *, rounding: Any = "down", percent: int = 100) -> Rulebook:
    multipliers = (Multiplier(percent, DAY, DAY),) if percent != 100 else ()
    return Rulebook("x", "x", "x", (service,), Rules(rounding=rounding), multipliers=multipliers)


@given(st.integers(1, 1440), st.integers(0, 10_000), st.integers(1, 1000), st.sampled_from(sorted(ROUNDINGS)))
def test_points_by_the_hour_are_rounded_once(minutes: int, points: int, percent: int, rounding: str) -> None:
    book = book_of(Service("x", "x", "x", "hour", points), rounding=rounding, percent=percent)
    found = book.points("x", Measure(minutes), DAY)
    assert found == ROUNDINGS[rounding](Fraction(minutes * points * percent, 6000))
    other_day = book.points(book.services[0], Measure(minutes), DAY + timedelta(1))
    assert other_day == ROUNDINGS[rounding](Fraction(minutes * points, 60))


@given(
    st.integers(1, 100),
    st.integers(1, 10_000),
    st.integers(1, 200),
    st.integers(1, 1000),
    st.sampled_from(sorted(ROUNDINGS)),
)
def test_what_is_shared_is_divided_and_rounded_once(
    occasions: int, points: int, people: int, percent: int, rounding: Any
) -> None:
    book = book_of(Service("x", "x", "x", "occasion", points, shared=True), rounding=rounding, percent=percent)
    exact = Fraction(occasions * points * percent, 100 * people)
    if ROUNDINGS[rounding](exact) == 0:
        with pytest.raises(NothingToShare):
            book.points("x", Measure(occasions=occasions), DAY, people=people)
        return
    each = book.points("x", Measure(occasions=occasions), DAY, people=people)
    assert each == ROUNDINGS[rounding](exact)
    assert rounding != "down" or each * people <= exact * people


def test_points_of_a_grade_are_those_of_the_grade() -> None:
    book = parse_rulebook(WHOLE)
    points = {grade: book.points("check", Measure(grade=grade), DAY) for grade in ("best", "good", "fair")}
    assert points == {"best": 5, "good": 3, "fair": 1}
    assert book.points("check", Measure(grade="good", minutes=20), date(2026, 2, 10)) == 6
    for grade in ("poor", ""):
        with pytest.raises(UnknownGrade) as caught:
            book.points("check", Measure(grade=grade), DAY)
        assert caught.value.facts() == {"name": grade, "service": "check", "known": "best, good, fair"}


def test_a_multiplier_holds_from_its_first_day_to_its_last() -> None:
    book = parse_rulebook(WHOLE)
    days = (date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1))
    assert [book.points("patrol", Measure(120), day) for day in days] == [6, 9, 9, 6]
    assert [book.percent("mediation", date(2026, 2, day)) for day in (9, 10, 11)] == [100, 200, 100]


@pytest.mark.parametrize(
    ("service", "measure", "needed"),
    [
        ("patrol", Measure(), "minutes"),
        ("patrol", Measure(60, 1), "minutes"),
        ("patrol", Measure(60, grade="best"), "minutes"),
        ("mediation", Measure(60), "occasions"),
        ("mediation", Measure(occasions=1, grade="best"), "occasions"),
        ("check", Measure(), "grade"),
        ("check", Measure(occasions=1, grade="best"), "grade"),
    ],
)
def test_a_service_is_measured_in_its_own_measure(service: str, measure: Measure, needed: str) -> None:
    with pytest.raises(MeasureWrong) as caught:
        parse_rulebook(WHOLE).points(service, measure, DAY)
    assert (caught.value.service, caught.value.measure) == (service, needed)


@pytest.mark.parametrize(
    ("service", "measure", "field", "value", "most"),
    [
        ("patrol", Measure(0), "minutes", "0", 1440),
        ("patrol", Measure(1441), "minutes", "1441", 1440),
        ("patrol", Measure(True), "minutes", "True", 1440),
        ("mediation", Measure(1441, 1), "minutes", "1441", 1440),
        ("mediation", Measure(None, 0), "occasions", "0", 100),
        ("mediation", Measure(None, 101), "occasions", "101", 100),
    ],
)
def test_a_measure_has_its_bounds(service: str, measure: Measure, field: str, value: str, most: int) -> None:
    with pytest.raises(BadAmount) as caught:
        parse_rulebook(WHOLE).points(service, measure, DAY)
    assert caught.value.facts() == {"field": field, "value": value, "least": 1, "most": most}


def test_an_occasion_without_points_needs_its_minutes() -> None:
    book = book_of(Service("x", "x", "x", "occasion", 0))
    assert book.points("x", Measure(30, 1), DAY) == 0
    with pytest.raises(MeasureWrong) as caught:
        book.points("x", Measure(occasions=1), DAY)
    assert caught.value.facts() == {"service": "x", "measure": "minutes"}


def test_what_earns_points_is_looked_for_in_the_rulebook_of_the_day() -> None:
    with pytest.raises(UnknownService) as caught:
        parse_rulebook(LEAST).points("feud", Measure(60), DAY)
    assert caught.value.facts() == {"name": "feud", "day": "2026-02-08", "known": "patrol"}


def test_people_share_up_to_a_point_each() -> None:
    book = book_of(Service("x", "x", "x", "occasion", 10, shared=True))
    assert [book.points("x", Measure(occasions=1), DAY, people) for people in (1, 2, 3, 10)] == [10, 5, 3, 1]
    with pytest.raises(NothingToShare) as caught:
        book.points("x", Measure(occasions=1), DAY, 11)
    assert caught.value.facts() == {"service": "x", "people": 11}
    with pytest.raises(BadAmount) as too_many:
        book.points("x", Measure(occasions=1), DAY, 201)
    assert too_many.value.facts() == {"field": "people", "value": "201", "least": 1, "most": 200}
    alone = attrs.evolve(book, services=(attrs.evolve(book.services[0], shared=False),))
    assert alone.points("x", Measure(occasions=1), DAY, 11) == 10


# --- caps and expiry


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("day", date(2028, 2, 29), date(2028, 2, 29)),
        ("month", date(2028, 2, 1), date(2028, 2, 29)),
        ("year", date(2028, 1, 1), date(2028, 12, 31)),
    ],
)
def test_a_cap_counts_by_the_calendar(period: Any, first: date, last: date) -> None:
    cap = Cap("minutes", "member", period, 1)
    assert cap.days(date(2028, 2, 29)) == (first, last)
    assert cap.covers("patrol")
    assert attrs.evolve(cap, service="patrol").covers("patrol")
    assert not attrs.evolve(cap, service="patrol").covers("check")


@pytest.mark.parametrize(
    ("rules", "day", "expires"),
    [
        (Rules(), date(2026, 2, 8), None),
        (Rules(expiry="year-end"), date(2026, 1, 1), date(2026, 12, 31)),
        (Rules(expiry="year-end"), date(2026, 12, 31), date(2026, 12, 31)),
        (Rules(expiry="year-after"), date(2026, 1, 1), date(2027, 12, 31)),
        (Rules(expiry="year-after"), date(2026, 12, 31), date(2027, 12, 31)),
        (Rules(expiry="months", expiry_months=1), date(2026, 1, 31), date(2026, 2, 28)),
        (Rules(expiry="months", expiry_months=12), date(2027, 2, 1), date(2028, 2, 29)),
        (Rules(expiry="months", expiry_months=120), date(9990, 2, 1), date(9999, 12, 31)),
        (Rules(expiry="year-after"), date(9999, 1, 1), date(9999, 12, 31)),
    ],
)
def test_points_lapse_when_the_rules_say(rules: Rules, day: date, expires: date | None) -> None:
    assert rules.expires(day) == expires


EXPIRIES = st.one_of(
    st.sampled_from([Rules(expiry="year-end"), Rules(expiry="year-after")]),
    st.integers(1, 120).map(lambda months: Rules(expiry="months", expiry_months=months)),
)


@given(EXPIRIES, st.dates(), st.dates())
def test_points_earned_later_never_lapse_earlier(rules: Rules, one: date, other: date) -> None:
    first, last = sorted((one, other))
    before, after = rules.expires(first), rules.expires(last)
    assert before is not None
    assert after is not None
    assert first <= before <= after
    assert before.day == calendar.monthrange(before.year, before.month)[1]


def with_expiry(expiry: str) -> str:
    return LEAST + f"[rules]\nexpiry = {expiry}\n"


@pytest.mark.parametrize(
    ("old", "new", "from_day", "allowed"),
    [
        ('"never"', '"never"', "2026-07-01", True),
        ('"never"', '"year-after"', "2026-07-01", False),
        ('"year-after"', '"never"', "2026-07-01", True),
        ('"year-after"', '"year-end"', "2026-12-31", False),
        ('"year-after"', '"year-end"', "2027-01-01", True),
        ('"year-end"', '"year-after"', "2026-07-01", True),
        ('"year-end"', '"months"\nexpiry_months = 5', "2026-06-30", False),
        ('"year-end"', '"months"\nexpiry_months = 5', "2026-07-01", True),
        ('"months"\nexpiry_months = 12', '"months"\nexpiry_months = 11', "2026-06-30", False),
        ('"months"\nexpiry_months = 12', '"months"\nexpiry_months = 11', "2026-07-01", True),
        ('"months"\nexpiry_months = 12', '"months"\nexpiry_months = 10', "2026-07-01", False),
    ],
)
def test_a_new_rulebook_does_not_let_later_points_lapse_first(
    old: str, new: str, from_day: str, allowed: bool
) -> None:
    with Bank.in_memory() as bank:
        bank.rulebooks.adopt(with_expiry(old), from_day=date(2026, 1, 1), by="admin")
        before = list(bank.journal.entries())
        day = date.fromisoformat(from_day)
        if allowed:
            bank.rulebooks.adopt(with_expiry(new), from_day=day, by="admin", key="new")
            again = bank.rulebooks.adopt(with_expiry(new), from_day=day, by="admin", key="new")
            assert again.repeated
            assert len(list(bank.journal.entries())) == len(before) + 1
            return
        with pytest.raises(ExpiryOutOfOrder) as caught:
            bank.rulebooks.adopt(with_expiry(new), from_day=day, by="admin")
        assert list(bank.journal.entries()) == before
        earlier = bank.rulebooks.on(day - timedelta(1)).rules.expires(day - timedelta(1))
        assert caught.value.earlier_expires == ("never" if earlier is None else str(earlier))
        assert caught.value.expires == str(parse_rulebook(with_expiry(new)).rules.expires(day))


def test_the_first_rulebook_may_let_points_lapse() -> None:
    with Bank.in_memory() as bank:
        bank.rulebooks.adopt(with_expiry('"year-end"'), from_day=date.min, by="admin")
        assert bank.rulebooks.on(DAY).rules.expiry == "year-end"
