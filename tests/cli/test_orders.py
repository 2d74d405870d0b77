"""Orders at the keyboard: from opening to claim, in two languages, and how well they were served."""

from __future__ import annotations

import csv
import io

import pytest

from tests.cli.conftest import REDEMPTION, Shell

ORDER = REDEMPTION + 1
OPEN = "order open FILE repair --card 0001 --day 2026-02-10 --by clerk-3"
EAST = "organisation add FILE east --name 东区 --level grid --parent yungu --by admin"
FIGURES = ("2", "1", "50.0", "0", "1", "2.0", "2", "4.00")
STEPS = (
    OPEN,
    f"order dispatch FILE {ORDER} --to repair-team --day 2026-02-10 --by clerk-3",
    f"order decline FILE {ORDER} --reason no-time --day 2026-02-11 --by clerk-3",
    f"order dispatch FILE {ORDER} --card 0066 --day 2026-02-11 --by clerk-3",
    f"order accept FILE {ORDER} --card 0066 --day 2026-02-11 --by clerk-3",
    f"order finish FILE {ORDER} --day 2026-02-12 --by clerk-3",
    f"order rate FILE {ORDER} --stars 4 --day 2026-02-14 --by clerk-3",
    f"order claim FILE {ORDER} elder-visit --minutes 60 --by clerk-3",
)


def served(shell: Shell, *, until: int = len(STEPS)) -> list[str]:
    return [shell.out(*line.split()) for line in STEPS[:until]]


def test_each_step_says_in_english_what_happened(shell: Shell) -> None:
    member = shell.json("card", "show", "FILE", "0066")["member"]
    said = [text.splitlines() for text in served(shell)]
    assert [lines[:-1] for lines in said] == [
        ["Opened order 20 of 云谷社区: Small repair.", "It is due on 2026-02-17."],
        ["Dispatched order 20 to repair-team."],
        ["Order 20 was declined and is open again."],
        [f"Dispatched order 20 to member {member}."],
        [f"Member {member} accepted order 20."],
        ["Order 20 was finished on 2026-02-12."],
        ["Order 20 was rated 4 of 5 stars: done."],
        [f"Claimed order 20 for member {member}: Visit to an old or ill neighbour."],
    ]
    assert said[0][-1] == "Recorded as entry 20, day 2026-02-10."
    assert said[-1][-1] == "Recorded as entry 27, day 2026-02-12."


def test_each_step_says_in_chinese_what_happened(shell: Shell) -> None:
    said = [text.splitlines()[0] for text in served(shell.in_chinese(), until=3)]
    assert said == [
        "云谷社区 已开出点单 20：便民维修。",
        "点单 20 已派给 repair-team。",
        "点单 20 已退回，重新待派单。",
    ]


def test_an_order_that_is_not_done_says_so(both: Shell) -> None:
    served(both, until=6)
    out = both.out(*f"order rate FILE {ORDER} --stars 1 --not-done --by clerk-3".split())
    assert ("not done" in out) or ("未办结" in out)
    assert both.json("order", "show", "FILE", str(ORDER))["done"] == 0


def test_a_cancelled_order_is_shown_as_cancelled(both: Shell) -> None:
    served(both, until=1)
    both.out(*f"order cancel FILE {ORDER} --reason no-longer-needed --by clerk-3".split())
    shown = both.out("order", "show", "FILE", str(ORDER))
    assert ("cancelled" in shown) or ("已取消" in shown)
    assert both.json("order", "list", "FILE", "--state", "open")["rows"] == []


def test_show_and_list_hold_all_of_an_order(both: Shell) -> None:
    served(both)
    shown = both.json("order", "show", "FILE", str(ORDER))
    assert both.json("order", "list", "FILE") == {"report": "orders", "rows": [shown]}
    assert (shown["state"], shown["finished"], shown["stars"], shown["claim"]) == ("rated", "2026-02-12", 4, 27)
    text = both.out("order", "show", "FILE", str(ORDER))
    assert all(word in text for word in ("2026-02-17", "2026-02-14", "云谷社区"))
    assert "repair-team" not in text, "it was declined there"


def test_overdue_orders_are_listed_the_day_after(both: Shell) -> None:
    served(both, until=1)
    overdue = both.json("order", "overdue", "FILE", "--day", "2026-02-18")
    assert [row["seq"] for row in overdue["rows"]] == [ORDER]
    assert both.json("order", "overdue", "FILE", "--day", "2026-02-17")["rows"] == []
    assert str(ORDER) in both.out("order", "overdue", "FILE")


