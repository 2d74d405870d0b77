"""What is said of a wrong rulebook: each problem once, in words that name the table, the key and the value."""

from __future__ import annotations

import json

import pytest

from tests.programme.test_rulebook import LEAST, WHOLE, changed, line_of, refused
from timebank.programme.rulebook import parse_rulebook
from timebank.programme.rulebook_source import rulebook_lines
from timebank.programme.rulebook_text import rulebook_problems
from timebank.tlog.canonical import MAX_TEXT


def said(text: str, language: str = "en") -> list[str]:
    return [problem.reason(language) for problem in rulebook_problems(text)]


def test_the_texts_of_these_tests_are_sound() -> None:
    assert said(WHOLE) == said(LEAST) == []


@pytest.mark.parametrize(
    ("line", "where", "name"),
    [
        ('name = "whole"\n', "the rulebook", "name"),
        ('title.zh = "细则"\n', "[title]", "zh"),
        ('title.en = "Rules"\n', "[title]", "en"),
        ('title.zh = "细则"\ntitle.en = "Rules"\n', "the rulebook", "title"),
        ('zh = "巡逻"\n', "[service.patrol]", "zh"),
        ('en = "Patrol"\n', "[service.patrol]", "en"),
        ('per = "hour"\n', "[service.patrol]", "per"),
        ("points = 3\n", "[service.patrol]", "points"),
        ('grades = [["best", 5], ["good", 3], ["fair", 1]]\n', "[service.check]", "grades"),
        ('of = "minutes"\n', "[[cap]] 1", "of"),
        ('per = "household"\n', "[[cap]] 2", "per"),
        ('in = "month"\n', "[[cap]] 2", "in"),
        ("most = 4\n", "[[cap]] 2", "most"),
        ("percent = 150\n", "[[multiplier]] 1", "percent"),
        ("first = 2026-02-01\n", "[[multiplier]] 1", "first"),
        ("last = 2026-02-28\n", "[[multiplier]] 1", "last"),
        ('zh = "垃圾"\n', "[deduction.rubbish]", "zh"),
        ('en = "Rubbish"\n', "[deduction.rubbish]", "en"),
        ("points = 5\n", "[deduction.rubbish]", "points"),
        ('units = ["points", "minutes"]\n', "[gift]", "units"),
        ('to = ["relative", "pool"]\n', "[gift]", "to"),
        ('zh = "维修"\n', "[order.repair]", "zh"),
        ('en = "Repair"\n', "[order.repair]", "en"),
    ],
)  # fmt: skip
def test_what_a_table_cannot_do_without_is_missed_in_it_and_nothing_else_is(
    line: str, where: str, name: str
) -> None:
    text = changed(line, "")
    assert said(text) == [f"{where} lacks {name}"]
    assert said(text, "zh_CN") == [f"{where.replace('the rulebook', '积分细则')} 缺少 {name}"]


ID = "is no id of 1 to 32 small letters, digits and hyphens, not beginning with a hyphen"
NAME = "is no name of 1 to 80 printable characters without spaces at its ends"
PAIRS = 'is no list of pairs of an id and a number, like [["best", 5], ["good", 3]]'
DAY = "is no day, written like 2026-02-01 without quotation marks"
SERVICES = "there are patrol, mediation, check"
ROLES = "clerk, registrar, supervisor, admin"
RULES_BY, PATROL_BY = 'approvers = ["supervisor", "admin"]', 'approvers = ["clerk"]'


