"""What goes wrong: a sentence in the user's language, a stable code, an exit code by family, never a traceback."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ENGLISH, Shell

REFUSED = "redeem FILE yungu-shop rice-5kg=1 --card 0001 --by"
BY_GRID_7 = "--card 0001 --by grid-7 --approved-by admin"
PATROL = "record FILE patrol --card 0001 --minutes 60 --day 2026-02-08"
WRONG = [
    (f"{REFUSED} clerk-3", 3, "not-enough-points"),
    (f"{REFUSED} grid-7", 3, "role-not-allowed"),
    (f"{REFUSED} nobody", 2, "unknown-operator"),
    ("redeem FILE yungu-shop rice-5kg=50 --card 0001 --by clerk-3", 3, "not-enough-points"),
    ("redeem FILE yungu-shop soap=3 --card 0001 --day 2026-01-01 --by clerk-3", 3, "no-price"),
    ("redeem FILE yungu-shop soap=3 --card 0001 --day 2999-01-01 --by clerk-3", 2, "day-in-future"),
    ("redeem FILE yungu-shop soap=3 --card 9999 --by clerk-3", 2, "unknown-card"),
    ("redeem FILE yungu-shop tea=3 --card 0001 --by clerk-3", 2, "unknown-good"),
    ("redeem FILE no-shop soap=3 --card 0001 --by clerk-3", 2, "unknown-shop"),
    ("redeem FILE yungu-shop soap --card 0001 --by clerk-3", 2, "bad-code"),
    ("redeem FILE yungu-shop soap=x --card 0001 --by clerk-3", 2, "bad-amount"),
    ("redeem FILE yungu-shop soap=3 soap=-1 --card 0001 --by clerk-3", 2, "bad-amount"),
    ("redeem FILE yungu-shop soap=0 --card 0001 --by clerk-3", 2, "bad-amount"),
    ("redeem FILE yungu-shop soap=1 --card 0001 --day 2026-2-8 --by clerk-3", 2, "bad-day"),
    ("redeem FILE yungu-shop soap=1 --card 0001 --by clerk-3 --key till-1/000123", 3, "key-conflict"),
    ("redeem FILE yungu-shop soap=1 --card 12345678902 --by clerk-3", 2, "card-mistyped"),
    (f"record FILE patrol --occasions 1 --day 2026-02-08 {BY_GRID_7}", 2, "measure-wrong"),
    (f"record FILE dance --minutes 60 --day 2026-02-08 {BY_GRID_7}", 2, "unknown-service"),
    (f"record FILE patrol --minutes 60 --day 2025-02-08 {BY_GRID_7}", 3, "no-rulebook"),
    (f"{PATROL} --by grid-7 --approved-by grid-7", 3, "role-not-allowed"),
    (f"{PATROL} --by admin --approved-by admin", 3, "self-approval"),
    (f"record FILE patrol --minutes 9999 --day 2026-02-08 {BY_GRID_7}", 2, "bad-amount"),
    (f"record FILE patrol --minutes 1.5 --day 2026-02-08 {BY_GRID_7}", 2, "bad-amount"),
    ("receive FILE yungu-shop soap=1 --by clerk-3 --approved-by committee-1", 2, "source-unclear"),
    ("price FILE yungu-shop soap 4 --from 2026-01-01 --by committee-1", 3, "not-in-order"),
    ("price FILE yungu-shop soap 0 --from 2026-11-01 --by committee-1", 2, "bad-amount"),
    ("rulebook adopt FILE village-points --from 2026-01-01 --by admin", 3, "not-in-order"),
    ("rulebook adopt FILE no-such-rules --from 2026-03-01 --by admin", 2, "file-missing"),
    ("rulebook adopt FILE no-such-rules.toml --from 2026-03-01 --by admin", 2, "file-missing"),
    ("organisation add FILE yungu --name 云谷 --level community --by admin", 3, "already-exists"),
    ("organisation add FILE Yungu --name 云谷 --level community --by admin", 2, "bad-code"),
    ("organisation add FILE hill --name 山 --level town --by admin", 2, "bad-code"),
    ("operator appoint FILE li --org yungu --role king --by admin", 2, "bad-code"),
    ("enrol FILE --org nowhere --by grid-7", 2, "unknown-organisation"),
    ("enrol FILE --org yungu --card 0001 --by grid-7", 3, "already-exists"),
    ("card issue FILE 0000000000 --by grid-7", 2, "unknown-member"),
    ("balance FILE --member 123", 2, "bad-code"),
    ("entry FILE 999", 2, "unknown-entry"),
    ("entry FILE -1", 2, "usage"),
    ("entry FILE one", 2, "unknown-entry"),
    ("reverse FILE 4 --by clerk-3 --approved-by committee-1", 3, "not-reversible"),
    ("init FILE --origin yungu.example/timebank", 2, "file-exists"),
    ("verify FILE --checkpoint nowhere.txt", 2, "file-missing"),
    ("balance FILE", 2, "usage"),
    ("balance FILE --card 0001 --member 0000000000", 2, "usage"),
    ("balance FILE --crad 0001", 2, "usage"),
    ("balance FILE --card", 2, "usage"),
    ("balance", 2, "usage"),
    ("balans FILE", 2, "usage"),
    ("card eat FILE", 2, "usage"),
    ("redeem FILE yungu-shop soap=1 --card 0001", 2, "usage"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "stable"), WRONG, ids=[f"{stable}: {words}" for words, _, stable in WRONG]
)
def test_a_wrong_command_exits_by_its_family_and_writes_nothing(
    both: Shell, words: str, code: int, stable: str
) -> None:
    error = both.error(*words.split(), code=code)
    assert error.endswith(f"[{stable}]\n")
    assert error.startswith("错误：" if both == both.in_chinese() else "Error: ")
    assert both.json("report", "FILE")["entries"] == 20


def test_codes_become_words_in_the_clerks_language(shell: Shell) -> None:
    words = f"{REFUSED} grid-7".split()
    assert "grid-7 是登记员，不能办理“兑换”。可以办理的：店员、审核人、管理员。" in shell.in_chinese().error(
        *words, code=3
    )
    assert "hand goods over for points. Ask one of: clerk, supervisor, administrator." in shell.error(
        *words, code=3
    )


@pytest.mark.parametrize("command", ["report", "verify", "balance --card 0001", "checkpoint", "rebuild"])
@pytest.mark.parametrize("content", ["directory", "empty", "text", "other database", "missing"])
def test_what_is_no_ledger_is_said_so(both: Shell, tmp_path: Path, command: str, content: str) -> None:
    path = tmp_path / "other"
    if content == "directory":
        path.mkdir()
    elif content == "other database":
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE a (b)")
        database.close()
    elif content != "missing":
        path.write_text("" if content == "empty" else "时间银行" * 1000, encoding="utf-8")
    name, *more = command.split()
    stable = "file-missing" if content == "missing" else "not-a-ledger"
    assert f"[{stable}]" in both.error(name, str(path), *more, code=2)


@pytest.mark.parametrize("bytes_left", [100, 4096, 30_000])
@pytest.mark.parametrize("command", ["report", "verify", "redeem FILE yungu-shop soap=1 --card 0001 --by clerk-3"])
def test_a_truncated_file_is_damaged(both: Shell, command: str, bytes_left: int) -> None:
    with both.file.open("r+b") as file:
        file.truncate(bytes_left)
    words = command.split() if "FILE" in command else [command, "FILE"]
    result = both.run(*words, code=4)
    assert result.stdout if command == "verify" and not result.stderr else "[file-damaged]" in result.stderr


def test_every_finding_is_shown_with_its_code_and_its_entry(both: Shell) -> None:
    with sqlite3.connect(both.file) as database:
        database.execute("DROP TRIGGER entry_is_not_updated")
        database.execute(
            "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), '1200', '1201') AS BLOB) WHERE seq = 11"
        )
    database.close()
    text = both.run("verify", "FILE", code=4).stdout
    assert "[11] leaf-edited" in text
    found = json.loads(both.run("verify", "FILE", "--json", code=4).stdout)
    assert {finding["code"] for finding in found["findings"]} >= {"leaf-edited", "schema-missing"}
    for finding in found["findings"]:
        assert list(finding) == ["code", "severity", "seq", "message", "facts"]
        assert f"{finding['code']}" in text
        assert finding["message"] in text


def test_a_busy_file_exits_5(both: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from timebank.bank import open_bank

    monkeypatch.setattr("timebank.cli.commands.open_bank", lambda file: open_bank(file, busy_seconds=0.05))
    other = sqlite3.connect(both.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert "[file-locked]" in both.error("card", "block", "FILE", "0001", "--by", "clerk-3", code=5)
    other.close()


def test_a_rulebook_in_another_encoding_is_refused(both: Shell, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_bytes('title.zh = "积分细则"'.encode("gbk"))
    words = f"rulebook adopt FILE {rules} --from 2026-03-01 --by admin".split()
    assert "[rulebook-invalid]" in both.error(*words, code=2)
    rules.unlink()
    rules.mkdir()
    assert "[cannot-open]" in both.error(*words, code=2)


def test_a_rulebook_with_a_byte_order_mark_is_adopted(shell: Shell, tmp_path: Path) -> None:
    from timebank import shipped_rulebook

    rules = tmp_path / "rules.toml"
    rules.write_text(shipped_rulebook().replace("points = 2", "points = 4"), encoding="utf-8-sig")
    shell.run(*f"rulebook adopt FILE {rules} --from 2026-03-01 --by admin".split())
    assert shell.json("rulebook", "show", "FILE", "--day", "2026-03-01")["services"][0]["points"] == 4
    assert shell.json("rulebook", "show", "FILE", "--day", "2026-02-28")["services"][0]["points"] == 2


def test_a_checkpoint_file_that_is_no_note_is_named(both: Shell, tmp_path: Path) -> None:
    (tmp_path / "note").write_bytes(b"\xff\xfe")
    assert "[bad-note]" in both.error("verify", "FILE", "--checkpoint", str(tmp_path / "note"), code=2)
    assert "[cannot-open]" in both.error("verify", "FILE", "--checkpoint", str(tmp_path), code=2)


def test_a_missing_key_is_said_so(both: Shell) -> None:
    Path(f"{both.file}.key").unlink()
    assert "[key-missing]" in both.error("checkpoint", "FILE", code=2)


def test_a_ledger_without_signing_says_what_it_cannot_do(fresh: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric", None)
    assert "no signing key" in fresh.out("init", "FILE", "--origin", "a.example")


def test_a_clock_that_is_behind_is_warned_of_on_stderr(both: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime, timedelta

    from timebank.bank import open_bank

    late = datetime.now(UTC) - timedelta(hours=5)
    monkeypatch.setattr("timebank.cli.commands.open_bank", lambda file: open_bank(file, clock=lambda: late))
    for words in (f"{REFUSED} clerk-3".replace("rice-5kg", "soap"), "card block FILE 0001 --by clerk-3"):
        warning = both.run(*words.split()).stderr
        assert warning.startswith("注意" if both == both.in_chinese() else "Warning")


def test_ctrl_c_ends_with_a_sentence(both: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("timebank.cli.evidence.verify_file", interrupted)
    assert "timebank journal" in both.error("verify", "FILE", code=130)


def test_the_same_file_verifies_after_all_of_it(shell: Shell, tmp_path: Path) -> None:
    copy = tmp_path / "copy.timebank"
    shutil.copy(shell.file, copy)
    assert Shell(copy, ENGLISH).json("verify", "FILE")["findings"] == []


def test_what_cannot_be_read_back_fails_before_anything_is_written(both: Shell) -> None:
    with sqlite3.connect(both.file) as database:
        database.execute("DROP TRIGGER entry_is_not_updated")
        database.execute(
            "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), 'village', ' village') AS BLOB)"
        )
    database.close()
    result = both.run(*["redeem", "FILE", "yungu-shop", "soap=1", "--card", "0001", "--by", "clerk-3"], code=None)
    assert result.exit_code in (2, 4)
    assert both.json("report", "FILE")["entries"] == 20


@pytest.mark.parametrize("name", ["云谷 账本.timebank", "a?mode=memory#b.timebank", "-x.timebank", "%41.timebank"])
def test_a_ledger_may_have_any_name(fresh: Shell, name: str) -> None:
    named = Shell(fresh.file.with_name(name), ENGLISH)
    named.run("init", "FILE", "--origin", "yungu.example/timebank")
    assert named.json("report", "FILE")["entries"] == 4
    assert "No findings." in named.out("verify", "FILE")


@pytest.mark.parametrize(
    ("words", "stable"),
    [
        ("init FILE/a --origin a.example", "cannot-open"),
        ("init FILE --origin A", "bad-code"),
        ("init FILE --origin a.example --zone Nowhere/Town", "bad-code"),
        ("init FILE --origin a.example --admin 李", "bad-code"),
        ("init FILE", "usage"),
        ("report /dev/null", "not-a-ledger"),
        ("demo nowhere", "unknown-demo"),
    ],
)
def test_a_ledger_that_cannot_be_made_leaves_nothing(fresh: Shell, words: str, stable: str) -> None:
    typed = [word.replace("FILE", str(fresh.file)) for word in words.split()]
    for shell in (fresh, fresh.in_chinese()):
        assert f"[{stable}]" in shell.error(*typed, code=2)
    assert list(fresh.file.parent.iterdir()) == []


def test_bytes_that_are_no_text_are_shown_and_do_no_harm(both: Shell) -> None:
    error = both.error("balance", "FILE", "--card", "\udcff\udcfe", "--json", code=2)
    assert json.loads(error)["error"] == "bad-code"
    assert "[bad-code]" in both.error("balance", "FILE", "--card", "\udcff\udcfe", code=2)
