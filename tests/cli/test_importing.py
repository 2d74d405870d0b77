"""The commands import and opening, in both languages."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

GOOD = "卡号,服务项目,服务日期,分钟\n0001,patrol,2026-02-22,60\n"
WRONG = GOOD + "0999,patrol,2026-02-22,60\n"
PEOPLE = ("--by", "grid-7", "--approved-by", "committee-1")


def table(folder: Path, text: str) -> str:
    path = folder / "a.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_register_is_tried_then_read_then_read_again(shell: Shell, tmp_path: Path) -> None:
    path = table(tmp_path, GOOD)
    words = ("import", "FILE", "services", path, *PEOPLE)
    before = shell.file.read_bytes()
    assert "1 would be posted" in shell.out(*words, "--dry-run")
    assert shell.json("balance", "FILE", "--card", "0001")["minutes"] == 1200
    assert shell.json(*words) == {
        "rows": 1, "posted": 1, "repeated": 0, "kept": True, "ignored_columns": [], "errors": [],
    }  # fmt: skip
    assert shell.file.read_bytes() != before
    assert shell.json(*words)["repeated"] == 1
    assert shell.json("balance", "FILE", "--card", "0001")["minutes"] == 1260


@pytest.mark.parametrize("chinese", [False, True])
def test_wrong_rows_are_listed_beside_the_file(shell: Shell, tmp_path: Path, chinese: bool) -> None:
    path = table(tmp_path, WRONG)
    speaker = shell.in_chinese() if chinese else shell
    result = speaker.run("import", "FILE", "services", path, *PEOPLE, code=2)
    assert "[rows-wrong]" in result.stderr
    with Path(f"{path}.errors.csv").open(encoding="utf-8-sig", newline="") as file:
        heads, row = csv.reader(file)
    assert heads == ("行 列 内容 原因 代码" if chinese else "row column value why code").split()
    assert (row[0], row[1], row[2], row[4]) == ("3", "卡号", "0999", "unknown-card")
    assert row[3].endswith("。" if chinese else ".")
    assert shell.json("balance", "FILE", "--card", "0001")["minutes"] == 1200


def test_the_list_of_errors_replaces_an_older_one_and_nothing_else(shell: Shell, tmp_path: Path) -> None:
    path = table(tmp_path, WRONG)
    words = ("import", "FILE", "services", path, *PEOPLE)
    shell.run(*words, code=2)
    shell.run(*words, code=2)
    Path(f"{path}.errors.csv").write_text("mine")
    assert "[file-exists]" in shell.run(*words, code=2).stderr
    assert Path(f"{path}.errors.csv").read_text() == "mine"


def test_good_rows_can_be_kept(shell: Shell, tmp_path: Path) -> None:
    words = ("import", "FILE", "services", table(tmp_path, WRONG), *PEOPLE)
    assert "Rows kept: 1." in shell.run(*words, "--keep-good-rows", code=2).stderr
    assert shell.json("balance", "FILE", "--card", "0001")["minutes"] == 1260


def test_an_unknown_register_names_those_there_are(shell: Shell, tmp_path: Path) -> None:
    error = shell.error("import", "FILE", "colours", table(tmp_path, GOOD), *PEOPLE, code=2)
    assert "members, cards, balances, services" in error


def test_an_opening_balance_is_taken_over_once(shell: Shell) -> None:
    words = ("opening", "FILE", "--card", "0001", "--points", "120", "--minutes", "600", *PEOPLE)
    assert "120 points, service 10 h." in shell.out(*words)
    held = shell.json("balance", "FILE", "--card", "0001")
    assert held["minutes"] == 1800
    assert "[already-exists]" in shell.error(*words, code=3)
    assert "期初余额" in shell.in_chinese().error(*words, code=3)
    assert "[nothing-to-open]" in shell.error("opening", "FILE", "--card", "0001", *PEOPLE, code=2)