@pytest.mark.parametrize(
    ("old", "new", "reasons"),
    [
        # words
        (
            'rounding = "half-up"',
            'rounding = "near"',
            ["[rules]: rounding is near, and none of: down, up, half-up"],
        ),
        ('overlap = "refused"', "overlap = false", ["[rules]: overlap is false, and none of: allowed, refused"]),
        ('start = "required"', "start = {}", ["[rules]: start is {...}, and none of: optional, required"]),
        (
            'expiry = "months"',
            "expiry = []",
            ["[rules]: expiry is [...], and none of: never, year-end, year-after, months"],
        ),
        ('per = "hour"', 'per = "day"', ["[service.patrol]: per is day, and none of: hour, occasion, grade"]),
        (
            'payer = "recipient"',
            'payer = "nobody"',
            ["[service.patrol]: payer is nobody, and none of: programme, pool, recipient"],
        ),
        ('pays = "minutes"', 'pays = "hours"', ["[service.patrol]: pays is hours, and none of: points, minutes"]),
        ('of = "minutes"', 'of = "hours"', ["[[cap]] 1: of is hours, and none of: minutes, points, occasions"]),
        ('per = "member"', 'per = "person"', ["[[cap]] 1: per is person, and none of: member, household"]),
        ('in = "month"', 'in = "week"', ["[[cap]] 2: in is week, and none of: day, month, year"]),
        (RULES_BY, 'approvers = ["anybody"]', [f"[rules]: approvers is no list of one or more of: {ROLES}"]),
        (PATROL_BY, "approvers = []", [f"[service.patrol]: approvers is no list of one or more of: {ROLES}"]),
        (PATROL_BY, 'approvers = ["clerk", "clerk"]', ["[service.patrol]: approvers names something twice"]),
        (
            'units = ["points", "minutes"]',
            'units = "points"',
            ["[gift]: units is no list of one or more of: points, minutes"],
        ),
        (
            'to = ["relative", "pool"]',
            'to = ["friend"]',
            ["[gift]: to is no list of one or more of: relative, pool"],
        ),
        (
            'relations = ["parent", "child"]',
            'relations = ["My uncle"]',
            ["[gift]: relations is no list of one or more ids"],
        ),
        ('services = ["patrol"]', "services = []", ["[[multiplier]] 1: services is no list of one or more ids"]),
        # numbers, days, names
        ("notice_days = 3", "notice_days = 31", ["[rules]: notice_days is no whole number from 0 to 30: 31"]),
        ("most = 4\n", "most = 0\n", ["[[cap]] 2: most is no whole number from 1 to 10000000: 0"]),
        ("stars = [10, 20,", "stars = [10, [],", ["[rules]: stars is no whole number from 1 to 1000000: [...]"]),
        ("stars = [10, 20,", "stars = [10,", ["[rules]: stars is no list of 5 whole numbers"]),
        ("grades = [95, 85, 75, 65]", "grades = 95", ["[rating]: grades is no list of 4 whole numbers"]),
        ('["good", 3]', '["good", 0]', ["[service.check]: grades is no whole number from 1 to 10000: 0"]),
        ("reviewers = [", "reviewers = 5 # [", [f"[rating]: reviewers {PAIRS}"]),
        ('grades = [["best", 5], ["good", 3], ["fair", 1]]', "grades = []", [f"[service.check]: grades {PAIRS}"]),
        ('["good", 3]', '["best", 3]', ["[service.check]: grades names something twice"]),
        ("shared = true", 'shared = "yes"', ["[service.mediation]: shared is neither true nor false: yes"]),
        ("wish = true", "wish = 1", ["[order.wish]: wish is neither true nor false: 1"]),
        ("first = 2026-02-01", 'first = "2026-02-01"', [f"[[multiplier]] 1: first {DAY}: 2026-02-01"]),
        ("last = 2026-02-28", "last = true", [f"[[multiplier]] 1: last {DAY}: true"]),
        ('zh = "垃圾"', "zh = 5", [f"[deduction.rubbish]: zh {NAME}: 5"]),
        ('en = "Rubbish"', 'en = " Rubbish"', [f"[deduction.rubbish]: en {NAME}:  Rubbish"]),
        ('name = "whole"', 'name = "The whole"', [f"the rulebook: name {ID}: The whole"]),
        ('service = "mediation"', "service = []", [f"[[cap]] 2: service {ID}: [...]"]),
        ("[deduction.rubbish]", "[deduction.Rubbish]", [f"[deduction.Rubbish]: deduction {ID}: Rubbish"]),
        # what does not belong
        ("days = 3\n\n", "dais = 3\n\n", ["[order.repair] has dais, which this version does not know"]),
        ("[gift]", "[gifts]", ["the rulebook has gifts, which this version does not know"]),
        (
            "points = 10",
            "points = 10\ngrades = [['best', 5]]",
            ["[service.mediation] is not by grade: grades do not belong, only points do"],
        ),
        (
            'per = "grade"',
            'per = "grade"\npoints = 1',
            ["[service.check] is by grade: points do not belong, the points are those of the grades"],
        ),
        # what contradicts itself
        (
            "most_minutes = 480",
            "most_minutes = 29",
            ["[service.patrol]: least_minutes (30) is more than most_minutes (29)"],
        ),
        (
            "pays = ",
            "shared = true\npays = ",
            ["[service.patrol] is shared: only points by the occasion can be"],
        ),
        ("points = 10", "points = 0", ["[service.mediation] is shared and has no points to share"]),
        (
            "shared = true",
            'payer = "pool"\npays = "minutes"',
            ["[service.mediation]: the pool pays minutes, but only a service by the hour always has minutes"],
        ),
        (
            'service = "mediation"',
            'service = "meditation"',
            [f"[[cap]] 2: there is no service meditation; {SERVICES}"],
        ),
        (
            'services = ["patrol"]',
            'services = ["petrol", "patrols"]',
            [f"[[multiplier]] 1: there is no service {name}; {SERVICES}" for name in ("petrol", "patrols")],
        ),
        (
            'service = "mediation"',
            'service = "patrol"',
            ["[[cap]] 2: patrol is by the hour and has no occasions to cap"],
        ),
        (
            "most = 480",
            "most = 29",
            ["[[cap]] 1: most (29) is less than the least_minutes of patrol (30), which could never be recorded"],
        ),
        (
            "last = 2026-02-28",
            "last = 2026-01-31",
            ["[[multiplier]] 1: last (2026-01-31) is before first (2026-02-01)"],
        ),
        (
            'services = ["mediation", "check"]',
            "",
            ["[[multiplier]] 2 and [[multiplier]] 1 meet on a day for a service: which one holds?"],
        ),
        (
            "stars = [10, 20,",
            "stars = [20, 20,",
            ["[rules]: each number of stars has to be more than the one before"],
        ),
        ("85, 75, 65]", "85, 75, 75]", ["[rating]: each number of grades has to be less than the one before"]),
        (
            '["street", 30]',
            '["residents", 31]',
            [
                "[rating]: residents and reviewers sum to 101, and not to 100",
                "[rating]: reviewers names something twice",
            ],
        ),
    ],
)
def test_each_problem_is_said_with_its_table_key_and_value(old: str, new: str, reasons: list[str]) -> None:
    assert said(changed(old, new)) == reasons


