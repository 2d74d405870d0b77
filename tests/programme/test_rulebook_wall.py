"""A rulebook on the wall: the whole form in both languages, of one in which everything occurs and of the least."""

from __future__ import annotations

import pytest

from tests.programme.test_rulebook import LEAST, with_expiry
from timebank.locale import LANGUAGES, sentences
from timebank.programme.rulebook import parse_rulebook
from timebank.programme.rulebook_print import wall_form

EVERYTHING = """\
name = "everything"
title.zh = "全部细则"
title.en = "All rules"

[rules]
rounding = "up"
notice_days = 3
approvers = ["supervisor", "admin"]
overlap = "refused"
start = "required"
expiry = "months"
expiry_months = 12
hold_at_most_minutes = 90_030
appeal_days = 10
point_value_fen = 205
stars = [10, 20, 30, 40, 50]

[service]
patrol = { zh = "巡逻", en = "Patrol", per = "hour", points = 3, payer = "recipient" }
call = { zh = "探访", en = "Call", per = "hour", points = 0, payer = "pool", pays = "minutes", least_minutes = 30 }
lesson = { zh = "上课", en = "Lesson", per = "hour", points = 2, payer = "recipient", pays = "minutes" }
feast = { zh = "聚餐", en = "Feast", per = "occasion", points = 20, shared = true, payer = "pool" }
talk = { zh = "座谈", en = "Talk", per = "occasion", points = 1, approvers = ["clerk", "registrar"] }
check = { zh = "评比", en = "Check", per = "grade", grades = [["best", 5], ["neat", 1]], most_minutes = 60 }

[[cap]]
of = "minutes"
per = "member"
in = "day"
most = 480

[[cap]]
of = "points"
per = "household"
in = "year"
most = 900

[[cap]]
of = "occasions"
per = "member"
in = "month"
most = 4
service = "feast"

[[multiplier]]
percent = 150
first = 2026-02-01
last = 2026-02-28

[[multiplier]]
percent = 50
first = 2026-03-10
last = 2026-03-11
services = ["lesson", "call"]

[deduction]
rubbish = { zh = "垃圾", en = "Rubbish", points = 5 }
banquet = { zh = "宴席", en = "Banquet", points = 20 }

[gift]
units = ["points", "minutes"]
to = ["relative", "pool"]
relations = ["parent", "cousin"]

[order]
repair = { zh = "维修", en = "Repair", days = 3 }
wish = { zh = "心愿", en = "Wish", wish = true }

[rating]
residents = 50
reviewers = [["street", 30], ["shops", 20]]
grades = [95, 85, 75, 65]
"""

EVERYTHING_IN_ENGLISH = """\
All rules
In force from 2026-01-01

== What earns points
service | for | >points | notes
Patrol | an hour | 3 | who receives it pays the points
Call | an hour | 0 | only the time counts; 30 to 1440 minutes at a time; the community pool pays the time
Lesson | an hour | 2 | who receives it pays the time
Feast | an occasion | 20 | points are shared by those who did it together; the community pool pays the points
Talk | an occasion | 1 | approved by: clerk, registrar
Check | by grade | best 5, neat 1 | 1 to 60 minutes at a time

== Days on which it earns more or less
first day | last day | service | >of its points
2026-02-01 | 2026-02-28 | all services together | 150 %
2026-03-10 | 2026-03-11 | Lesson, Call | 50 %

== At most
service | counted for | >at most
all services together | each member, a day | 480 minutes
all services together | each household, a year | 900 points
Feast | each member, a month | 4 times

== What points are taken off for
what | >points
Rubbish | -5
Banquet | -20

== What residents can order
order | >within | notes
Repair | 3 days |{space}
Wish |  | a small wish

== Rules
Points are worked out once for each record and rounded up to whole points; \
by the hour they are minutes x points / 60.
What is approved is on public notice for 3 days before it is credited. Everybody may object.
Who approves: supervisor, administrator. Nobody approves what they recorded themselves.
Services by the hour are recorded with the time at which they began.
Nobody is credited with two services at the same time.
Points lapse 12 months after they were earned, at the end of the month.
One point stands for 2.05 yuan of goods.
A member can hold 1500:30 hours at most; what is over goes to the community pool.
Nobody's points go below zero by a deduction. It can be appealed within 10 days.
Members can give points, hours to: parents, cousin, the community pool.
One to five stars for so many hours of service in all: 10, 20, 30, 40, 50.
Ratings of projects count: residents 50 %, street 30 %, shops 20 %. \
From 95 of 100: five stars; from 85: four; from 75: three; from 65: two; below: one.
"""

