"""Gifts, pools, points that lapse, debts and budgets at the keyboard, in two languages."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.cli.conftest import CHINESE, ENGLISH, Shell
from timebank.checking import verify_file

RULES = """
name = "lapsing"
title.zh = "会过期的细则"
title.en = "Points that lapse"
[rules]
expiry = "year-end"
point_value_fen = 150
[gift]
units = ["points", "minutes"]
to = ["relative", "pool"]
relations = ["child"]
[service.patrol]
zh = "巡逻值守"
en = "Patrol"
per = "hour"
points = 3
"""
FOUNDED = """
init FILE --origin yard.example/timebank
organisation add FILE yard --name 院子 --level community --by admin
operator appoint FILE clerk-1 --org yard --role clerk --by admin
operator appoint FILE super-1 --org yard --role supervisor --by admin
operator appoint FILE super-2 --org yard --role supervisor --by admin
rulebook adopt FILE RULES --from 2024-01-01 --by admin
enrol FILE --org yard --card 0001 --by admin
enrol FILE --org yard --card 0002 --by admin
"""
FIRST = 11
"""The next entry."""

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()


@pytest.fixture(params=[ENGLISH, CHINESE], ids=["en", "zh"])
def yard(request: pytest.FixtureRequest, tmp_path: Path) -> Shell:
    """Points lapse at the end of the year, since 2024; nobody has any. The next entry is FIRST."""
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    shell = Shell(tmp_path / "yard.timebank", request.param)
    for line in FOUNDED.strip().splitlines():
        shell.out(*line.replace("RULES", str(tmp_path / "rules.toml")).split())
    return shell


def out(shell: Shell, line: str) -> str:
    return shell.out(*line.split())


def english(shell: Shell) -> bool:
    return not str(shell.environment["LC_ALL"]).startswith("zh")


def patrol(shell: Shell, hours: int, day: object = TODAY, *more: str, card: str = "0001") -> str:
    words = f"record FILE patrol --card {card} --minutes {60 * hours} --day {day}"
    return shell.out(*words.split(), "--by", "clerk-1", "--approved-by", "super-1", *more)


def member(shell: Shell, card: str) -> str:
    return str(shell.json("card", "show", "FILE", card)["member"])


def points(shell: Shell, card: str = "0001") -> int:
    return int(shell.json("balance", "FILE", "--card", card)["points"])


def rows(shell: Shell, *words: str) -> list[dict[str, object]]:
    return list(shell.json(*words)["rows"])


def test_a_gift_says_who_gave_what_to_whom(yard: Shell) -> None:
    patrol(yard, 4)
    giver, to = member(yard, "0001"), member(yard, "0002")
    said = out(yard, f"gift FILE --card 0001 --to {to} --relation child --points 5 --by clerk-1")
    wanted = (
        f"Member {giver} gave 5 points to member {to}."
        if english(yard)
        else f"成员 {giver} 把 5 分 赠与成员 {to}。"
    )
    assert said.splitlines()[0] == wanted
    assert (points(yard), points(yard, "0002")) == (7, 5)


def test_a_pool_gets_minutes_grants_them_and_shows_what_is_left(yard: Shell) -> None:
    patrol(yard, 2)
    said = out(yard, "gift FILE --card 0001 --pool yard --minutes 90 --by clerk-1")
    assert ("1 h 30 min" in said) if english(yard) else ("1 小时 30 分钟" in said and "yard 的公益池" in said)
    words = "pool grant FILE yard --card 0002 --minutes 30 --reason illness --by clerk-1 --approved-by super-1"
    granted = yard.out(*words.split())
    assert ("The pool of yard gave 30 min to member" in granted) is english(yard)
    assert yard.json("pool", "show", "FILE", "yard") == {"org": "yard", "points": 0, "minutes": 60}
    assert ("1 h" if english(yard) else "1 小时") in yard.out("pool", "show", "FILE", "yard")


def test_the_journal_says_what_was_given_granted_taken_off_and_planned(yard: Shell) -> None:
    patrol(yard, 4, "2024-05-01")
    yard.out("expire", "FILE", "--by", "clerk-1")
    patrol(yard, 4)
    giver = member(yard, "0001")
    out(yard, "gift FILE --card 0001 --pool yard --points 5 --by clerk-1")
    out(yard, "pool grant FILE yard --card 0002 --points 2 --reason flood --by clerk-1 --approved-by super-1")
    out(
        yard,
        "budget set FILE yard --first 2024-01-01 --last 2024-12-31 --points 9 --by admin --approved-by super-1",
    )
    said = yard.out("journal", "FILE", "--from", str(FIRST))
    wanted = (
        (
            f"12 points: member {giver}, good until 2024-12-31",
            f"5 points: from member {giver} to the pool of yard",
            f"2 points: from the pool of yard to member {member(yard, '0002')} (flood)",
            "yard: 9 points from 2024-01-01 to 2024-12-31",
        )
        if english(yard)
        else (
            f"12 分：成员 {giver}，有效期至 2024-12-31",
            f"5 分：成员 {giver} 赠与yard 的公益池",
            f"2 分：yard 的公益池拨付成员 {member(yard, '0002')}（flood）",
            "yard：2024-01-01 到 2024-12-31 共 9 分",
        )
    )
    for line in wanted:
        assert line in said


def test_what_has_lapsed_is_taken_off_once(yard: Shell) -> None:
    patrol(yard, 4, "2024-05-01")
    patrol(yard, 2, "2025-05-01", card="0002")
    patrol(yard, 1)
    told = yard.out("lapsing", "FILE")
    assert ("Besides, 18 points have lapsed" in told) if english(yard) else ("另有 18 分已过期" in told)
    said = yard.out("expire", "FILE", "--by", "clerk-1", "--key", "new-year")
    assert said.strip() == (
        "Took off 18 points that had lapsed; members: 2, entries: 2."
        if english(yard)
        else "已清零过期积分 18 分，涉及成员 2 名（分录 2 条）。"
    )
    again = yard.out("expire", "FILE", "--by", "clerk-1", "--key", "new-year")
    assert ("Nothing was written again." if english(yard) else "没有重复写入。") in again
    assert points(yard) == 3
    nothing = yard.out("expire", "FILE", "--by", "clerk-1").strip()
    assert nothing == (
        "No points have lapsed that are not taken off yet." if english(yard) else "没有待清零的过期积分。"
    )
    assert verify_file(yard.file).findings == ()


def test_what_lapses_next_is_reported(yard: Shell) -> None:
    patrol(yard, 4)
    last = date(TODAY.year, 12, 31)
    ahead = (last - TODAY).days
    who = member(yard, "0001")
    assert rows(yard, "lapsing", "FILE", "--days", str(ahead + 1)) == [
        {"until": str(last), "member": who, "points": 12}
    ]
    if ahead > 1:
        assert rows(yard, "lapsing", "FILE", "--days", str(ahead - 1)) == []
    said = yard.out("lapsing", "FILE", "--days", "366")
    assert ("In all 12 points; members: 1." if english(yard) else "合计 12 分，成员 1 名。") in said
    yard.error("lapsing", "FILE", "--days", "0", code=2)


def test_how_old_points_are_and_what_they_cost_is_reported(yard: Shell) -> None:
    patrol(yard, 1, "2024-05-01")
    patrol(yard, 2)
    out(yard, "gift FILE --card 0001 --pool yard --points 1 --by clerk-1")
    assert rows(yard, "ages", "FILE") == [{"year": str(TODAY.year), "points": 5, "yuan": "7.50"}]
    said = yard.out("ages", "FILE")
    for line in (
        ("In all 5 points, 7.50 yuan.", "Besides, 1 points are in pools.")
        if english(yard)
        else ("合计 5 分，7.50 元。", "另有 1 分在公益池。")
    ):
        assert line in said
    file = yard.file.parent / "ages.csv"
    yard.out("ages", "FILE", "--csv", str(file))
    written = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert written[1:] == [[str(TODAY.year), "5", "7.50"]]


def test_what_is_lapsed_and_what_is_set_aside_stands_below_the_ages(yard: Shell) -> None:
    for line in (
        "shop open FILE yard-shop --org yard --name 院子超市 --by admin",
        "good add FILE soap --name 香皂 --name-en Soap --by admin",
        "price FILE yard-shop soap 2 --from 2024-01-01 --by admin",
        "receive FILE yard-shop soap=9 --donor huicai --by clerk-1 --approved-by super-1",
    ):
        yard.out(*line.split())
    patrol(yard, 2)
    until = TODAY + timedelta(days=1)
    out(yard, f"reserve FILE yard-shop soap=1 --card 0001 --until {until} --by clerk-1")
    patrol(yard, 1, "2024-05-01", card="0002")
    said = yard.out("ages", "FILE")
    for line in (
        ("Besides, 2 points are set aside for reservations.", "Besides, 3 points have lapsed")
        if english(yard)
        else ("另有 2 分已预约兑换。", "另有 3 分已过期")
    ):
        assert line in said


def test_a_spent_award_is_taken_back_with_a_debt(yard: Shell) -> None:
    patrol(yard, 4)
    out(yard, "gift FILE --card 0001 --pool yard --points 7 --by clerk-1")
    words = f"reverse FILE {FIRST} --reason not-done --by clerk-1 --approved-by super-1".split()
    refusal = yard.error(*words, code=3)
    assert "[not-enough-minutes]" not in refusal
    assert "[not-enough-points]" in refusal
    said = yard.out(*words, "--debt")
    who = member(yard, "0001")
    assert (
        f"Member {who} owes 7 points: the next awards repay them."
        if english(yard)
        else f"成员 {who} 欠 7 分：由以后的积分入账偿还。"
    ) in said
    patrol(yard, 3)
    assert points(yard) == 2
    assert verify_file(yard.file).findings == ()


def test_a_budget_is_set_used_and_listed(yard: Shell) -> None:
    year = f"--first {TODAY.year}-01-01 --last {TODAY.year}-12-31"
    said = out(yard, f"budget set FILE yard {year} --points 10 --by admin --approved-by super-1")
    assert ("yard may award 10 points from" in said) if english(yard) else ("可入账 10 分" in said)
    patrol(yard, 3)
    assert rows(yard, "budget", "list", "FILE", "--org", "yard") == [
        {
            "organisation": "yard",
            "first": f"{TODAY.year}-01-01",
            "last": f"{TODAY.year}-12-31",
            "points": 10,
            "used": 9,
            "left": 1,
        }
    ]
    words = f"record FILE patrol --card 0001 --minutes 60 --day {TODAY} --by clerk-1 --approved-by super-1".split()
    refusal = yard.error(*words, code=3)
    assert ("is 10 points, 9 are used: 3 more" in refusal) if english(yard) else ("已用 9 分" in refusal)


REFUSALS = [
    ("gift FILE --card 0001 --pool yard --points 1 --by clerk-1", 3, "not-enough-points"),
    ("gift FILE --card 0001 --pool yard --minutes 1 --by clerk-1", 3, "not-enough-minutes"),
    ("gift FILE --card 0001 --to 0000000000 --relation child --points 1 --by clerk-1", 2, "unknown-member"),
    ("gift FILE --card 0001 --pool yard --relation child --points 1 --by clerk-1", 2, "receiver-unclear"),
    ("gift FILE --card 0001 --by clerk-1 --points 1", 2, "usage"),
    ("gift FILE --card 0001 --pool yard --by clerk-1", 2, "usage"),
    ("gift FILE --pool yard --points 1 --by clerk-1", 2, "usage"),
    (
        "pool grant FILE yard --card 0001 --points 1 --reason x --by clerk-1 --approved-by super-1",
        3,
        "not-enough-in-pool",
    ),
    ("pool show FILE nowhere", 2, "unknown-organisation"),
    (
        "budget set FILE yard --first 2024-02-01 --last 2024-01-01 --points 1 --by admin --approved-by super-1",
        2,
        "bad-day",
    ),
    ("budget list FILE --org nowhere", 2, "unknown-organisation"),
]


@pytest.mark.parametrize(("words", "code", "error"), REFUSALS)
def test_a_refusal_says_why_and_writes_nothing(yard: Shell, words: str, code: int, error: str) -> None:
    before = yard.json("journal", "FILE", "--from", "0", "--limit", "100")
    said = yard.error(*words.split(), code=code)
    assert f"[{error}]" in said
    assert yard.json("journal", "FILE", "--from", "0", "--limit", "100") == before


def test_a_gift_to_a_relative_the_rulebook_does_not_name_says_so(yard: Shell) -> None:
    patrol(yard, 1)
    to = member(yard, "0002")
    said = yard.error(
        *f"gift FILE --card 0001 --to {to} --relation parent --points 1 --by clerk-1".split(), code=3
    )
    assert (
        "the rulebook in force allows no gifts to such a relative" if english(yard) else "不允许赠与这种亲属"
    ) in said


def test_two_budgets_of_one_organisation_share_no_day(yard: Shell) -> None:
    words = "budget set FILE yard --last 2024-12-31 --points 1 --by admin --approved-by super-1 --first"
    yard.out(*words.split(), "2024-01-01")
    said = yard.error(*words.split(), "2024-06-01", code=3)
    assert "2024-01-01" in said
    assert "[budget-overlaps]" in said
