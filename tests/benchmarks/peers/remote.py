"""A peer at work in a process of its own interpreter: told what to do through a pipe, it answers its seconds."""

from __future__ import annotations

import json
import select
import subprocess
from pathlib import Path
from typing import Any, Final, Self

from tests.benchmarks.peers.environments import NotMeasured, last_line

_PLAYER: Final = Path(__file__).with_name("player.py")
_ANSWER_SECONDS: Final = 120
_END_SECONDS: Final = 10


class Remote:
    """The peer that *adapter* drives, with the accounts of *plan* founded; its files lie in *directory*."""

    def __init__(self, python: Path, adapter: Path, plan: Path, directory: Path, *place: str) -> None:
        self._log = directory / "log"
        command = [str(python), "-I", "-W", "ignore", str(_PLAYER), str(adapter), str(plan), str(directory)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, *place], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd=directory
            )
        try:
            self.versions = str(self._answer())
        except BaseException:
            self.close()
            raise

    def do(self, kind: str, first: int, last: int) -> float:
        """Do a share of the plan, and answer the seconds that the peer itself has measured."""
        self._ask("prepare", kind, first, last)
        return float(self._ask("go"))

    def balances(self) -> list[int]:
        """Debits less credits of every account."""
        return list(self._ask("balances"))

    def _ask(self, *words: object) -> Any:
        pipe = self._process.stdin
        assert pipe is not None
        try:
            pipe.write(json.dumps(words).encode() + b"\n")
            pipe.flush()
        except BrokenPipeError:
            raise self._failed() from None
        return self._answer()

    def _answer(self) -> Any:
        pipe = self._process.stdout
        assert pipe is not None
        if not select.select([pipe], [], [], _ANSWER_SECONDS)[0]:
            raise NotMeasured(f"no answer within {_ANSWER_SECONDS} s")
        line = pipe.readline()
        if not line:
            raise self._failed()
        return json.loads(line)

    def _failed(self) -> NotMeasured:
        self._process.wait()
        return NotMeasured(last_line(self._log.read_text(encoding="utf-8", errors="replace")))

    def close(self) -> None:
        """End the process: it ends by itself when nothing more is said."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
