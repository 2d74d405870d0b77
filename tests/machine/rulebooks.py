"""Rulebooks for the machine: small caps and short times, so that every rule is reached in a few steps."""

from __future__ import annotations

from typing import Final

VILLAGE: Final = """
name = "machine-village"
title.zh = "村规"
title.en = "Village"

[rules]
rounding = "half-up"
overlap = "refused"
expiry = "months"
expiry_months = 1
hold_at_most_minutes = 700
appeal_days = 10
stars = [1, 5, 10, 15, 20]

[service.elder-visit]
zh = "探访关爱"
en = "Visit"
per = "hour"
points = 3

[service.patrol]
zh = "巡逻"
en = "Patrol"
per = "hour"
points = 3
least_minutes = 15
most_minutes = 600

[service.clean-up]
zh = "整治"
en = "Clean-up"
per = "hour"
points = 2
payer = "pool"

[service.care]
zh = "照料"
en = "Care"
per = "hour"
points = 1
payer = "pool"
pays = "minutes"

[service.errand]
zh = "代办"
en = "Errand"
per = "hour"
points = 0
payer = "recipient"
pays = "minutes"

[service.lesson]
zh = "辅导"
en = "Lesson"
per = "hour"
points = 4
payer = "recipient"

[service.mediation]
zh = "调解"
en = "Mediation"
per = "occasion"
points = 10
shared = true
approvers = ["registrar", "admin"]

[service.yard]
zh = "庭院"
en = "Yard"
per = "grade"
grades = [["best", 5], ["good", 3], ["fair", 1]]

[service.honour]
zh = "表彰"
en = "Honour"
per = "occasion"
points = 50

[service.blood-donation]
zh = "献血"
en = "Blood"
per = "occasion"
points = 20

[[cap]]
of = "minutes"
per = "member"
in = "day"
most = 720

[[cap]]
of = "occasions"
per = "household"
in = "month"
most = 2
service = "blood-donation"

[[cap]]
of = "points"
per = "member"
in = "month"
most = 40
service = "patrol"

[[cap]]
of = "occasions"
per = "member"
in = "year"
most = 3
service = "yard"

[[multiplier]]
percent = 150
first = 2026-02-10
last = 2026-03-05
services = ["patrol", "yard"]

[[multiplier]]
percent = 33
first = 2026-03-06
last = 2026-03-20

[deduction.rubbish]
zh = "乱倒垃圾"
en = "Rubbish"
points = 5

[deduction.banquet]
zh = "大操大办"
en = "Banquet"
points = 70

[gift]
units = ["points", "minutes"]
to = ["relative", "pool"]
relations = ["parent", "spouse"]

[order.repair]
zh = "维修"
en = "Repair"
days = 3

[order.wish]
zh = "微心愿"
en = "Small wish"
wish = true

[rating]
residents = 50
reviewers = [["street", 30], ["owners", 20]]
grades = [90, 80, 70, 60]
"""

NOTICE: Final = (
    VILLAGE.replace('rounding = "half-up"', 'rounding = "up"\nnotice_days = 2')
    .replace('expiry = "months"\nexpiry_months = 1', 'expiry = "year-after"')
    .replace("hold_at_most_minutes = 700", "hold_at_most_minutes = 300")
    .replace('units = ["points", "minutes"]', 'units = ["minutes"]')
)
SHARP: Final = (
    VILLAGE.replace('rounding = "half-up"\noverlap = "refused"', 'start = "required"\nnotice_days = 1')
    .replace("expiry_months = 1", "expiry_months = 2")
    .replace("hold_at_most_minutes = 700\n", "")
    .replace("most = 720", "most = 480")
)