EVERYTHING_IN_CHINESE = """\
全部细则
自 2026-01-01 起施行

== 积分项目
服务项目 | 计分方式 | >积分 | 说明
巡逻 | 每小时 | 3 | 积分由受助人支付
探访 | 每小时 | 0 | 只计时长；每次 30 到 1440 分钟；时长由公益池支付
上课 | 每小时 | 2 | 时长由受助人支付
聚餐 | 每次 | 20 | 共同完成的人平分积分；积分由公益池支付
座谈 | 每次 | 1 | 审核：店员、登记员
评比 | 按等级 | 好 5、neat 1 | 每次 1 到 60 分钟

== 积分加减的日子
第一天 | 最后一天 | 服务项目 | >按积分的
2026-02-01 | 2026-02-28 | 全部服务项目合计 | 150 %
2026-03-10 | 2026-03-11 | 上课、探访 | 50 %

== 上限
服务项目 | 计算范围 | >最多
全部服务项目合计 | 每人每天 | 480 分钟
全部服务项目合计 | 每户每年 | 900 分
聚餐 | 每人每月 | 4 次

== 负面清单（扣分项目）
事项 | >积分
垃圾 | -5
宴席 | -20

== 点单类别
点单 | >办理期限 | 说明
维修 | 3 天 |{space}
心愿 |  | 微心愿

== 规则
每次登记算一次积分，有余数就进一，取整数；按小时计的：分钟数 × 每小时积分 ÷ 60。
审核通过后公示 3 天，再入账；人人可以提出异议。
审核：审核人、管理员。不能审核自己登记的事。
按小时计的服务要写明开始时间。
同一个人同一时间的两项服务，只计一项。
积分取得后满 12 个月，到那个月月底过期清零。
一分相当于 2.05 元的商品。
每名成员最多存 1500:30 小时，超出的转入公益池。
扣分不会扣到零以下；扣分后 10 天内可以申诉。
成员可以把积分、服务时长赠与：父母、cousin、公益池。
服务时长累计达到以下小时数，依次为一到五星：10、20、30、40、50。
项目评星：居民占 50%、街道占 30%、shops占 20%。\
满分 100，95 分起五星，85 分起四星，75 分起三星，65 分起二星，以下一星。
"""

LEAST_IN_ENGLISH = """\
Rules
A text that is not in force

== What earns points
service | for | >points | notes
Patrol | an hour | 3 |{space}

== Rules
Points are worked out once for each record and rounded down to whole points; \
by the hour they are minutes x points / 60.
What is approved can be credited the same day, without public notice.
Who approves: supervisor, administrator. Nobody approves what they recorded themselves.
Points do not lapse.
One point stands for 1.00 yuan of goods.
Points and hours cannot be given away.
One to five stars for so many hours of service in all: 100, 300, 600, 1000, 1500.
Ratings of projects count: residents 60 %, street 15 %, community 15 %, owners 10 %. \
From 90 of 100: five stars; from 80: four; from 70: three; from 60: two; below: one.
"""

LEAST_IN_CHINESE = """\
细则
尚未施行的文本

== 积分项目
服务项目 | 计分方式 | >积分 | 说明
巡逻 | 每小时 | 3 |{space}

== 规则
每次登记算一次积分，只舍不入，取整数；按小时计的：分钟数 × 每小时积分 ÷ 60。
审核通过后当天即可入账，不公示。
审核：审核人、管理员。不能审核自己登记的事。
积分永不过期。
一分相当于 1.00 元的商品。
积分和服务时长不能赠与他人。
服务时长累计达到以下小时数，依次为一到五星：100、300、600、1000、1500。
项目评星：居民占 60%、街道占 15%、社区占 15%、业主委员会占 10%。\
满分 100，90 分起五星，80 分起四星，70 分起三星，60 分起二星，以下一星。
"""


def on_the_wall(text: str, language: str, from_day: str | None = None) -> str:
    """All that hangs on the wall, a row a line."""
    wall = wall_form(parse_rulebook(text), language, from_day=from_day)
    lines = [wall.title, wall.in_force]
    for part in wall.parts:
        lines += ["", f"== {part.title}", *map(" | ".join, (part.heads, *part.rows))]
    return "\n".join([*lines, "", f"== {wall.rules_title}", *wall.rules, ""])


@pytest.mark.parametrize(
    ("text", "language", "from_day", "wall"),
    [
        (EVERYTHING, "en", "2026-01-01", EVERYTHING_IN_ENGLISH),
        (EVERYTHING, "zh_CN", "2026-01-01", EVERYTHING_IN_CHINESE),
        (LEAST, "en", None, LEAST_IN_ENGLISH),
        (LEAST, "zh_CN", None, LEAST_IN_CHINESE),
    ],
    ids=["everything in English", "everything in Chinese", "the least in English", "the least in Chinese"],
)
def test_a_rulebook_hangs_on_the_wall_as_a_whole(
    text: str, language: str, from_day: str | None, wall: str
) -> None:
    assert on_the_wall(text, language, from_day) == wall.replace("{space}", " ")


def test_only_relatives_are_named_where_gifts_go_to_no_pool() -> None:
    text = EVERYTHING.replace('to = ["relative", "pool"]', 'to = ["relative"]')
    assert "Members can give points, hours to: parents, cousin.\n" in on_the_wall(text, "en")


def test_whole_hours_are_said_without_minutes() -> None:
    text = EVERYTHING.replace("90_030", "90_000")
    assert "A member can hold 1500 hours at most;" in on_the_wall(text, "en")


def test_where_nothing_earns_points_the_form_does_not_speak_of_them() -> None:
    wall = wall_form(parse_rulebook(LEAST.replace("points = 3", "points = 0")), "en", from_day=None)
    assert wall.parts[0].rows[0][-1] == "only the time counts"
    assert not [rule for rule in wall.rules if "lapse" in rule or "rounded" in rule or "yuan" in rule]


@pytest.mark.parametrize("rounding", ["down", "up", "half-up"])
@pytest.mark.parametrize("expiry", ['"never"', '"year-end"', '"year-after"', '"months"\nexpiry_months = 7'])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_way_of_rounding_and_lapsing_has_its_words(rounding: str, expiry: str, language: str) -> None:
    text = with_expiry(expiry) + f'rounding = "{rounding}"\n'
    said = on_the_wall(text, language)
    code = expiry.split('"')[1]
    for message_id in (f"rounding-{rounding}", f"expiry-{code}"):
        assert sentences(language)["wall"][message_id].format(months=7) in said
