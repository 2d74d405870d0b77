"""In which language the command line speaks, and that it speaks on every terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tests.cli.conftest import ENGLISH, Shell
from timebank.cli import main
from timebank.cli.commands import Group, Option
from timebank.cli.language import language_of_environment
from timebank.cli.output import duration, width
from timebank.locale import sentences

if TYPE_CHECKING:
    import click


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh"}, "zh_CN"),
        ({"LANG": "C"}, "en"),
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_CN", "LANG": "en_US"}, "zh_CN"),
    ],
)
def test_the_environment_chooses_the_language(environment: dict[str, str], language: str) -> None:
    assert language_of_environment(environment) == language


def test_lang_is_taken_before_and_after_the_command(shell: Shell) -> None:
    expected = shell.in_chinese().out("report", "FILE")
    assert shell.out("--lang", "zh", "report", "FILE") == expected
    assert shell.out("report", "FILE", "--lang", "zh") == expected
    assert shell.out("report", "--lang", "zh_CN", "FILE") == expected
    assert shell.in_chinese().out("report", "FILE", "--lang", "en") == shell.out("report", "FILE")
    assert "缺少" in shell.error("card", "--lang", "zh", "block", "FILE", "0001", code=2)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_command_is_explained_in_both_languages(lang: str) -> None:
    def commands(group: click.Group, path: tuple[str, ...]) -> list[tuple[str, ...]]:
        found = [path]
        for name, command in group.commands.items():
            found += commands(command, (*path, name)) if isinstance(command, Group) else [(*path, name)]
        return found

    for path in commands(main, ()):
        result = CliRunner().invoke(main, ["--lang", lang, *path, "--help"], env=ENGLISH)
        assert result.exit_code == 0, (path, result.output)
        help_text = sentences("zh_CN" if lang == "zh" else "en")["help"]["-".join(path) or "timebank"]
        assert help_text.split()[0] in result.output
        assert ("用法：" if lang == "zh" else "Usage: ") in result.output
        assert ("显示本说明。" if lang == "zh" else "Show this help.") in result.output


def test_no_help_is_left_of_a_command_or_option_that_is_gone() -> None:
    commands, options = {"timebank"}, {"help", "version", "lang"}

    def walk(group: click.Group) -> None:
        for command in group.commands.values():
            commands.add(command.help or "")
            options.update(param.message_id for param in command.params if isinstance(param, Option))
            if isinstance(command, Group):
                walk(command)

    walk(main)
    assert sentences("en")["help"].keys() == commands
    assert sentences("en")["option"].keys() == options


def test_the_version_is_told() -> None:
    result = CliRunner().invoke(main, ["--version"])
    assert result.output.startswith("timebank 0.")


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("积分", 4), ("大米5千克", 9), ("é", 1), ("e\u0301", 1), ("（）", 4)]
)
def test_a_chinese_character_takes_two_columns(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "0"), (45, "45 min"), (60, "1 h"), (95, "1 h 35 min"), (1_260_000, "21,000 h")]
)
def test_minutes_are_said_as_people_say_them(minutes: int, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert duration(minutes) == said


def run_in_process_of_its_own(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "HOME")}
    return subprocess.run(
        [sys.executable, "-m", "timebank.cli", *words],
        env={**kept, **environment},
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", "云谷".encode()),
        ("latin-1", rb"\u4e91\u8c37"),
        ("gbk", "云谷".encode("gbk")),
        ("utf-8", "云谷".encode()),
    ],
)
def test_chinese_does_not_crash_a_terminal_that_cannot_show_it(shell: Shell, encoding: str, shown: bytes) -> None:
    done = run_in_process_of_its_own("journal", str(shell.file), "--lang", "zh", PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    # click itself takes a terminal that says ASCII for one that was set up wrong, and writes UTF-8.
    assert shown in done.stdout


def test_json_is_utf8_on_every_terminal(shell: Shell) -> None:
    done = run_in_process_of_its_own("entry", str(shell.file), "4", "--json", PYTHONIOENCODING="ascii", LANG="C")
    assert "云谷社区" in done.stdout.decode("utf-8")


def test_a_reader_that_goes_away_is_no_error(shell: Shell) -> None:
    command = [sys.executable, "-m", "timebank.cli", "journal", str(shell.file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait()


def test_importing_the_library_imports_no_command_line() -> None:
    script = "import sys, timebank; print(sorted({'click', 'rich', 'timebank.cli'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"
