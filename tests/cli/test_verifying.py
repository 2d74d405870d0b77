"""`timebank verify --since`, and how findings are told to programs."""

from __future__ import annotations

from pathlib import Path

from tests.audit.tamper import run
from tests.cli.conftest import Shell


def note_of(shell: Shell) -> str:
    note = shell.file.with_suffix(".note")
    note.write_text(shell.out("checkpoint", "FILE"), encoding="utf-8")
    shell.run("good", "add", "FILE", "tea", "--name", "茶", "--name-en", "Tea", "--by", "admin")
    return str(note)


def test_what_came_after_a_checkpoint_is_checked_and_it_is_said_that_no_more_was(both: Shell) -> None:
    note = note_of(both)
    out = both.out("verify", "FILE", "--since", note)
    entries, since = (
        both.json("verify", "FILE", "--since", note)["entries"],
        int(Path(note).read_text().split()[1]),
    )
    assert entries > since
    assert f" {since} " in out and f" {entries - since} " in out
    assert "--checkpoint" not in out


def test_a_program_is_told_since_when_and_how_grave(shell: Shell) -> None:
    note = note_of(shell)
    assert "since" not in shell.json("verify", "FILE")
    run(shell.file, "UPDATE entry SET hash = zeroblob(32) WHERE seq = (SELECT max(seq) FROM entry)")
    said = shell.run("verify", "FILE", "--since", note, "--json", code=4).stdout
    assert '"severity": "error"' in said and '"code": "leaf-edited"' in said


def test_a_finding_about_the_note_says_its_file(shell: Shell) -> None:
    note = Path(note_of(shell))
    other = note.read_text(encoding="utf-8").replace("yungu.example/timebank\n", "other.example/timebank\n", 1)
    note.write_text(other, encoding="utf-8")
    assert str(note) in shell.run("verify", "FILE", "--since", str(note), code=4).stdout


def test_a_note_that_is_none_or_not_there_is_an_error(shell: Shell) -> None:
    other = shell.file.with_suffix(".note")
    assert str(other) in shell.error("verify", "FILE", "--since", str(other), code=2)
    other.write_text("a text")
    assert "bad-note" in shell.error("verify", "FILE", "--since", str(other), code=2)