def test_rates_show_what_was_done_in_per_cent(shell: Shell) -> None:
    served(shell)
    shell.out(*OPEN.replace("2026-02-10", "2026-02-20").split())
    out = shell.out("order", "rates", "FILE").splitlines()
    assert out[3].split() == ["yungu", "repair", "Small", "repair", *FIGURES]
    assert out[-1] == "2 received, 1 done: 50.0 %. Overdue today: 1."
    rates = shell.json("order", "rates", "FILE")
    assert rates["total"]["permille_done"] == 500
    assert shell.json("order", "rates", "FILE", "--last", "2026-02-19")["total"]["permille_done"] == 1000
    assert shell.json("order", "rates", "FILE", "--first", "2026-02-21")["total"]["permille_done"] is None
    assert shell.out("order", "rates", "FILE", "--first", "2026-02-21").splitlines()[-1].startswith("0 received")


def test_rates_roll_up_to_the_organisations_above(both: Shell) -> None:
    both.out(*EAST.split())
    both.out(*f"{OPEN} --org east".split())
    rows = both.json("order", "rates", "FILE", "--rolled-up")["rows"]
    assert [(row["org"], row["received"]) for row in rows] == [("east", 1), ("yungu", 1)]
    assert "东区" in both.out("order", "rates", "FILE", "--rolled-up")


def test_a_report_of_orders_is_written_as_csv(shell: Shell) -> None:
    served(shell)
    path = shell.file.with_name("orders.csv")
    shell.out("order", "list", "FILE", "--csv", str(path))
    heads, row = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    assert dict(zip(heads, row, strict=True))["opened"] == "2026-02-10"


def test_the_journal_says_which_order_went_on(both: Shell) -> None:
    served(both)
    journal = both.out("journal", "FILE", "--from", str(ORDER))
    for words in (("order 20: opened", "点单 20：点单"), ("order 20: rated", "点单 20：评单")):
        assert any(word in journal for word in words)


@pytest.mark.parametrize(
    ("words", "code", "stable"),
    [
        ("order open FILE gold --card 0001 --by clerk-3", 2, "unknown-order-kind"),
        ("order open FILE repair --by clerk-3", 2, "usage"),
        (f"{OPEN} --due 2026-02-09", 2, "due-too-early"),
        ("order accept FILE 5 --card 0001 --by clerk-3", 2, "unknown-order"),
        ("order accept FILE 20 --by clerk-3", 2, "usage"),
        ("order dispatch FILE 20 --by clerk-3", 2, "usage"),
        ("order dispatch FILE 20 --to a --card 0001 --by clerk-3", 2, "usage"),
        ("order dispatch FILE 20 --to Team-7 --by clerk-3", 2, "bad-code"),
        ("order finish FILE 20 --by clerk-3", 3, "wrong-state"),
        ("order accept FILE 20 --card 0066 --day 2026-02-09 --by clerk-3", 3, "step-too-early"),
        ("order rate FILE 20 --stars 6 --by clerk-3", 2, "bad-amount"),
        ("order rate FILE 20 --stars many --by clerk-3", 2, "bad-amount"),
        ("order claim FILE 20 elder-visit --minutes 60 --by clerk-3", 3, "wrong-state"),
        ("order cancel FILE 20 --by clerk-3", 2, "usage"),
        ("order list FILE --state lost", 2, "bad-code"),
        ("order show FILE 999", 2, "unknown-order"),
    ],
)
def test_what_is_wrong_exits_by_its_family_and_writes_nothing(
    both: Shell, words: str, code: int, stable: str
) -> None:
    served(both, until=1)
    before = both.json("order", "list", "FILE")
    assert both.error(*words.split(), code=code).endswith(f"[{stable}]\n")
    assert both.json("order", "list", "FILE") == before


def test_an_order_is_claimed_once(both: Shell) -> None:
    served(both)
    assert both.json("order", "show", "FILE", str(ORDER))["claim"] == 27
    assert both.error(*STEPS[-1].split(), code=3).endswith("[wrong-state]\n")


def test_a_file_with_orders_is_made_again_from_its_journal(shell: Shell) -> None:
    served(shell)
    before = shell.json("order", "list", "FILE")
    shell.out("rebuild", "FILE")
    assert shell.json("order", "list", "FILE") == before
