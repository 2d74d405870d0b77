"""The log of rooms at the keyboard, in two languages."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Shell

ADD = "venue add FILE house --org yungu --name 幸福空间 --by admin"
LOG = "venue log FILE house --room 阅览室 --purpose 读书会 --people 12 --day 2026-02-03 --by clerk-3"


@pytest.fixture
def logged(both: Shell) -> Shell:
    for line in (ADD, LOG, f"{LOG} --uses 2", LOG.replace("2026-02", "2026-03")):
        both.out(*line.split())
    return both


def test_venues_and_visits_say_what_happened(shell: Shell) -> None:
    assert shell.out(*ADD.split()).startswith("Added the venue house, 幸福空间.\nRecorded as entry 20")
    assert shell.out(*LOG.split()) == (
        "幸福空间: 阅览室, 读书会, 1 x, people: 12.\nRecorded as entry 21, day 2026-02-03.\n"
    )
    assert shell.in_chinese().out(*LOG.split()).startswith("幸福空间：阅览室，读书会，1 次，12 人。")


def test_counts_add_up_over_months(logged: Shell) -> None:
    counts = ("venue", "counts", "FILE", "--first", "2026-02")
    (row,) = logged.json(*counts, "--last", "2026-02")["rows"]
    assert row == {
        "venue": "house", "name": "幸福空间", "room": "阅览室", "purpose": "读书会", "uses": 3, "people": 24
    }  # fmt: skip
    (row,) = logged.json(*counts, "--last", "2026-03")["rows"]
    assert (row["uses"], row["people"]) == (4, 36)
    assert logged.json("venue", "counts", "FILE", "--first", "2026-01", "--last", "2026-01")["rows"] == []
    assert logged.out(*counts, "--last", "2026-03").splitlines()[-1] in (
        "Uses: 4. People: 36.",
        "共使用 4 次，36 人次。",
    )


def test_the_journal_says_what_was_logged(logged: Shell) -> None:
    journal = logged.out("journal", "FILE", "--from", "20")
    assert "house 幸福空间" in journal
    assert ("读书会, 2 x, people: 12" in journal) or ("读书会，2 次，12 人" in journal)


@pytest.mark.parametrize(
    ("words", "code", "stable"),
    [
        (ADD, 3, "already-exists"),
        (ADD.replace("admin", "clerk-3").replace("house", "home"), 3, "role-not-allowed"),
        (LOG.replace("house", "home"), 2, "unknown-venue"),
        (LOG.replace("12", "0"), 2, "bad-amount"),
        (LOG.replace("读书会", "读" * 41), 2, "bad-text"),
        ("venue counts FILE --first 2026-13 --last 2026-13", 2, "bad-code"),
        ("venue counts FILE --first 2026-02", 2, "usage"),
    ],
)
def test_what_is_wrong_exits_by_its_family(logged: Shell, words: str, code: int, stable: str) -> None:
    assert logged.error(*words.split(), code=code).endswith(f"[{stable}]\n")
