"""A PostgreSQL server of our own: a fresh cluster on a unix socket, by an unprivileged user, gone afterwards.

Durability is the server's default (fsync, full_page_writes, synchronous_commit on) and is written out, so that no
setting of the system's can weaken it. The server is told by the kernel to stop if this process dies.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from tests.benchmarks.peers.environments import NotMeasured

if TYPE_CHECKING:
    from collections.abc import Sequence

_USER: Final = "postgres"
_PROGRAMS: Final = Path("/usr/lib/postgresql")
_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 30
_SETTINGS: Final = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "listen_addresses": "",
    "logging_collector": "off",
}


def newest() -> Path | None:
    """The programs of the newest PostgreSQL server that Debian has put here."""
    found = sorted(_PROGRAMS.glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    return found[-1].parent if found else None


class Cluster:
    """A running server; its files lie under *directory*, the disk that is measured."""

    def __init__(self, directory: Path) -> None:
        programs = newest()
        if programs is None:
            raise NotMeasured("needs Debian's postgresql")
        self._programs = programs
        # The bench's own directory is closed to other users, so this one lies beside it.
        self._home = Path(tempfile.mkdtemp(prefix="timebank-pg-", dir=directory.parent))
        self._databases = 0
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        self._server: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            user = pwd.getpwnam(_USER)
            os.chown(self._home, user.pw_uid, user.pw_gid)
        data = self._home / "data"
        made = self._run(
            "initdb", "-D", str(data), "-A", "trust", "-U", _USER, "--no-sync", "-E", "UTF8", "--no-locale"
        )
        if made.returncode:
            raise NotMeasured(f"initdb: {made.stderr.strip().splitlines()[-1]}")
        options = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        command = [str(self._programs / "postgres"), "-D", str(data), "-k", str(self._home), *options]
        with (self._home / "log").open("wb") as log:
            self._server = subprocess.Popen(
                [*self._as_user(), "--pdeathsig", "INT", *command], stdout=log, stderr=log, cwd=self._home
            )
        ready = self._run("pg_isready", "-h", str(self._home), "-t", str(_START_SECONDS))
        tries = 0
        while ready.returncode and self._server.poll() is None and tries < _START_SECONDS:
            tries += 1
            try:
                self._server.wait(0.5)
            except subprocess.TimeoutExpired:
                ready = self._run("pg_isready", "-h", str(self._home))
        if ready.returncode:
            raise NotMeasured("PostgreSQL did not start")

    def _as_user(self) -> list[str]:
        """Words before a command that give root's rights up."""
        words = ["setpriv"]
        return [*words, f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups"] if os.geteuid() == 0 else words

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command: Sequence[str] = [*self._as_user(), str(self._programs / program), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=self._home)

    def database(self) -> str:
        """A new empty database, as psycopg is told of it."""
        self._databases += 1
        name = f"bench{self._databases}"
        made = self._run("createdb", "-h", str(self._home), "-U", _USER, name)
        if made.returncode:
            raise NotMeasured(f"createdb: {made.stderr.strip()}")
        return f"host={self._home} dbname={name} user={_USER}"

    def close(self) -> None:
        """Stop the server and remove its files."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            try:
                self._server.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._server.send_signal(signal.SIGQUIT)
                self._server.wait()
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
