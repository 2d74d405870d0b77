"""A reader at a keyboard: types a page's examples in an empty directory and looks at what is printed."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field
from click.testing import CliRunner

from timebank import errors
from timebank.cli import main
from timebank.cli.commands import EXIT_CODES
from timebank.errors import Damaged, TimebankError

if TYPE_CHECKING:
    from tests.docs.page import Block, Page

RUN_FOR_REAL = frozenset(("bash", "bean-check", "bean-query", "cat", "hledger", "ledger", "sqlite3"))
"""Programs that examples use beside timebank; one that this machine lacks is passed over."""

SKIPPED = frozenset(("python3",))
"""What installs (README, and the tutorial's first step): not run."""

_ERROR_LINE = re.compile(r"^(?:Error: |错误：).*\[([a-z-]+|\.\.\.)\]$", re.MULTILINE)
_FINDINGS_LINE = re.compile(r"^(?:Findings: |审计发现 )", re.MULTILINE)


def programs() -> str:
    """Where programs are looked for: those that came with the test extra stand beside Python."""
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))


def error_classes() -> list[type[TimebankError]]:
    """Every error that can be raised, in the order of errors.py: the classes with a code of their own."""
    classes = [
        each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, TimebankError)
    ]
    return [each for each in classes if "code" in vars(each) and each is not TimebankError]


FAMILY_EXITS = {
    kind.code: next(code for family, code in EXIT_CODES.items() if issubclass(kind, family))
    for kind in error_classes()
} | {"usage": 2}


def pattern_of(shown: str) -> re.Pattern[str]:
    """What matches an output that is shown with `...` in it."""
    wanted = ""
    for line in shown.rstrip("\n").split("\n"):
        if line.strip() == "...":
            wanted += r"(?:.*\n)*?"
        else:
            wanted += ".*".join(re.escape(part) for part in line.rstrip().split("...")) + "\n"
    return re.compile(wanted)


def check_output(shown: str, printed: str, where: str) -> None:
    clean = "".join(line.rstrip() + "\n" for line in printed.rstrip("\n").split("\n"))
    assert pattern_of(shown).fullmatch(clean), f"{where}\n--- shown\n{shown}\n--- printed\n{clean}"


def exit_code_of(shown: str) -> int:
    """The exit code of a command that prints what is *shown*."""
    if error := _ERROR_LINE.search(shown):
        return FAMILY_EXITS[error[1]]
    return EXIT_CODES[Damaged] if _FINDINGS_LINE.search(shown) else 0


@define
class Shell:
    """One reader of one page, in *directory*."""

    page: Page
    directory: Path
    environment: dict[str, str] = field(factory=dict)
    names: dict[str, Any] = field(factory=dict)
    last_exit: int = 0

    def __attrs_post_init__(self) -> None:
        chinese = self.page.name.endswith(".zh-CN.md")
        self.environment["LANG"] = "zh_CN.UTF-8" if chinese else "C.UTF-8"
        self.names["__name__"] = "__example__"

    def run(self, block: Block) -> None:
        """Type one block."""
        where = f"{self.page.name}:{block.line}"
        with contextlib.chdir(self.directory):
            if block.language == "python":
                self._python(block, where)
            elif block.language == "console":
                for command, shown in commands(block.text):
                    self._type(command, shown, f"{where}: {command}")
            elif block.language == "bash":
                (self.directory / block.text.split()[1]).write_text(block.text, encoding="utf-8")
            elif block.language == "sh":
                for line in block.text.replace("\\\n", " ").splitlines():
                    if line.strip():
                        self._type(line, "", f"{where}: {line}")

    def _python(self, block: Block, where: str) -> None:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(block.text, where, "exec"), self.names)
        if block.shown is not None:
            check_output(block.shown, printed.getvalue(), where)

    def _type(self, command: str, shown: str, where: str) -> None:
        program = command.split()[0]
        if program == "export":
            for word in shlex.split(command)[1:]:
                name, _, value = word.partition("=")
                self.environment[name] = value
            return
        if program in SKIPPED or (program in RUN_FOR_REAL and shutil.which(program, path=programs()) is None):
            return
        if command == "echo $?":
            check_output(shown, f"{self.last_exit}\n", where)
            return
        printed = self._timebank(command) if program == "timebank" else self._for_real(program, command)
        if shown:
            check_output(shown, printed, where)
        if program == "timebank":
            assert self.last_exit == exit_code_of(shown), f"{where}\nexit code {self.last_exit}\n{printed}"
        elif not shown:
            assert self.last_exit == 0, f"{where}\nexit code {self.last_exit}\n{printed}"

    def _timebank(self, command: str) -> str:
        lexer = shlex.shlex(command, posix=True, punctuation_chars="|&;<>")
        lexer.whitespace_split = True
        words = list(lexer)
        target = None
        if ">" in words:
            target = words[words.index(">") + 1]
            words = words[: words.index(">")]
        assert not {"|", "&&", ";", "<"} & set(words), f"{command}: only > is understood here"
        cleared = dict.fromkeys(("LC_ALL", "LC_MESSAGES", "TIMEBANK_BY", "TIMEBANK_APPROVED_BY"))
        result = CliRunner().invoke(main, words[1:], env={**cleared, **self.environment})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.last_exit = result.exit_code
        if target is None:
            return result.output
        (self.directory / target).write_bytes(result.stdout_bytes)
        return result.stderr

    def _for_real(self, program: str, command: str) -> str:
        assert program in RUN_FOR_REAL, f"{command}: not known; name it in RUN_FOR_REAL or SKIPPED"
        environment = {"PATH": programs(), **self.environment, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            ["bash", "-c", command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        self.last_exit = done.returncode
        return done.stdout.decode()


def commands(text: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what is shown after it; a backslash continues a command."""
    found: list[tuple[str, str]] = []
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("$ "):
            command = line.removeprefix("$ ")
            while command.endswith("\\"):
                command = command.removesuffix("\\") + next(lines).strip()
            found.append((command, ""))
        else:
            assert found, f"output before any command: {line}"
            found[-1] = (found[-1][0], found[-1][1] + line + "\n")
    return found
