"""`timebank export hledger`, `export beancount` and `audit compare`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.audit import other_tools as tools
from tests.cli.conftest import Shell
from timebank.errors import FileDamaged

FORMS = ("hledger", "beancount")


def printed(shell: Shell, **changed: int) -> Path:
    """What ledger would print for the first day's ledger, the balances of some units *changed*."""
    roots = {"A": "assets", "L": "liabilities", "E": "equity", "I": "income", "X": "expenses"}
    lines = []
    for line in shell.json("trial-balance", "FILE")["accounts"]:
        account, unit = line["account"], line["unit"]
        amount = changed.get(unit, line["amount"] * (1 if account[0] in "AX" else -1))
        lines.append(f'{roots[account[0]]}{account[1:]}\t{amount} "{unit}"\n')
    out = shell.file.parent / "out"
    out.write_text("".join(lines))
    return out


@pytest.mark.parametrize("form", FORMS)
def test_an_export_says_what_it_wrote(both: Shell, tmp_path: Path, form: str) -> None:
    root = both.json("verify", "FILE")["root"]
    out = tmp_path / "book"
    line = both.out("export", form, "FILE", str(out))
    assert str(out) in line
    assert root in line
    assert line.count("20") >= 2
    assert f"root in hex    {root}" in out.read_text(encoding="utf-8")
    assert sorted(each.name for each in tmp_path.iterdir() if each.name.startswith("book")) == ["book"]


@pytest.mark.parametrize("form", FORMS)
def test_a_month_is_written_alone(shell: Shell, tmp_path: Path, form: str) -> None:
    shell.run("export", form, "FILE", str(tmp_path / "book"), "--month", "2026-02")
    text = (tmp_path / "book").read_text(encoding="utf-8")
    assert "of 2026-02, written" in text
    assert "\n2026-02-11 * " in text
    assert "[bad-code]" in shell.error("export", form, "FILE", str(tmp_path / "b"), "--month", "2026-13", code=2)
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("form", FORMS)
def test_what_is_there_is_never_overwritten(shell: Shell, tmp_path: Path, form: str) -> None:
    (tmp_path / "book").write_text("mine")
    assert "[file-exists]" in shell.error("export", form, "FILE", str(tmp_path / "book"), code=2)
    assert (tmp_path / "book").read_text() == "mine"
    assert "[cannot-write]" in shell.error("export", form, "FILE", str(tmp_path / "no" / "book"), code=2)


@pytest.mark.parametrize("form", FORMS)
def test_an_export_that_fails_half_way_leaves_nothing(
    shell: Shell, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise FileDamaged("entry 7", "it is missing")

    monkeypatch.setattr("timebank.audit.export.assertions.Balances.close_month", fail)
    before = sorted(tmp_path.iterdir())
    assert "[file-damaged]" in shell.error("export", form, "FILE", str(tmp_path / "book"), code=4)
    assert [each for each in sorted(tmp_path.iterdir()) if each not in before and "book" in each.name] == []


def test_balances_that_are_the_same_end_well(both: Shell) -> None:
    line = both.out("audit", "compare", "FILE", str(printed(both)), "--tool", "ledger")
    assert len(line.splitlines()) == 1
    found = both.json("audit", "compare", "FILE", str(printed(both)), "--tool", "ledger")
    assert found["rows"] == []
    assert found["compared"] == 11


def test_balances_that_differ_are_listed_and_end_with_4(shell: Shell) -> None:
    out = printed(shell, SOAP=7)
    shown = shell.run("audit", "compare", "FILE", str(out), "--tool", "ledger", code=4).stdout
    assert [line.split() for line in shown.splitlines() if "SOAP" in line] == [
        ["A:S:YUNGU-SHOP", "SOAP", "8", "7", "differs"],
        ["I:DONATED:HUICAI", "SOAP", "-10", "7", "differs"],
        ["X:GIVEN:YUNGU-SHOP", "SOAP", "2", "7", "differs"],
    ]
    assert shown.splitlines()[-1].startswith("Findings: 3 of ")
    found = json.loads(
        shell.run("audit", "compare", "FILE", str(out), "--tool", "ledger", "--json", code=4).stdout
    )
    assert found["rows"][0] == {
        "account": "A:S:YUNGU-SHOP", "unit": "SOAP", "ours": 8, "theirs": 7, "what": "differs"
    }  # fmt: skip


def test_a_day_compares_what_was_held_then(shell: Shell) -> None:
    out = shell.file.parent / "out"
    out.write_text("liabilities:M:X\t1 PTS\n")
    found = shell.run(
        "audit", "compare", "FILE", str(out), "--tool", "ledger", "--day", "2026-02-07", code=4
    ).stdout
    assert "Findings: 1 of 1" in found
    assert "unknown here" in found


def test_a_text_that_no_tool_printed_is_refused_in_a_sentence(both: Shell) -> None:
    out = both.file.parent / "out"
    out.write_text("nothing\n")
    assert "[balances-unreadable]" in both.error("audit", "compare", "FILE", str(out), "--tool", "hledger", code=2)
    assert "[usage]" in both.error("audit", "compare", "FILE", str(out), "--tool", "gnucash", code=2)
    assert "[file-missing]" in both.error("audit", "compare", "FILE", f"{out}2", "--tool", "ledger", code=2)


@tools.needs("hledger", "ledger")
def test_the_way_round_through_the_tools_ends_where_it_began(shell: Shell, tmp_path: Path) -> None:
    book, out = tmp_path / "x.journal", tmp_path / "out"
    shell.run("export", "hledger", "FILE", str(book))
    out.write_text(tools.run("hledger", "bal", "-f", book, "--flat", "-N", "-O", "json").stdout)
    assert "same" in shell.out("audit", "compare", "FILE", str(out), "--tool", "hledger")
