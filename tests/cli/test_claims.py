"""Claims, deductions and appeals at the keyboard, in two languages."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from tests.cli.conftest import REDEMPTION, Shell
from timebank.checking import verify_file

RULES = """
name = "with-notice"
title.zh = "公示细则"
title.en = "Rules with notice"
[rules]
notice_days = 3
appeal_days = 30
[service.patrol]
zh = "巡逻值守"
en = "Patrol"
per = "hour"
points = 3
[service.hygiene]
zh = "卫生评比"
en = "Hygiene"
per = "grade"
grades = [["best", 5], ["good", 3]]
[deduction.rubbish]
zh = "乱倒垃圾"
en = "Rubbish dumped"
points = 5
"""
CLAIM = REDEMPTION + 2
EVIDENCE = "ab" * 32


@pytest.fixture
def noticed(both: Shell) -> Shell:
    """Three days of public notice from 1 March on; the next entry is CLAIM."""
    rules = both.file.parent / "rules.toml"
    rules.write_text(RULES, encoding="utf-8")
    both.out("rulebook", "adopt", "FILE", str(rules), "--from", "2026-03-01", "--by", "admin")
    return both


DEDUCT = "deduct FILE rubbish --card 0001 --day 2026-03-10 --by clerk-3 --approved-by committee-1"
APPOINT = "operator appoint FILE committee-2 --org yungu --role supervisor --by admin"
ENROL = "enrol FILE --org yungu --by grid-7"


def english(shell: Shell) -> bool:
    return not str(shell.environment["LC_ALL"]).startswith("zh")


def submit(shell: Shell, *more: str) -> str:
    words = "claim submit FILE patrol --card 0001 --minutes 90 --day 2026-03-02 --by clerk-3"
    return shell.out(*words.split(), *more)


def approve(shell: Shell, claim: int = CLAIM) -> str:
    return shell.out(*f"claim approve FILE {claim} --by committee-1".split())


def post(shell: Shell) -> str:
    """Post CLAIM four days from now."""
    with time_machine.travel(datetime.now(UTC) + timedelta(days=4)):
        return shell.out(*f"claim post FILE {CLAIM} --by clerk-3".split())


def test_a_claim_is_submitted_approved_and_posted(noticed: Shell) -> None:
    said = [submit(noticed), approve(noticed), post(noticed)]
    until = noticed.json("claim", "show", "FILE", str(CLAIM))["notice_until"]
    wanted = {
        True: [
            f"Submitted claim {CLAIM}: Patrol on 2026-03-02, members: 1.",
            f"Approved claim {CLAIM}. Public notice through {until}.",
            f"Posted claim {CLAIM}: Patrol, 4 points and 1 h 30 min, members: 1.",
        ],
        False: [
            f"已提交申报 {CLAIM}：巡逻值守，2026-03-02，1 名成员。",
            f"申报 {CLAIM} 审核通过，公示到 {until}。",
            f"申报 {CLAIM} 已入账：巡逻值守，1 名成员共 4 积分、1 小时 30 分钟。",
        ],
    }[english(noticed)]
    assert [text.splitlines()[0] for text in said] == wanted
    assert noticed.json("balance", "FILE", "--card", "0001")["points"] == 28


def test_a_claim_of_several_is_shown_whole(noticed: Shell) -> None:
    member = noticed.json("card", "show", "FILE", "0001")["member"]
    other = noticed.out(*ENROL.split())
    second = next(word for word in other.replace("（", " ").split() if len(word) == 10 and word.isupper())
    submit(noticed, "--member", second, "--start", "19:30", "--evidence", EVIDENCE)
    shown = noticed.json("claim", "show", "FILE", str(CLAIM + 1))
    assert shown["members"] == [member, second]
    assert shown["items"] == [{"member": each, "minutes": 90, "start": "19:30"} for each in (member, second)]
    assert (shown["state"], shown["evidence"], shown["award"]) == ("submitted", EVIDENCE, None)
    text = noticed.out("claim", "show", "FILE", str(CLAIM + 1))
    assert ("submitted" if english(noticed) else "待审核") in text
    assert text.count("19:30") == 2
    assert EVIDENCE in text


def test_objections_rejections_and_withdrawals_say_what_happened(noticed: Shell) -> None:
    for _ in range(3):
        submit(noticed)
    noticed.out(*f"claim approve FILE {CLAIM} --by committee-1".split())
    steps = (
        f"claim object FILE {CLAIM} --reason not-done --by clerk-3",
        f"claim dismiss FILE {CLAIM} --by committee-1",
        f"claim object FILE {CLAIM} --reason not-done --by clerk-3",
        f"claim uphold FILE {CLAIM} --reason not-done --by committee-1",
        f"claim reject FILE {CLAIM + 1} --reason not-done --by committee-1",
        f"claim withdraw FILE {CLAIM + 2} --by clerk-3",
    )
    said = [noticed.out(*line.split()).splitlines()[0] for line in steps]
    if english(noticed):
        assert said == [
            f"Recorded an objection to claim {CLAIM}.",
            f"Dismissed the objection to claim {CLAIM}, which is approved again.",
            f"Recorded an objection to claim {CLAIM}.",
            f"Upheld the objection to claim {CLAIM}, which is rejected.",
            f"Rejected claim {CLAIM + 1}.",
            f"Withdrew claim {CLAIM + 2}.",
        ]
    assert all(str(CLAIM + place) in text for place, text in zip((0, 0, 0, 0, 1, 2), said, strict=True))
    states = [row["state"] for row in noticed.json("claim", "list", "FILE")["rows"]]
    assert states == ["rejected", "rejected", "withdrawn"]


def test_a_running_notice_is_an_error_with_its_day(noticed: Shell) -> None:
    submit(noticed)
    noticed.out(*f"claim approve FILE {CLAIM} --by committee-1".split())
    said = noticed.error(*f"claim post FILE {CLAIM} --by clerk-3".split(), code=3)
    assert "[notice-running]" in said
    assert ("public notice" if english(noticed) else "公示到") in said


def test_where_notice_is_wanted_recording_says_what_to_do(noticed: Shell) -> None:
    words = "record FILE patrol --card 0001 --minutes 60 --day 2026-03-02 --by clerk-3 --approved-by committee-1"
    said = noticed.error(*words.split(), code=3)
    assert "[claim-needed]" in said


def test_claims_are_listed_as_a_table_json_and_a_file(noticed: Shell, tmp_path: Path) -> None:
    submit(noticed)
    submit(noticed)
    approve(noticed)
    table = noticed.out("claim", "list", "FILE").splitlines()
    assert len(table) == 6
    file = tmp_path / "claims.csv"
    noticed.out("claim", "list", "FILE", "--state", "approved", "--csv", str(file))
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == [str(CLAIM)]
    assert "[bad-code]" in noticed.error("claim", "list", "FILE", "--state", "lost", code=2)


def test_a_graded_service_with_a_start_and_evidence_is_recorded_in_one_step(both: Shell) -> None:
    rules = both.file.parent / "rules.toml"
    rules.write_text(RULES.replace("notice_days = 3", "notice_days = 0"), encoding="utf-8")
    both.out("rulebook", "adopt", "FILE", str(rules), "--from", "2026-03-01", "--by", "admin")
    words = (
        "record FILE hygiene --card 0001 --grade best --minutes 20 --start 09:00 --day 2026-03-02"
        f" --evidence {EVIDENCE} --by clerk-3 --approved-by committee-1"
    )
    assert "+5" in both.out(*words.split())
    journal = both.out("journal", "FILE", "--from", str(CLAIM))
    assert ("best" if english(both) else "好") in journal
    assert "[evidence-seen]" in both.error(*words.split(), code=3)
    claim = submit(both)
    assert str(CLAIM + 1) in claim
    said = both.out(*f"claim approve FILE {CLAIM + 1} --by committee-1".split())
    assert ("No public notice" if english(both) else "无须公示") in said


def test_points_are_deducted_appealed_and_given_back(noticed: Shell) -> None:
    noticed.out(*APPOINT.split())
    deduction = CLAIM + 1
    said = [
        noticed.out(*line.split()).splitlines()[0]
        for line in (
            "deduct FILE rubbish --card 0001 --day 2026-03-10 --by clerk-3 --approved-by committee-1",
            f"appeal lodge FILE {deduction} --reason not-me --day 2026-03-11 --by clerk-3",
            f"appeal grant FILE {deduction} --by committee-2 --approved-by admin",
        )
    ]
    member = noticed.json("card", "show", "FILE", "0001")["member"]
    assert (
        said
        == {
            True: [
                f"Rubbish dumped: took 5 of 5 points from the member {member}.",
                f"Lodged an appeal against entry {deduction}.",
                f"Granted the appeal against entry {deduction}: 5 points are given back.",
            ],
            False: [
                f"乱倒垃圾：应扣 5 积分，已从成员 {member} 扣除 5 积分。",
                f"已受理对第 {deduction} 号分录的申诉。",
                f"已支持对第 {deduction} 号分录的申诉，退回 5 积分。",
            ],
        }[english(noticed)]
    )
    assert noticed.json("balance", "FILE", "--card", "0001")["points"] == 24
    (row,) = noticed.json("appeal", "list", "FILE")["rows"]
    assert (row["deduction"], row["member"], row["state"]) == (deduction, member, "granted")
    assert len(noticed.out("appeal", "list", "FILE", "--state", "granted").splitlines()) == 4


def test_an_appeal_that_is_denied_says_so(noticed: Shell) -> None:
    noticed.out(*APPOINT.split())
    noticed.out(*DEDUCT.split())
    noticed.out(*f"appeal lodge FILE {CLAIM + 1} --reason not-me --day 2026-03-11 --by clerk-3".split())
    said = noticed.out(*f"appeal deny FILE {CLAIM + 1} --by committee-2 --approved-by admin".split())
    assert ("Denied" if english(noticed) else "已驳回") in said


def test_the_journal_says_every_step_in_words(noticed: Shell) -> None:
    submit(noticed)
    approve(noticed)
    post(noticed)
    noticed.out(*DEDUCT.split())
    text = noticed.out("journal", "FILE", "--from", str(CLAIM))
    words = (
        (f"claim {CLAIM}: submitted", f"claim {CLAIM}: approved", "Rubbish dumped, 5 points")
        if english(noticed)
        else (f"申报 {CLAIM}：申报", f"申报 {CLAIM}：审核通过", "乱倒垃圾，5 积分")
    )
    assert all(word in text for word in words)


def test_a_file_with_claims_is_the_same_after_a_rebuild(noticed: Shell) -> None:
    submit(noticed, "--evidence", EVIDENCE)
    approve(noticed)
    post(noticed)
    before = noticed.json("claim", "list", "FILE")
    noticed.out("rebuild", "FILE")
    assert noticed.json("claim", "list", "FILE") == before
    assert verify_file(noticed.file).findings == ()
