"""The clients as processes, seen from outside: how many answers they have had, and who can still have any."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

PROJECT: Final = Path(__file__).parents[2]
STALLED_SECONDS: Final = 120
"""Nobody hears anything for so long only if something is wrong with the run."""


class StalledError(Exception):
    """Clients are there, and nothing comes of them."""


class EndedError(Exception):
    """A client's process ended by itself, as none should."""


class Member:
    """One client's process; it is started again when it was killed."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.is_stopped = False
        self.is_done = False
        self._errors = config.with_suffix(".errors")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether it is there and not stopped."""
        return self.process is not None and not self.is_stopped

    @property
    def pipe(self) -> IO[bytes]:
        """Where it sends one byte for each answer."""
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout

    def start(self) -> None:
        """Start it, or start it again."""
        with self._errors.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.histories.client", str(self.config)],
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=PROJECT,
            )

    def kill(self) -> None:
        """End it at once, wherever it is."""
        assert self.process is not None
        self.process.kill()
        self._ended()

    def end(self) -> None:
        """End it, if it is there, whatever became of it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.pipe.close()
            self.process = None

    def stop(self) -> None:
        """Let it stand still, wherever it is."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        self.is_stopped = True

    def go_on(self) -> None:
        """Let it go on."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)
        self.is_stopped = False

    def hear(self) -> int:
        """How many answers it tells of; at the end of them, that it is done or has killed itself."""
        told = len(os.read(self.pipe.fileno(), 4096))
        if not told:
            self.is_done = self._ended() != -signal.SIGKILL
        return told

    def _ended(self) -> int:
        assert self.process is not None
        self.pipe.close()
        code = self.process.wait()
        self.process, self.is_stopped = None, False
        if code not in (0, 70, -signal.SIGKILL):
            raise EndedError(f"a client ended with {code}: {self._errors.read_text(encoding='utf-8')[-800:]}")
        return code


class Crew:
    """All clients of a run."""

    def __init__(self, configs: Sequence[dict[str, Any]], directory: Path) -> None:
        self.members = []
        for config in configs:
            path = directory / f"client-{config['client']}.json"
            path.write_text(json.dumps(config), encoding="utf-8")
            self.members.append(Member(path))

    @property
    def running(self) -> list[Member]:
        """Those who can be answered something."""
        return [each for each in self.members if each.is_running]

    def answers(self, wanted: int) -> None:
        """Wait until *wanted* more answers were given, or nobody is left who could have any."""
        while wanted > 0 and self.running:
            by_pipe = {each.pipe.fileno(): each for each in self.running}
            ready, _, _ = select.select(list(by_pipe), [], [], STALLED_SECONDS)
            if not ready:
                raise StalledError(f"{len(by_pipe)} clients were silent for {STALLED_SECONDS} seconds")
            for pipe in ready:
                wanted -= by_pipe[pipe].hear()
                self._again(by_pipe[pipe])

    def _again(self, member: Member) -> None:
        if member.process is None and not member.is_done:
            member.start()

    def end(self) -> None:
        """Leave nobody behind."""
        for each in self.members:
            each.end()
