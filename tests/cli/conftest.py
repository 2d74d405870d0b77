"""A ledger of one community after its first day, made by commands alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from click.testing import CliRunner, Result

from timebank.cli import main

ENGLISH = {
    "LC_ALL": "en_GB.UTF-8",
    "LC_MESSAGES": "",
    "LANG": "",
    "TIMEBANK_BY": None,
    "TIMEBANK_APPROVED_BY": None,
}
CHINESE = {**ENGLISH, "LC_ALL": "zh_CN.UTF-8"}


@frozen
class Shell:
    """Runs `timebank` in process; *file* stands for FILE in the words of a command."""

    file: Path
    environment: dict[str, str | None]

    def run(self, *words: str, code: int | None = 0) -> Result:
        typed = [str(self.file) if word == "FILE" else word for word in words]
        result = CliRunner().invoke(main, typed, env=self.environment)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        assert code in (None, result.exit_code), (typed, result.output, result.stderr)
        assert "Traceback" not in result.output
        return result

    def out(self, *words: str) -> str:
        return self.run(*words).stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json").stdout)

    def error(self, *words: str, code: int) -> str:
        result = self.run(*words, code=code)
        assert result.stdout == ""
        return result.stderr

    def in_chinese(self) -> Shell:
        return Shell(self.file, CHINESE)


FIRST_DAY = """
init FILE --origin yungu.example/timebank
organisation add FILE yungu --name 云谷社区 --level community --by admin
operator appoint FILE committee-1 --org yungu --role supervisor --by admin
operator appoint FILE grid-7 --org yungu --role registrar --by admin
operator appoint FILE clerk-3 --org yungu --role clerk --by admin
rulebook adopt FILE village-points --from 2026-01-01 --by admin
enrol FILE --org yungu --card 0001 --by grid-7
enrol FILE --org yungu --kind household --card 0066 --by grid-7
record FILE elder-visit --card 0001 --minutes 1200 --day 2026-02-08 --by grid-7 --approved-by committee-1
record FILE mediation --card 0001 --occasions 1 --day 2026-02-09 --by grid-7 --approved-by committee-1
shop open FILE yungu-shop --org yungu --name 云谷积分超市 --by admin
good add FILE rice-5kg --name 大米5千克 --name-en Rice-5-kg --by admin
good add FILE soap --name 香皂 --name-en Soap --by admin
price FILE yungu-shop rice-5kg 40 --from 2026-02-01 --by committee-1
price FILE yungu-shop soap 3 --from 2026-02-01 --by committee-1
receive FILE yungu-shop rice-5kg=40 soap=10 --donor huicai --day 2026-02-10 --by clerk-3 --approved-by committee-1
redeem FILE yungu-shop rice-5kg=1 soap=2 --card 0001 --day 2026-02-11 --by clerk-3 --key till-1/000123
"""
REDEMPTION = 19


@pytest.fixture
def fresh(tmp_path: Path) -> Shell:
    """No file yet."""
    return Shell(tmp_path / "yungu.timebank", ENGLISH)


@pytest.fixture(scope="session")
def first_day_outputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    shell = Shell(tmp_path_factory.mktemp("first-day") / "yungu.timebank", ENGLISH)
    return shell.file, [shell.out(*line.split()) for line in FIRST_DAY.strip().splitlines()]


@pytest.fixture
def shell(tmp_path: Path, first_day_outputs: tuple[Path, list[str]]) -> Shell:
    """A copy of the ledger after its first day, with its key; it was closed, so it is one file."""
    made, _ = first_day_outputs
    for suffix in ("", ".key"):
        (tmp_path / (made.name + suffix)).write_bytes(Path(f"{made}{suffix}").read_bytes())
    return Shell(tmp_path / made.name, ENGLISH)


@pytest.fixture(params=["en", "zh"])
def both(request: pytest.FixtureRequest, shell: Shell) -> Shell:
    """The ledger after its first day, once in each language."""
    return shell if request.param == "en" else shell.in_chinese()
