"""`timebank audit`, typed: findings decide the exit code, papers and leads are shown, a list says who is who."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.audit.tamper import tampering
from tests.cli.conftest import Shell
from tests.cli.test_counter import said

if TYPE_CHECKING:
    from pathlib import Path


def only(rows: list[dict[str, Any]], **named: Any) -> dict[str, Any]:
    (row,) = [row for row in rows if all(row[name] == value for name, value in named.items())]
    return row


def test_an_honest_book_has_papers_that_agree_and_exits_well(both: Shell) -> None:
    out = both.out("audit", "FILE")
    said(both, out, "No findings.", "没有审计发现。")
    said(
        both,
        out,
        "Awards recomputed by the rulebook in force: 2 entries looked at, 0 wrong.",
        "按当日施行的积分细则重算入账：查看 2 条，有误 0 条。",
    )
    said(both, out, "All 10 totals agree.", "10 项合计全部相符。")


def test_the_same_with_stable_names(both: Shell) -> None:
    found = both.json("audit", "of", "FILE")
    assert found["findings"] == []
    assert found["papers"]["awards"]["checked"] == 2
    assert only(found["papers"]["awards"]["rows"], service="elder-visit") == {
        "service": "elder-visit", "awards": 1, "stated": 60, "recomputed": 60, "difference": 0,
    }  # fmt: skip
    assert found["papers"]["redemptions"]["rows"] == [
        {"shop": "yungu-shop", "redemptions": 1, "taken": 46, "at_price": 46, "difference": 0}
    ]
    assert only(found["papers"]["stock"]["rows"], good="soap") == {
        "shop": "yungu-shop",
        "good": "soap",
        "received": 10,
        "moved": 0,
        "counted": 0,
        "written_off": 0,
        "handed_out": -2,
        "returned": 0,
        "balance": 8,
        "held": 0,
        "last_count": None,
        "closing": 8,
        "difference": 0,
    }
    assert only(found["papers"]["settlements"]["rows"], shop="yungu-shop")["unpaid"] == 46
    assert {total["difference"] for total in found["papers"]["totals"]} == {0}
    assert found["papers"].keys() == {
        *("awards", "redemptions", "stock", "settlements", "flows", "control", "periods", "totals")
    }


def test_a_lead_is_said_with_its_entries_and_does_not_change_the_exit_code(both: Shell, tmp_path: Path) -> None:
    links = tmp_path / "links.csv"
    links.write_text("operator,member\nclerk-3,0001\ngrid-7,0001\n", encoding="utf-8")
    out = both.out("audit", "FILE", "--link", str(links))
    said(both, out, "A lead is not a finding", "线索不是审计发现")
    assert "[linked-redemption]" in out
    assert "[linked-service]" in out
    said(both, out, "Entries: 19", "分录：19")
    said(both, out, "Or simply: nobody else was on duty.", "也可能只是：当时没有别人当班。")
    leads = both.json("audit", "FILE", "--link", str(links))["leads"]
    lead = only(leads, code="linked-redemption")
    assert (lead["severity"], lead["count"], lead["seqs"], lead["facts"]["operator"]) == (
        *("none", 1, [19], "clerk-3"),
    )


def test_a_finding_is_said_and_gives_exit_code_4(both: Shell) -> None:
    with tampering(both.file) as connection:
        connection.execute(
            "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), '\"PTS\",60]', '\"PTS\",90]') AS BLOB)"
        )
    result = both.run("audit", "FILE", code=4)
    for code in ("leaf-edited", "award-wrong"):
        assert code in result.stdout
    said(both, result.stdout, "2 entries looked at, 1 wrong.", "查看 2 条，有误 1 条。")
    said(both, result.stdout, "Wrong entries: 11", "有误的分录：11")
    said(both, result.stdout, "Totals that do not agree: 1.", "有 1 项合计不符。")
    both.run("audit", "FILE", "--json", code=4)


def test_a_checkpoint_of_another_book_is_a_finding_that_names_its_file(shell: Shell, tmp_path: Path) -> None:
    note = tmp_path / "kept.note"
    note.write_text("nonsense", encoding="utf-8")
    result = shell.run("audit", "FILE", "--checkpoint", str(note), code=4)
    assert "note-bad" in result.stdout
    assert "kept.note" in result.stdout


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "table-unreadable"),
        ("operator,name\nclerk-3,x\n", "columns-missing"),
        ("operator,member\nclerk-3,\n", "cell-wrong"),
        ("operator,member\nclerk-9,0001\n", "unknown-operator"),
        ("operator,member\nclerk-3,9999\n", "unknown-member"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused(shell: Shell, tmp_path: Path, text: str, code: str) -> None:
    links = tmp_path / "links.csv"
    links.write_text(text, encoding="utf-8")
    assert f"[{code}]" in shell.error("audit", "FILE", "--link", str(links), code=2)


def test_what_is_no_ledger_is_refused(fresh: Shell, tmp_path: Path) -> None:
    assert "[file-missing]" in fresh.error("audit", "FILE", code=2)
    assert "[file-missing]" in fresh.error("audit", "FILE", "--link", str(tmp_path / "none.csv"), code=2)


def test_a_prepared_name_does_not_reach_the_terminal_as_it_is() -> None:
    from timebank.cli.audit_papers import printable

    assert printable("a\x1b[2Jb") == "a\\x1b[2Jb"
    assert printable("云谷") == "云谷"


def test_a_made_up_district_in_which_nobody_cheats_gives_no_lead(fresh: Shell) -> None:
    fresh.run("demo", "panji", "--file", "FILE")
    found = fresh.json("audit", "FILE")
    assert (found["findings"], found["leads"]) == ([], [])
    assert {total["difference"] for total in found["papers"]["totals"]} == {0}
    assert all(found["papers"][name]["wrong"] == 0 for name in ("awards", "redemptions", "stock", "control"))
