"""Who is behind a member, typed: at the desk, on the wall, and taken out again."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.cli.test_counter import said

ZHANG = "11010519491231002X"
BY = ("--by", "grid-7")
TWO = (*BY, "--approved-by", "committee-1")
FEBRUARY = ("--from", "2026-02-01", "--to", "2026-02-28")


def with_people(shell: Shell) -> Shell:
    shell.run("people", "init", "FILE")
    shell.run("people", "set", "FILE", "--card", "0001", "--name", "张小三", "--phone", "138-0000-1234",
              "--id-number", ZHANG, *BY)  # fmt: skip
    return shell


def beside(shell: Shell, name: str) -> Path:
    return shell.file.parent / name


def test_a_person_is_kept_shown_and_found(both: Shell) -> None:
    out = with_people(both).out("people", "show", "FILE", "--card", "0001")
    said(both, out, "name              张小三", "姓名        张小三")
    said(both, out, "13800001234", "002X")
    for search in (("--text", "小三"), ("--text", "1234"), ("--id-number", ZHANG.lower())):
        out = both.out("people", "search", "FILE", *search)
        assert "张小三" in out
        assert "0001" in out
    said(both, both.out("people", "search", "FILE", "--text", "李四"), "Nobody was found.", "没有找到。")
    found = both.json("people", "search", "FILE", "--text", "小三")["rows"][0]
    assert (found["person"], found["cards"], found["id-end"]) == ("张小三", "0001", "002X")
    assert ZHANG not in both.out("people", "show", "FILE", "--card", "0001", "--json")


def test_the_same_document_twice_is_refused_by_a_sentence(both: Shell) -> None:
    words = ("people", "set", "FILE", "--card", "0066", "--name", "张三", "--id-number", ZHANG, *BY)
    error = with_people(both).error(*words, code=3)
    said(both, error, "one person has one account", "一人一户")
    assert "[same-person]" in error
    assert ZHANG not in error


def test_without_a_people_file_it_is_said_how_to_make_one(both: Shell) -> None:
    error = both.error("people", "search", "FILE", "--text", "张三", code=2)
    said(both, error, "timebank people init", "timebank people init")
    assert "people-missing" in both.error("bulletin", "FILE", *FEBRUARY, code=2)


def test_the_bulletin_names_who_consents_and_nobody_else(both: Shell) -> None:
    with_people(both)
    out = both.out("bulletin", "FILE", *FEBRUARY)
    assert "张" not in out
    both.run("people", "consent", "FILE", "bulletin", "--card", "0001", *BY)
    out = both.out("bulletin", "FILE", *FEBRUARY, "--page", str(beside(both, "wall.html")))
    assert "张*三" in out
    assert "张小三" not in out
    said(both, out, "Together: 2 awards, 70 points, 1200 minutes.", "合计：2 笔，70 分，1200 分钟。")
    page = beside(both, "wall.html").read_text(encoding="utf-8")
    assert "张*三" in page
    assert "张小三" not in page
    assert "https://" not in page
    root = re.search(r"([A-Za-z0-9+/]{43}=)", out)
    assert root is not None
    assert root[1] in page
    found = both.json("bulletin", "FILE", *FEBRUARY)
    assert [row["who"] for row in found["rows"]] == ["张*三", "张*三"]
    assert found["not_named"] == {"awards": 0, "points": 0, "minutes": 0}
    assert found["checkpoint"].startswith("yungu.example/timebank\n")
    both.run("people", "consent", "FILE", "bulletin", "--card", "0001", "--withdraw", *BY)
    assert "张" not in both.out("bulletin", "FILE", *FEBRUARY)


def test_a_page_is_never_written_over_another(both: Shell) -> None:
    beside(both, "wall.html").write_text("mine")
    with_people(both).error("bulletin", "FILE", *FEBRUARY, "--page", str(beside(both, "wall.html")), code=2)
    assert beside(both, "wall.html").read_text() == "mine"


def test_days_without_awards_are_said_to_be_so(both: Shell) -> None:
    out = with_people(both).out("bulletin", "FILE", "--from", "2026-01-01", "--to", "2026-01-02", "--org", "yungu")
    said(both, out, "Nothing was awarded in these days.", "这段时间没有积分入账。")


def test_the_star_board_takes_names_from_the_people_file(both: Shell) -> None:
    both.run("record", "FILE", "elder-visit", "--card", "0001", "--minutes", "480", "--day", "2026-02-10", *TWO)
    with_people(both)
    before = both.out("stars", "FILE")
    both.run("people", "consent", "FILE", "stars", "--card", "0001", *BY)
    assert ("张*三" in both.out("stars", "FILE")) is ("★" in before or len(both.json("stars", "FILE")["rows"]) > 0)
    assert "张小三" not in both.out("stars", "FILE")


def test_a_memo_is_kept_under_its_hash(both: Shell) -> None:
    out = with_people(both).out("people", "memo", "FILE", "--card", "0001", "--text", "腰痛，请先电话", *BY)
    memo = out.split()[-1]
    assert re.fullmatch(r"[0-9a-f]{64}", memo)
    assert "腰痛，请先电话" in both.out("people", "memo", "FILE", "--hash", memo)
    assert both.json("people", "memo", "FILE", "--hash", memo)["text"] == "腰痛，请先电话"
    assert both.json("people", "memo", "FILE", "--card", "0001", "--text", "x", *BY)["hash"]
    both.run("people", "memo", "FILE", "--text", "x", *BY, code=2)
    both.run("people", "memo", "FILE", "--card", "0001", "--text", "x", code=2)
    assert "unknown-memo" in both.error("people", "memo", "FILE", "--hash", "0" * 64, code=2)


def test_all_about_one_member_goes_into_one_private_file(both: Shell) -> None:
    out = beside(both, "mine.json")
    with_people(both).run("people", "export", "FILE", str(out), "--card", "0001")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["person"]["name"] == "张小三"
    assert [each["kind"] for each in found["entries"]] == ["member", "award", "award", "redemption"]
    both.error("people", "export", "FILE", str(out), "--card", "0001", code=2)


def test_a_person_is_erased_and_the_book_says_so(both: Shell) -> None:
    with_people(both)
    receipt = both.out("receipt", "of", "FILE", "8")
    out = both.out("people", "erase", "FILE", "--card", "0001", *TWO)
    said(both, out, "is erased: from the file", "已从文件中删除")
    assert "unknown-person" in both.error("people", "show", "FILE", "--card", "0001", code=2)
    for each in beside(both, ".").iterdir():
        assert "张小三".encode() not in each.read_bytes(), each
    said(both, both.out("journal", "FILE"), "what was kept of the person behind", "的个人信息已删除")
    beside(both, "r.txt").write_text(receipt, encoding="utf-8")
    both.run("verify", "FILE", "--receipt", str(beside(both, "r.txt")))
    out = both.out("people", "erase", "FILE", "--card", "0001", *TWO)
    said(both, out, "Nothing was kept here", "这里没有保存")


def test_names_are_read_in_from_a_table_or_the_wrong_rows_are_listed(both: Shell) -> None:
    both.run("people", "init", "FILE")
    table = beside(both, "names.csv")
    table.write_text("卡号,姓名,手机,备注\n0001,张小三,13800001234,\n0066,李家,12,\n", encoding="utf-8")
    error = both.run("people", "read-in", "FILE", str(table), *BY, code=2).stderr
    assert "rows-wrong" in error
    listed = beside(both, "names.csv.errors.csv").read_text(encoding="utf-8-sig")
    assert listed.splitlines()[1].startswith("3,手机,12,")
    assert both.json("people", "search", "FILE", "--text", "张")["rows"] == []
    table.write_text("卡号,姓名,手机,备注\n0001,张小三,13800001234,\n", encoding="utf-8")
    said(
        both,
        both.out("people", "read-in", "FILE", str(table), "--dry-run", *BY),
        "Nothing was kept.",
        "没有保存。",
    )
    out = both.out("people", "read-in", "FILE", str(table), *BY)
    said(both, out, "1 rows, all kept.", "1 行，全部登记。")
    said(both, out, "Columns not read: 备注.", "备注")
    assert both.json("people", "read-in", "FILE", str(table), *BY)["kept"]


def test_files_that_others_may_read_are_warned_of(both: Shell) -> None:
    with_people(both)
    Path(f"{both.file}.people").chmod(0o644)
    result = both.run("people", "search", "FILE", "--text", "张")
    said(both, result.stderr, "Warning: others", "警告：本机其他人")


@pytest.mark.parametrize(
    "words", [("set",), ("show",), ("consent", "FILE", "bulletin"), ("export", "FILE", "x"), ("erase",)]
)
def test_a_member_has_to_be_named(shell: Shell, words: tuple[str, ...]) -> None:
    rest = () if "FILE" in words else ("FILE",)
    extra = () if words[0] in ("show", "export") else TWO if words[0] == "erase" else BY
    assert shell.run("people", *words, *rest, *extra, code=2).stderr
