"""Settling, typed: what is due, the settlement, and the sheet that both sides sign."""

from __future__ import annotations

from tests.cli.conftest import Shell
from tests.cli.test_counter import CLERK, SOON, TWO, said

LAST = ("--last", "2026-02-28")


def settled(shell: Shell) -> Shell:
    shell.run("settle", "FILE", "yungu-shop", *LAST, *TWO)
    return shell


def test_what_is_due_is_shown_and_paid_once(both: Shell) -> None:
    due = both.json("settlements-due", "FILE", *LAST)["rows"]
    assert [(row["shop"], row["first"], row["last"], row["to-pay"], row["yuan"]) for row in due] == [
        ("yungu-shop", "2026-02-11", "2026-02-28", 46, "46.00")
    ]
    said(
        both,
        both.out("settlements-due", "FILE", *LAST),
        "In all: 46 points, 46.00 yuan.",
        "合计 46 分，46.00 元。",
    )
    out = both.out("settle", "FILE", "yungu-shop", *LAST, *TWO)
    said(
        both, out, "Settled 云谷积分超市 through 2026-02-28: 46 points", "云谷积分超市 已结算到 2026-02-28：46 分"
    )
    assert both.json("settlements-due", "FILE", *LAST)["rows"] == []
    assert "[settled-already]" in both.error("settle", "FILE", "yungu-shop", *LAST, *TWO, code=3)
    later = ("--last", "2026-03-01")
    assert "[nothing-to-settle]" in both.error("settle", "FILE", "yungu-shop", *later, *TWO, code=3)
    rows = both.json("settlements", "FILE", "--shop", "yungu-shop")["rows"]
    assert [(row["last"], row["taken"], row["paid"], row["seq"]) for row in rows] == [("2026-02-28", 46, 46, 20)]
    said(both, both.out("settlements", "FILE"), "In all: 46 points.", "合计 46 分。")
    said(
        both,
        both.out("journal", "FILE", "--from", "20"),
        "46 points for 2026-02-11 to 2026-02-28",
        "46 分，2026-02-11 至",
    )
    assert "No findings." in both.out("verify", "FILE", "--lang", "en")


def test_a_day_that_is_not_over_is_not_settled(both: Shell) -> None:
    assert "[settlement-too-early]" in both.error("settle", "FILE", "yungu-shop", "--last", SOON, *TWO, code=2)
    assert "[settlement-too-early]" in both.error("settlements-due", "FILE", "--last", SOON, code=2)


def test_the_sheet_is_printed_for_both_to_sign(shell: Shell) -> None:
    assert (
        settled(shell).out("settlement", "FILE", "20")
        == """\
                           SETTLEMENT
----------------------------------------------------------------
shop          云谷积分超市 (yungu-shop)
organisation  云谷社区 (yungu)
days          2026-02-11 to 2026-02-28
entry         20
taken in      46 points
given back    0 points
other days    0 points
to pay        46 points
one point is  1.00 yuan
to pay        46.00 yuan
by            clerk-3
approved      committee-1

Goods handed out on these days:
good      pieces  name
--------  ------  ---------
rice-5kg       1  Rice-5-kg
soap           2  Soap

For 云谷积分超市: ____________________  Date: __________
For 云谷社区:     ____________________  Date: __________
"""
    )


def test_the_sheet_is_printed_in_chinese(shell: Shell) -> None:
    assert (
        settled(shell).in_chinese().out("settlement", "FILE", "20")
        == """\
                            结 算 单
----------------------------------------------------------------
店        云谷积分超市 (yungu-shop)
组织      云谷社区 (yungu)
期间      2026-02-11 至 2026-02-28
流水账号  20
收入      46 分
退回      0 分
他期      0 分
应付      46 分
每分折合  1.00 元
应付金额  46.00 元
经办人    clerk-3
审核人    committee-1

期间发出的商品：
编号      件数  名称
--------  ----  ---------
rice-5kg     1  大米5千克
soap         2  香皂

云谷积分超市（签字）： ____________________  日期： __________
云谷社区（签字）：     ____________________  日期： __________
"""
    )


def test_a_sheet_says_that_it_was_taken_back(both: Shell) -> None:
    settled(both).run("reverse", "FILE", "20", *TWO)
    said(
        both,
        both.out("settlement", "FILE", "20"),
        "TAKEN BACK by entry 21: not valid.",
        "已由第 21 号分录冲正：作废。",
    )
    assert both.json("settlement", "FILE", "20")["taken_back_by"] == 21
    assert both.json("settlements", "FILE")["rows"] == []


def test_the_sheet_as_json(both: Shell) -> None:
    sheet = settled(both).json("settlement", "FILE", "20")
    assert sheet["goods"] == {"rice-5kg": 1, "soap": 2}
    assert (sheet["paid"], sheet["fen"], sheet["by"], sheet["ok"]) == (46, 4600, "clerk-3", "committee-1")
    assert "[unknown-settlement]" in both.error("settlement", "FILE", "19", code=2)


def test_goods_that_come_back_after_the_settlement_need_new_takings(both: Shell) -> None:
    settled(both)
    refused = both.error("return", "FILE", "19", "soap=1", *TWO, code=3)
    assert "[not-enough-takings]" in refused
    both.run("redeem", "FILE", "yungu-shop", "soap=1", "--card", "0001", *CLERK)
    both.run("return", "FILE", "19", "soap=1", *TWO)