@pytest.mark.parametrize("length", [40, 41])
def test_a_long_value_is_said_in_forty_characters(length: int) -> None:
    value = "0123456789" * 4 + "x" * (length - 40)
    shown = value if length == 40 else "0123456789" * 3 + "0123456..."
    text = changed('rounding = "half-up"', f'rounding = "{value}"')
    assert said(text) == [f"[rules]: rounding is {shown}, and none of: down, up, half-up"]


HEAD = LEAST.partition("[service")[0]
MINUTES_A_DAY = '[[cap]]\nof = "minutes"\nin = "day"\n'


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (HEAD + "service = 5\n", ["there is no [service.ID]", "[service] is no table"]),
        (HEAD + "service.patrol = 5\n", ["[service.patrol] is no table"]),
        ("gift = 5\n" + LEAST, ["[gift] is no table"]),
        ("rules = []\n" + LEAST, ["[rules] is no table"]),
        ("cap = 5\n" + LEAST, ["cap is no list of tables: write [[cap]]"]),
        ("multiplier = [5]\n" + LEAST, ["[[multiplier]] 1 is no table"]),
        ("deduction = 5\n" + LEAST, ["[deduction] is no table"]),
        ("order.repair = 5\n" + LEAST, ["[order.repair] is no table"]),
    ],
)
def test_what_is_no_table_lacks_nothing(text: str, reasons: list[str]) -> None:
    assert sorted(said(text)) == sorted(reasons)


@pytest.mark.parametrize(
    ("first", "second", "line", "reason"),
    [
        ("household", "member", 15, "[[cap]] 1: a household's most (59) is less than that of one member (60)"),
        ("member", "household", 20, "[[cap]] 2: a household's most (59) is less than that of one member (60)"),
        ("member", "member", 16, "[[cap]] 2 caps the same as [[cap]] 1"),
    ],
)
def test_two_caps_are_compared_whichever_stands_first(first: str, second: str, line: int, reason: str) -> None:
    mosts = {"household": 59, "member": 60}
    caps = [f'{MINUTES_A_DAY}per = "{per}"\nmost = {mosts[per]}\n' for per in (first, second)]
    assert [(each.line, each.reason()) for each in rulebook_problems(LEAST + "\n" + "".join(caps))] == [
        (line, reason)
    ]


@pytest.mark.parametrize(("last", "reasons"), [("2026-02-28", 0), ("2026-03-01", 1)])
def test_multipliers_may_stand_in_any_order_and_still_not_meet(last: str, reasons: int) -> None:
    text = LEAST + (
        "[[multiplier]]\npercent = 50\nfirst = 2026-03-01\nlast = 2026-03-31\n"
        f"[[multiplier]]\npercent = 150\nfirst = 2026-02-01\nlast = {last}\n"
    )
    meet = "[[multiplier]] 2 and [[multiplier]] 1 meet on a day for a service: which one holds?"
    assert said(text) == [meet] * reasons


