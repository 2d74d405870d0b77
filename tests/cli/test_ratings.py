"""Ratings at the keyboard: recorded, worked out, and shown with their arithmetic, in two languages."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Shell

TWO_PEOPLE = "--by clerk-3 --approved-by committee-1"
SCORES = {"residents": 92, "street": 88, "community": 90, "owners": 85}
RESULT = ("rating", "result", "FILE", "project", "east-gate", "2026-Q1")
SUM = "0.60 x 92 + 0.15 x 88 + 0.15 x 90 + 0.10 x 85 = 90.40"


def record(shell: Shell, party: str, score: int, *, name: str = "east-gate") -> str:
    words = f"rating record FILE project {name} 2026-Q1 {party} --score {score} --people 3 {TWO_PEOPLE}"
    return shell.out(*words.split())


def rated(shell: Shell) -> Shell:
    for party, score in SCORES.items():
        record(shell, party, score)
    return shell


def test_a_rating_says_what_was_recorded(shell: Shell) -> None:
    assert record(shell, "owners", 0).startswith("project east-gate, 2026-Q1: owners gave 0.\n")
    assert record(shell.in_chinese(), "street", 100).startswith("项目 east-gate，2026-Q1：街道评 100 分。\n")


def test_a_result_shows_its_arithmetic_and_its_stars(shell: Shell) -> None:
    out = rated(shell).out(*RESULT).splitlines()
    assert out[3].split() == ["residents", "60", "92", "3"]
    assert out[-2:] == [SUM, "5 of 5 stars"]


def test_an_incomplete_result_says_who_is_missing(both: Shell) -> None:
    record(both, "residents", 92)
    out = both.out(*RESULT)
    assert any(words in out for words in ("street, community,", "街道、社区、"))
    assert both.json(*RESULT)["stars"] is None


def test_a_quarter_shows_all_subjects_with_stars_and_arithmetic(both: Shell) -> None:
    record(rated(both), "residents", 70, name="west-gate")
    out = both.out("rating", "quarter", "FILE", "2026-Q1").splitlines()
    assert out[3].split()[1:4] == ["east-gate", "90.40", "5"]
    assert out[3].endswith(SUM)
    assert out[4].endswith("0.60 x 70 + 0.15 x - + 0.15 x - + 0.10 x -")
    assert "west-gate" in out[5]
    rows = both.json("rating", "quarter", "FILE", "2026-Q1")["rows"]
    assert [(row["id"], row["score_x100"], row["stars"]) for row in rows] == [
        ("east-gate", 9040, 5),
        ("west-gate", None, None),
    ]


def test_the_journal_says_who_gave_what(both: Shell) -> None:
    record(both, "street", 88)
    journal = both.out("journal", "FILE", "--from", "20")
    assert ("project east-gate, 2026-Q1: street 88" in journal) or (
        "项目 east-gate，2026-Q1：街道 88 分" in journal
    )


@pytest.mark.parametrize(
    ("words", "code", "stable"),
    [
        ("shop east-gate 2026-Q1 residents --score 90 --people 3", 2, "bad-code"),
        ("project east-gate 2026-Q9 residents --score 90 --people 3", 2, "bad-code"),
        ("project east-gate 2026-Q1 mayor --score 90 --people 3", 2, "unknown-party"),
        ("project east-gate 2026-Q1 residents --score 101 --people 3", 2, "bad-amount"),
        ("project east-gate 2026-Q1 residents --score 90 --people 0", 2, "bad-amount"),
        ("project east-gate 2999-Q1 residents --score 90 --people 3", 2, "day-in-future"),
        ("project east-gate 2025-Q1 residents --score 90 --people 3", 3, "no-rulebook"),
        ("project east-gate 2026-Q1 residents --score 90", 2, "usage"),
    ],
)
def test_what_is_wrong_exits_by_its_family(both: Shell, words: str, code: int, stable: str) -> None:
    error = both.error(*f"rating record FILE {words} {TWO_PEOPLE}".split(), code=code)
    assert error.endswith(f"[{stable}]\n")
    assert both.json("rating", "quarter", "FILE", "2026-Q1")["rows"] == []
