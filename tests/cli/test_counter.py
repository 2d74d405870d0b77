"""At the counter, typed: merchants, limits, goods that come back, reservations; in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import REDEMPTION, Shell

CLERK = ("--by", "clerk-3")
TWO = (*CLERK, "--approved-by", "committee-1")
BOSS = ("--by", "committee-1")
ADMIN = ("--by", "admin")
NAMED = ("--org", "yungu", "--name")
SOON = (datetime.now(UTC).date() + timedelta(days=2)).isoformat()
"""A day that is still to come wherever the test runs."""


def chinese(shell: Shell) -> bool:
    return shell.environment["LC_ALL"] == "zh_CN.UTF-8"


def said(shell: Shell, out: str, english: str, in_chinese: str) -> None:
    assert (in_chinese if chinese(shell) else english) in out


def test_a_merchant_is_opened_and_takes_points_without_stock(both: Shell) -> None:
    out = both.out("shop", "open", "FILE", "bar", *NAMED, "面馆", "--kind", "merchant", "--hours", "8-20", *ADMIN)
    said(both, out, "Opened the caring merchant bar, 面馆.", "已登记爱心商户 bar：面馆。")
    both.run("price", "FILE", "bar", "soap", "2", "--from", "2026-02-01", *BOSS)
    both.run("redeem", "FILE", "bar", "soap=3", "--card", "0001", *CLERK)
    assert both.json("stock", "FILE", "bar")["points_taken"] == 6
    refused = both.error("receive", "FILE", "bar", "soap=3", "--donor", "a", *TWO, code=3)
    assert "[not-for-merchant]" in refused
    assert "No findings." in both.out("verify", "FILE", "--lang", "en")


def test_a_limit_is_set_shown_kept_and_lifted(both: Shell) -> None:
    limit = ("limit", "FILE", "soap", "--from", "2026-02-01")
    out = both.out(*limit, "--most", "3", "--per", "household", "--in", "year", "--least-earned", "9", *BOSS)
    said(
        both,
        out,
        "Soap: at most 3 for a household in a year, for those who have earned 9 points, from 2026-02-01.",
        "香皂：每户每年最多 3 件、累计获得 9 分以上才可兑换，从 2026-02-01 起。",
    )
    shown = both.json("limits", "FILE")["rows"]
    assert [(row["good"], row["shop"], row["most"], row["per"], row["period"]) for row in shown] == [
        ("soap", "", 3, "household", "year")
    ]
    said(both, both.out("limits", "FILE"), "a household  a year", "每户  每年")
    redeem = ("redeem", "FILE", "yungu-shop", "soap=2", "--card", "0001", "--day", "2026-02-12", *CLERK)
    refused = both.error(*redeem, code=3)
    assert "[limit-passed]" in refused
    assert "2026" in refused
    said(both, both.out(*limit, "--lift", *BOSS), "Soap: no limit, from", "香皂：不限兑，从")
    both.run(*redeem)
    assert both.json("limits", "FILE")["rows"] == []


@pytest.mark.parametrize("words", [(), ("--lift", "--most", "3")])
def test_a_limit_says_what_it_limits_or_is_lifted(both: Shell, words: tuple[str, ...]) -> None:
    both.error("limit", "FILE", "soap", "--from", "2026-02-01", *words, *BOSS, code=2)


def test_some_of_the_goods_come_back(both: Shell) -> None:
    out = both.out("return", "FILE", str(REDEMPTION), "soap=1", *TWO)
    said(
        both,
        out,
        "Came back of redemption 19: Soap x 1. 3 points were given back.",
        "第 19 号兑换退货：香皂×1，退还 3 分。",
    )
    assert both.json("balance", "FILE", "--card", "0001")["points"] == 27
    refused = both.error("return", "FILE", str(REDEMPTION), "soap=2", *TWO, code=3)
    assert "[return-too-much]" in refused
    assert "[unknown-redemption]" in both.error("return", "FILE", "3", "soap=1", *TWO, code=2)
    said(both, both.out("journal", "FILE", "--from", "20"), "goods returned", "退货")


def test_goods_are_reserved_and_collected_or_released(both: Shell) -> None:
    reserve = ("reserve", "FILE", "yungu-shop", "soap=2", "--card", "0001", "--until", SOON, *CLERK)
    out = both.out(*reserve)
    said(
        both,
        out,
        f"Reservation 20: Soap x 2 for 6 points, to be collected through {SOON}.",
        "第 20 号预约兑换：香皂×2，6 分",
    )
    both.run(*reserve)
    said(
        both,
        both.out("collect", "FILE", "20", *CLERK),
        "Handed out reservation 20: Soap x 2",
        "第 20 号预约兑换已领取",
    )
    said(
        both,
        both.out("release", "FILE", "21", *CLERK),
        "Released reservation 21: Soap x 2",
        "第 21 号预约兑换已取消",
    )
    assert "[already-resolved]" in both.error("collect", "FILE", "21", *CLERK, code=3)
    assert "[unknown-reservation]" in both.error("collect", "FILE", "19", *CLERK, code=2)
    out = both.out("release-overdue", "FILE", *CLERK)
    said(both, out, "Reservations released because their time was over: 0.", "过期未领而取消的预约兑换：0 笔。")
    rows = both.json("reservations", "FILE")["rows"]
    assert [(row["seq"], row["state"], row["goods"]) for row in rows] == [
        (20, "collected", {"soap": 2}),
        (21, "released", {"soap": 2}),
    ]
    assert both.json("reservations", "FILE", "--state", "held", "--shop", "yungu-shop")["rows"] == []
    said(both, both.out("reservations", "FILE"), "collected", "已领取")
    journal = both.out("journal", "FILE", "--from", "20")
    said(both, journal, "reservation 21, released", "第 21 号预约，已取消")
    assert "No findings." in both.out("verify", "FILE", "--lang", "en")


def test_a_reservation_in_the_past_is_refused(both: Shell) -> None:
    words = ("reserve", "FILE", "yungu-shop", "soap=2", "--card", "0001", "--until", "2026-02-12", *CLERK)
    refused = both.error(*words, code=2)
    assert "[bad-code]" in refused
    said(both, refused, "today or a later day", "今天或以后的日期")