def test_a_program_is_told_the_facts_of_a_problem_numbers_as_numbers_and_texts_as_they_are() -> None:
    text = changed("notice_days = 3", "notice_days = 31")
    facts = {"where": "[rules]", "name": "notice_days", "value": "31", "least": 0, "most": 30}
    assert [dict(each.facts) for each in rulebook_problems(text)] == [facts]
    error = refused(changed('zh = "垃圾"', 'zh = " 垃圾"'))
    assert json.loads(error.about) == {"where": "[deduction.rubbish]", "name": "zh", "value": " 垃圾", "most": 80}
    assert '" 垃圾"' in error.about


# --- the line


def test_lines_are_counted_alike_however_they_end() -> None:
    assert rulebook_lines("\n# one\r\n\r\n# two\n") == ("", "# one", "", "# two")
    assert rulebook_lines("# one\n# two") == ("# one", "# two")
    assert parse_rulebook(WHOLE.replace("\n", "\r\n")) == parse_rulebook(WHOLE)


@pytest.mark.parametrize(
    ("text", "problem", "part"),
    [
        (HEAD + "[service]\n", "no-service", "[service]"),
        (LEAST.replace("[service.patrol]", '[ "service" . \'patrol\' ]') + "X-ray = 1\n", "unknown-key", "X-ray"),
        (LEAST + "x = 1\n", "unknown-key", "x = 1"),
        (LEAST + 'rules = "' + "x" * MAX_TEXT + '"\n', "line-too-long", "rules"),
        (LEAST + "# " + "x" * (MAX_TEXT - 3) + "\u202e\n", "character", "# x"),
        (LEAST + "[rules]\nstars = [10,\n  # no end", "toml-value", "  # no end"),
    ],
)  # fmt: skip
def test_a_problem_stands_on_the_line_of_what_is_wrong(text: str, problem: str, part: str) -> None:
    error = refused(text)
    assert (error.problem, error.line) == (problem, line_of(text, part))


def test_what_stands_nowhere_is_a_problem_of_the_whole_text() -> None:
    assert refused(None).line == 0  # type: ignore[arg-type]
    assert refused(LEAST.replace("name", "nome", 1)).line == 0


# --- what may be left out, and every word that there is


def test_an_empty_table_says_what_no_table_says() -> None:
    assert parse_rulebook(LEAST + "[rules]\n[rating]\n") == parse_rulebook(LEAST)
    text = changed('to = ["relative", "pool"]\nrelations = ["parent", "child"]', 'to = ["pool"]')
    gift = parse_rulebook(text).gift
    assert gift is not None
    assert gift.relations == ()


@pytest.mark.parametrize(
    ("old", "words", "read"),
    [
        ('rounding = "half-up"', "down up half-up", "rules.rounding"),
        ('overlap = "refused"', "allowed refused", "rules.overlap"),
        ('start = "required"', "optional required", "rules.start"),
        ('expiry = "months"\nexpiry_months = 12', "never year-end year-after", "rules.expiry"),
        ('payer = "recipient"\npays = "minutes"', "programme pool recipient", "services.0.payer"),
        ('pays = "minutes"', "points minutes", "services.0.pays"),
        ('per = "hour"', "hour occasion", "services.0.per"),
        ('of = "minutes"', "minutes points occasions", "caps.0.of"),
        ('per = "household"', "member household", "caps.1.per"),
        ('in = "month"', "day month year", "caps.1.period"),
        ('approvers = ["clerk"]', "clerk registrar supervisor admin", "services.0.approvers.0"),
        ('approvers = ["supervisor", "admin"]', "clerk registrar supervisor admin", "rules.approvers.0"),
        ('units = ["points", "minutes"]', "points minutes", "gift.units.0"),
        ('to = ["relative", "pool"]', "relative", "gift.to.0"),
    ],
)  # fmt: skip
def test_every_word_may_be_written(old: str, words: str, read: str) -> None:
    key, _, value = old.partition("\n")[0].partition(" = ")
    for word in words.split():
        written = f'["{word}"]' if value.startswith("[") else f'"{word}"'
        text = changed(old, f"{key} = {written}")
        if read.endswith(".per") and word == "occasion":
            text = text.replace('payer = "recipient"\npays = "minutes"\n', "")
        found: object = parse_rulebook(text)
        for name in read.split("."):
            found = found[int(name)] if isinstance(found, tuple) else getattr(found, name)
        assert found == word
