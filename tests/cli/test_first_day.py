"""A community's first day, in commands, and what it leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.conftest import FIRST_DAY, REDEMPTION, Shell

if TYPE_CHECKING:
    from pathlib import Path


def test_the_whole_first_day_runs_and_verifies(first_day_outputs: tuple[Path, list[str]], shell: Shell) -> None:
    _, outputs = first_day_outputs
    assert len(outputs) == len(FIRST_DAY.strip().splitlines())
    assert all(outputs)
    assert "No findings." in shell.out("verify", "FILE")


def test_the_whole_first_day_runs_in_chinese(fresh: Shell) -> None:
    chinese = fresh.in_chinese()
    outputs = [chinese.out(*line.split()) for line in FIRST_DAY.strip().splitlines()]
    assert "已建立账本" in outputs[0]
    assert "剩余积分" in outputs[-1]
    assert "没有审计发现。" in chinese.out("verify", "FILE")


def test_the_report_has_the_numbers_of_the_day(shell: Shell) -> None:
    assert shell.json("report", "FILE") == {
        "organisations": 1,
        "members": 2,
        "cards_issued": 2,
        "shops": 1,
        "service_minutes": 1200,
        "points_awarded": 70,
        "redemptions": 1,
        "points_redeemed": 46,
        "points_settled": 0,
        "points_deducted": 0,
        "points_expired": 0,
        "points_outstanding": 24,
        "entries": 20,
    }


def test_the_slip_says_what_a_member_wants_to_know(first_day_outputs: tuple[Path, list[str]]) -> None:
    lines = first_day_outputs[1][-1].splitlines()
    assert lines == [
        "          云谷积分超市",
        "--------------------------------",
        "Rice-5-kg            1 x 40 = 40",
        "Soap                   2 x 3 = 6",
        "--------------------------------",
        "Total                  46 points",
        "Points left            24 points",
        "--------------------------------",
        "Card                        0001",
        "Day                   2026-02-11",
        "Entry                         19",
        "Clerk                    clerk-3",
    ]


def test_a_command_sent_twice_prints_the_same_slip_and_says_so(
    shell: Shell, first_day_outputs: tuple[Path, list[str]]
) -> None:
    again = shell.out(*FIRST_DAY.strip().splitlines()[-1].split())
    assert again.startswith("This redemption was recorded before.")
    assert again.endswith(first_day_outputs[1][-1])
    assert shell.json("report", "FILE")["redemptions"] == 1


def test_a_reversal_gives_points_and_goods_back(both: Shell) -> None:
    both.run(*f"reverse FILE {REDEMPTION} --reason returned --by clerk-3 --approved-by committee-1".split())
    assert both.json("balance", "FILE", "--card", "0001")["points"] == 70
    assert both.json("stock", "FILE", "yungu-shop")["goods"] == {"rice-5kg": 40, "soap": 10}
    assert both.json("report", "FILE")["redemptions"] == 0
    refused = both.error(*f"reverse FILE {REDEMPTION} --by clerk-3 --approved-by committee-1".split(), code=3)
    assert "[already-resolved]" in refused


def test_a_lost_card_is_blocked_and_replaced_and_the_points_stay(both: Shell) -> None:
    both.run("card", "block", "FILE", "0001", "--by", "clerk-3")
    assert "[card-blocked]" in both.error("balance", "FILE", "--card", "0001", code=3)
    both.run("card", "replace", "FILE", "0001", "--new", "0077", "--by", "grid-7")
    assert both.json("card", "show", "FILE", "0001")["state"] == "replaced"
    assert both.json("balance", "FILE", "--card", "0077")["points"] == 24


def test_a_further_card_is_issued_to_a_member(both: Shell) -> None:
    member = both.json("card", "show", "FILE", "0001")["member"]
    both.run("card", "issue", "FILE", member, "--card", "0002", "--by", "grid-7")
    assert both.json("card", "show", "FILE", "0002") == {
        "card": "0002",
        "member": member,
        "state": "active",
        "seq": 20,
    }


def test_a_household_without_a_card_is_credited_by_its_id(both: Shell) -> None:
    household = both.json("entry", "FILE", "10")["body"]["member"]
    words = f"record FILE patrol --member {household} --minutes 90 --day 2026-02-12 --by grid-7"
    both.run(*words.split(), "--approved-by", "committee-1")
    assert both.json("balance", "FILE", "--member", household) == {
        "member": household,
        "day": None,
        "points": 4,
        "minutes": 90,
    }


def test_operators_can_be_set_once_for_a_whole_day(shell: Shell) -> None:
    names = {"TIMEBANK_BY": "grid-7", "TIMEBANK_APPROVED_BY": "committee-1"}
    day = Shell(shell.file, {**shell.environment, **names})
    day.run(*["record", "FILE", "patrol", "--card", "0001", "--minutes", "60", "--day", "2026-02-12"])
    assert day.json("entry", "FILE", "20")["by"] == "grid-7"
    assert day.json("entry", "FILE", "20")["ok"] == "committee-1"


def test_a_basket_can_be_typed_on_a_chinese_keyboard_and_counts_what_is_named_twice(shell: Shell) -> None:
    shell.run(*["redeem", "FILE", "yungu-shop", "ｓｏａｐ＝１", "soap=1", "--card", "０００１", "--by", "clerk-3"])
    assert shell.json("entry", "FILE", "20")["body"]["goods"] == [["soap", 2, 3]]
