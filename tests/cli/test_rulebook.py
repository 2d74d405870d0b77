"""`timebank rulebook`: check says what is wrong on which line, print writes the rules out for the wall."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from timebank.programme.rulebook import shipped_rulebook

SHIPPED = ("village-points", "community-time-bank")


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "draft.toml"
    text = shipped_rulebook().replace("appeal_days = 15", "appeal_days = 0").replace("most = 1\n", "most = -1\n")
    path.write_text(text, encoding="utf-8")
    return path


def line_of(path: Path, part: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if part in line)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_sound_rulebook_is_said_to_be_sound(both: Shell, name: str) -> None:
    assert name in both.out("rulebook", "check", name)
    assert both.json("rulebook", "check", name) == {"sound": True, "problems": []}


def test_each_problem_is_said_with_its_line(shell: Shell, draft: Path) -> None:
    result = shell.run("rulebook", "check", str(draft), code=2)
    first, second, third = result.stdout.splitlines()
    assert first == (
        f"line {line_of(draft, 'appeal_days')}: [rules]: appeal_days is no whole number from 1 to 366: 0"
    )
    caps = line_of(draft, "most = -1")
    assert second == f"line {caps}: [[cap]] 1: most is no whole number from 1 to 10000000: -1"
    assert "[[cap]] 2" in third
    assert result.stderr.endswith("Problems of this rulebook: 3. It cannot be adopted. [rulebook-invalid]\n")


def test_each_problem_is_said_in_chinese_too(shell: Shell, draft: Path) -> None:
    result = shell.in_chinese().run("rulebook", "check", str(draft), code=2)
    first, *_ = result.stdout.splitlines()
    line = line_of(draft, "appeal_days")
    assert first == f"第 {line} 行：[rules]：appeal_days 应是 1 到 366 之间的整数，不能是 0"
    assert result.stderr.endswith("这份积分细则有 3 处问题，不能启用。[rulebook-invalid]\n")


def test_problems_can_be_read_by_programs(both: Shell, draft: Path) -> None:
    found = json.loads(both.run("rulebook", "check", str(draft), "--json", code=2).stdout)
    assert not found["sound"]
    assert [each["problem"] for each in found["problems"]] == ["no-number"] * 3
    assert found["problems"][0]["line"] == line_of(draft, "appeal_days")


@pytest.mark.parametrize("content", [b"[[[", b"\xff\xfe", b"", "# \u202e".encode()])
def test_what_is_no_toml_is_one_problem_or_more(both: Shell, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "draft.toml"
    path.write_bytes(content)
    assert "[rulebook-invalid]" in both.run("rulebook", "check", str(path), code=2).stderr


def test_a_file_that_is_not_there_is_missing(both: Shell) -> None:
    assert "[file-missing]" in both.error("rulebook", "check", "nothing.toml", code=2)
    assert "[file-missing]" in both.error("rulebook", "print", "--shipped", "nothing", code=2)


def test_a_wrong_rulebook_is_refused_in_the_readers_language(shell: Shell, draft: Path) -> None:
    words = ["rulebook", "adopt", "FILE", str(draft), "--from", "2027-01-01", "--by", "admin"]
    assert "appeal_days is no whole number" in shell.error(*words, code=2)
    assert "appeal_days 应是" in shell.in_chinese().error(*words, code=2)


def test_a_rulebook_that_lets_later_points_lapse_first_is_refused(both: Shell, tmp_path: Path) -> None:
    path = tmp_path / "shorter.toml"
    path.write_text(shipped_rulebook().replace("year-after", "year-end"), encoding="utf-8")
    words = ["rulebook", "adopt", "FILE", str(path), "--from", "2026-07-01", "--by", "admin"]
    before = both.out("journal", "FILE")
    assert "[expiry-out-of-order]" in both.error(*words, code=3)
    assert both.out("journal", "FILE") == before


def test_the_rulebook_in_force_is_printed_for_the_wall_in_chinese(shell: Shell) -> None:
    printed = shell.in_chinese().out("rulebook", "print", "FILE", "--day", "2026-02-28")
    lines = printed.splitlines()
    assert lines[:2] == ["村级积分细则", "自 2026-01-01 起施行"]
    for part in (
        "巡逻值守",
        "每小时",
        "上限",
        "负面清单（扣分项目）",
        "乱倒垃圾",
        "-5",
        "只舍不入",
        "次年年底过期清零",
    ):
        assert part in printed, part
    assert "审核：审核人、管理员" in printed


def test_the_rulebook_in_force_is_printed_for_the_wall_in_english(shell: Shell) -> None:
    printed = shell.in_chinese().out("rulebook", "print", "FILE", "--lang", "en", "--day", "2026-02-28")
    assert printed.splitlines()[:2] == ["Rules of points of a village", "In force from 2026-01-01"]
    assert "rounded down to whole points" in printed
    assert "Who approves: supervisor, administrator." in printed


def test_a_text_that_nobody_adopted_is_not_said_to_be_in_force(both: Shell, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(shipped_rulebook("community-time-bank"), encoding="utf-8")
    printed = both.out("rulebook", "print", str(path))
    assert printed == both.out("rulebook", "print", "--shipped", "community-time-bank")
    assert "not in force" in printed or "尚未施行" in printed


def test_what_to_print_is_named_once(both: Shell) -> None:
    assert "[usage]" in both.error("rulebook", "print", code=2)
    assert "[usage]" in both.error("rulebook", "print", "FILE", "--shipped", "village-points", code=2)


def test_before_the_first_rulebook_there_is_nothing_to_print(both: Shell) -> None:
    assert "[no-rulebook]" in both.error("rulebook", "print", "FILE", "--day", "2025-12-31", code=3)


def test_grades_are_shown_with_their_points(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "grades.toml"
    path.write_text(
        shipped_rulebook() + '[service.check]\nzh = "评比"\nen = "Check"\nper = "grade"\n'
        'grades = [["best", 5], ["good", 3]]\n',
        encoding="utf-8",
    )
    shell.run("rulebook", "adopt", "FILE", str(path), "--from", "2027-01-01", "--by", "admin")
    row = shell.json("rulebook", "show", "FILE", "--day", "2027-01-01")["services"][-1]
    assert row == {"id": "check", "zh": "评比", "en": "Check", "per": "grade", "grades": {"best": 5, "good": 3}}
    assert "5/3" in shell.out("rulebook", "show", "FILE", "--day", "2027-01-01")
    assert "好 5、较好 3" in shell.in_chinese().out("rulebook", "print", "FILE", "--day", "2027-01-01")
