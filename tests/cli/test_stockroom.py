"""The stockroom, typed: goods move, are counted and written off, and have a day to be used by."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.cli.test_counter import ADMIN, NAMED, TWO, said


def test_goods_move_to_another_shop(both: Shell) -> None:
    both.run("shop", "open", "FILE", "east", *NAMED, "东区超市", *ADMIN)
    out = both.out("move-goods", "FILE", "yungu-shop", "east", "soap=3", *TWO)
    said(both, out, "云谷积分超市 gave goods to 东区超市.", "云谷积分超市 的商品已调拨到 东区超市。")
    assert both.json("stock", "FILE", "east")["goods"]["soap"] == 3
    said(
        both, both.out("journal", "FILE", "--from", "21"), "moved to 东区超市: Soap x 3", "调拨到东区超市：香皂×3"
    )
    assert "[not-enough-stock]" in both.error("move-goods", "FILE", "yungu-shop", "east", "soap=99", *TWO, code=3)


def test_a_count_shows_the_book_beside_the_shelf(both: Shell) -> None:
    out = both.out("count", "FILE", "yungu-shop", "soap=0", "rice-5kg=41", *TWO)
    assert [line.split()[:4] for line in out.splitlines()[3:5]] == [
        ["rice-5kg", "39", "41", "+2"], ["soap", "8", "0", "-8"]
    ]  # fmt: skip
    assert both.json("stock", "FILE", "yungu-shop")["goods"] == {"rice-5kg": 41, "soap": 0}
    again = both.out("count", "FILE", "yungu-shop", "soap=0", *TWO)
    said(both, again, "All is as booked.", "与账面相符。")
    journal = both.out("journal", "FILE", "--from", "20")
    said(both, journal, "counted, differences: Rice-5-kg x 2, Soap x 8", "盘点有差异：大米5千克×2、香皂×8")
    said(both, journal, "counted, as booked", "盘点与账面相符")
    assert "No findings." in both.out("verify", "FILE", "--lang", "en")


@pytest.mark.parametrize("typed", ["soap", "soap=-1", "soap=x", "=3"])
def test_a_count_is_typed_as_goods_and_pieces(both: Shell, typed: str) -> None:
    both.error("count", "FILE", "yungu-shop", typed, *TWO, code=2)


def test_goods_are_written_off_for_a_reason(both: Shell) -> None:
    out = both.out("write-off", "FILE", "yungu-shop", "soap=2", "--reason", "spoiled", *TWO)
    said(both, out, "云谷积分超市 wrote goods off (spoiled).", "云谷积分超市 已报损（spoiled）。")
    assert both.json("stock", "FILE", "yungu-shop")["goods"]["soap"] == 6
    said(
        both,
        both.out("journal", "FILE", "--from", "20"),
        "written off (spoiled): Soap x 2",
        "报损（spoiled）：香皂×2",
    )


def test_goods_to_be_used_soon_are_shown(both: Shell, tmp_path: Path) -> None:
    receive = ("receive", "FILE", "yungu-shop", "soap=4", "rice-5kg=1", "--donor", "huicai", *TWO)
    both.run(*receive, "--best-before", "soap=2026-12-31", "--best-before", "rice-5kg=2027-06-30")
    rows = both.json("best-before", "FILE", "yungu-shop")["rows"]
    assert [(row["best-before"], row["good"], row["received"], row["stock"]) for row in rows] == [
        ("2026-12-31", "soap", 4, 12),
        ("2027-06-30", "rice-5kg", 1, 40),
    ]
    rows = both.json("best-before", "FILE", "yungu-shop", "--until", "2026-12-31")["rows"]
    assert [row["good"] for row in rows] == ["soap"]
    said(both, both.out("best-before", "FILE", "yungu-shop"), "Goods to be used soon", "临期商品")
    both.run("best-before", "FILE", "yungu-shop", "--csv", str(tmp_path / "soon.csv"))
    assert "2027-06-30" in (tmp_path / "soon.csv").read_text(encoding="utf-8-sig")
    for wrong in ("soap", "soap=soon", "salt=2026-12-31"):
        both.error(*receive, "--best-before", wrong, code=2)
