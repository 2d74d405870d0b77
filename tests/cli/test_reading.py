"""Reading commands: in both languages, as text with straight columns and as JSON with stable keys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import REDEMPTION, Shell
from timebank.cli.output import width

if TYPE_CHECKING:
    from pathlib import Path

READING = [
    ("rulebook show FILE", ["rulebook", "zh", "en", "from", "services"]),
    ("rulebook show FILE --day 2026-02-08", ["rulebook", "zh", "en", "from", "services"]),
    ("card show FILE 0001", ["card", "member", "state", "seq"]),
    ("prices FILE yungu-shop", ["shop", "day", "prices"]),
    ("prices FILE yungu-shop --day 2026-01-31", ["shop", "day", "prices"]),
    ("stock FILE yungu-shop", ["shop", "day", "goods", "points_taken"]),
    ("stock FILE yungu-shop --day 2026-02-10", ["shop", "day", "goods", "points_taken"]),
    ("balance FILE --card 0001", ["member", "day", "points", "minutes"]),
    ("balance FILE --card 0001 --day 2026-02-08", ["member", "day", "points", "minutes"]),
    ("statement FILE --card 0001", ["account", "unit", "opening", "lines", "closing"]),
    ("statement FILE --card 0001 --unit MIN", ["account", "unit", "opening", "lines", "closing"]),
    ("statement FILE --shop yungu-shop --unit rice-5kg", ["account", "unit", "opening", "lines", "closing"]),
    ("trial-balance FILE", ["day", "accounts", "sums"]),
    ("trial-balance FILE --day 2026-02-09", ["day", "accounts", "sums"]),
    (
        "report FILE",
        [
            "organisations",
            "members",
            "cards_issued",
            "shops",
            "service_minutes",
            "points_awarded",
            "redemptions",
            "points_redeemed",
            "points_settled",
            "points_deducted",
            "points_expired",
            "points_outstanding",
            "entries",
        ],
    ),
    ("journal FILE", ["entries", "size"]),
    ("entry FILE 19", ["seq", "kind", "at", "day", "by", "ok", "key", "ref", "nonce", "body", "move"]),
    ("verify FILE", ["entries", "root", "findings", "notices"]),
]


@pytest.mark.parametrize(("words", "keys"), READING, ids=[words for words, _ in READING])
def test_a_reading_command_has_text_and_json_with_stable_keys(both: Shell, words: str, keys: list[str]) -> None:
    assert both.out(*words.split()).strip()
    assert list(both.json(*words.split())) == keys


@pytest.mark.parametrize("words", [words for words, _ in READING if not words.startswith("verify")])
def test_an_error_of_a_reading_command_is_json_on_stderr(shell: Shell, words: str) -> None:
    typed = [word if word != "FILE" else "nowhere.timebank" for word in words.split()]
    error = json.loads(shell.error(*typed, "--json", code=2))
    assert list(error) == ["error", "message", "facts"]
    assert error["error"] == "file-missing"
    assert error["facts"] == {"path": "nowhere.timebank"}


def test_json_keeps_chinese_as_chinese(shell: Shell) -> None:
    assert "云谷社区" in shell.out("entry", "FILE", "4", "--json")


def test_columns_stand_straight_with_chinese_in_them(shell: Shell) -> None:
    head, _, *lines = shell.in_chinese().out("journal", "FILE").splitlines()
    column = width(head[: head.index("经办人")])
    operators = [entry["by"] for entry in shell.json("journal", "FILE")["entries"]]
    for line, operator in zip(lines, operators, strict=True):
        starts = [width(line[:place]) for place in range(len(line)) if line[place:].startswith(operator)]
        assert column in starts


def test_a_statement_runs_from_what_was_brought_forward_to_what_is_carried_on(both: Shell) -> None:
    found = both.json("statement", "FILE", "--card", "0001", "--from", "2026-02-09", "--to", "2026-02-10")
    assert (found["opening"], found["closing"]) == (60, 70)
    assert [(line["day"], line["kind"], line["delta"], line["after"]) for line in found["lines"]] == [
        ("2026-02-09", "award", 10, 70)
    ]


def test_the_trial_balance_ends_with_each_units_zero(both: Shell) -> None:
    sums = both.json("trial-balance", "FILE")["sums"]
    assert sums == {"PTS": 0, "MIN": 0, "RICE-5KG": 0, "SOAP": 0}
    ends = both.out("trial-balance", "FILE").splitlines()[-4:]
    assert {line.split()[0] for line in ends} == sums.keys()
    assert all(line.endswith(" 0") for line in ends)


def test_a_statement_of_an_unknown_unit_is_refused(shell: Shell) -> None:
    assert "[unknown-good]" in shell.error("statement", "FILE", "--card", "0001", "--unit", "gold", code=2)


def test_the_journal_is_read_in_pages(shell: Shell) -> None:
    page = shell.run("journal", "FILE", "--from", "3", "--limit", "2")
    assert [line.split()[0] for line in page.stdout.splitlines()[2:]] == ["3", "4"]
    assert "--from 5" in page.stderr
    assert [each["seq"] for each in shell.json("journal", "FILE", "--from", "18", "--limit", "9")["entries"]] == [
        18,
        19,
    ]


def test_an_entry_shows_its_transfers(both: Shell) -> None:
    text = both.out("entry", "FILE", str(REDEMPTION))
    assert "L:S:YUNGU-SHOP" in text
    assert "till-1/000123" in text


def test_a_checkpoint_kept_outside_finds_a_tail_that_was_cut(shell: Shell, tmp_path: Path) -> None:
    before = shell.file.read_bytes()
    shell.run("record", "FILE", "patrol", "--card", "0001", "--minutes", "60", "--day", "2026-02-12",
              "--by", "grid-7", "--approved-by", "committee-1")  # fmt: skip
    note = tmp_path / "outside.txt"
    note.write_text(shell.out("checkpoint", "FILE"), encoding="utf-8")
    assert shell.json("verify", "FILE", "--checkpoint", str(note))["findings"] == []
    shell.file.write_bytes(before)
    result = shell.run("verify", "FILE", "--checkpoint", str(note), code=4)
    assert "journal-short" in result.stdout
    assert str(note) in result.stdout


def test_a_receipt_is_written_once_and_proves_its_entry(shell: Shell, tmp_path: Path) -> None:
    from timebank import parse_verifier, verify_receipt

    out = tmp_path / "a.tlog-proof"
    shell.run("receipt", "FILE", str(REDEMPTION), "--out", str(out))
    vkey = shell.json("entry", "FILE", "0")["body"]["vkey"]
    text = out.read_text(encoding="utf-8")
    assert verify_receipt(text, parse_verifier(vkey), "yungu.example/timebank").index == REDEMPTION
    assert shell.out("receipt", "FILE", str(REDEMPTION)) == text
    assert "[file-exists]" in shell.error("receipt", "FILE", str(REDEMPTION), "--out", str(out), code=2)
    assert "[cannot-write]" in shell.error(
        "receipt", "FILE", str(REDEMPTION), "--out", str(tmp_path / "a" / "b"), code=2
    )


def test_a_rebuild_changes_nothing(both: Shell) -> None:
    before = both.json("trial-balance", "FILE")
    assert "20" in both.out("rebuild", "FILE")
    assert both.json("trial-balance", "FILE") == before
