"""A process whose system calls fail, or which dies, at the Nth call: strace's `inject=`, on the book's own files.

The errand runs in a process of its own, forked from one that has everything imported. strace is put on it before
it opens the book, and is taken off when the first error was told: that is the moment at which somebody has made
room, or changed the disk, and the errand goes on with the same command in the same process.

strace counts the calls of each thread by themselves: the Nth call is the Nth of a thread, and where threads share
the work there may be none that comes so far. Whether the fault was made stands in strace's log.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import define, evolve, field, frozen

from tests.faults.errands import ERRANDS
from timebank.errors import TimebankError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess

LONG: Final = 60.0
"""Seconds after which a process that says nothing has failed."""

_FILES: Final = ("", "-wal", "-shm", "-journal", ".key", ".key.new", ".key.new.new", ".signed", ".signed.new")
_UNFINISHED: Final = (".new", ".new-wal", ".new-shm", ".new-journal")
_PR_SET_PTRACER: Final = 0x59616D61

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(["tests.faults.acts", "tests.faults.injection"])
"""The one place that says what processes are forked from: another list would take this one's place."""


@frozen
class Injection:
    """At the *when*-th *call* (`7`, or `7+` for it and all that follow) *what* happens, as strace writes it.

    *also* is a second fault, whole: `read:error=EIO:when=2+`.
    """

    call: str
    what: str
    when: str
    also: str = ""

    @property
    def faults(self) -> list[str]:
        """As strace takes them."""
        return [each for each in (f"{self.call}:{self.what}:when={self.when}", self.also) if each]


@frozen
class Limit:
    """So many more bytes of memory than the process has: of SQLite's *heap*, or of addresses (RLIMIT_AS)."""

    kind: str
    more_bytes: int

    def set(self) -> Callable[[], object]:
        """Set it on this process; answers what takes it off again."""
        if self.kind == "heap":
            # The PRAGMA of this name can only be lowered.
            library = ctypes.CDLL(_sqlite3.__file__)
            set_limit, used = library.sqlite3_hard_heap_limit64, library.sqlite3_memory_used
            set_limit.argtypes, set_limit.restype, used.restype = [ctypes.c_int64], ctypes.c_int64, ctypes.c_int64
            set_limit(used() + self.more_bytes)
            return lambda: set_limit(0)
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + self.more_bytes
        before = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
        return lambda: resource.setrlimit(resource.RLIMIT_AS, before)


@frozen
class Told:
    """What came of an errand: *answered* are places and leaves of entries, *errors* the codes in their order.

    *left* are errors that are none of ours. Of one that *finished* every step was answered. *code* is what its
    process ended with, as multiprocessing says it: a signal is negative.
    """

    answered: tuple[tuple[int, bytes], ...] = ()
    errors: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    finished: bool = False
    sentences: tuple[str, ...] = field(default=(), eq=False)
    code: int | None = None


def can_trace() -> bool:
    """Whether strace is here, and may look at a process."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], check=False, capture_output=True).returncode == 0


def run(
    name: str,
    path: Path,
    injection: Injection | None = None,
    *,
    calls: str = "",
    again: bool = True,
    relieve: Callable[[], object] = bool,
    stopped: Callable[[int], object] | None = None,
    limit: Limit | None = None,
) -> Told:
    """Do the errand *name* on the ledger at *path* while *injection* is made.

    After the first error the fault is taken away, by *relieve* if it is none of strace's, and all goes on.
    With *calls* its system calls of these names are written to strace.log beside the ledger. Without *again* the
    process is killed when it has told the first error, as somebody would who switches the machine off and on.
    *stopped* is called with its id when it stands still. With *limit* it has only so much memory.
    """
    with _started(name, path, limit) as (here, child):
        assert child.pid is not None
        with _traced(child.pid, path, injection, calls) as tracer:
            here.send("go")

            def relieved() -> None:
                _detach(tracer)
                relieve()

            def met(pid: int) -> None:
                _detach(tracer)  # or it would stop the next thread that comes so far, too
                assert stopped is not None
                stopped(pid)

            watch = None if stopped is None else _Watch(path.parent / "strace.log", child.pid, met)
            told = _heard(here, child.pid, relieved, watch, again=again)
        child.join(LONG)
        return evolve(told, code=child.exitcode)


@contextmanager
def nobody_left(processes: Iterable[ForkServerProcess]) -> Iterator[None]:
    """Whoever of *processes* is still there when this ends, in whatever way, is ended."""
    try:
        yield
    finally:
        for each in processes:
            if each.is_alive():
                each.kill()
                each.join()


@contextmanager
def _started(name: str, path: Path, limit: Limit | None) -> Iterator[tuple[Connection, ForkServerProcess]]:
    """The process of an errand, ready to begin; nobody is left behind, whatever happens meanwhile."""
    here, there = forks.Pipe()
    child = forks.Process(target=_errand, args=(there, name, str(path), limit))
    child.start()
    there.close()
    with here, nobody_left([child]):
        here.recv()
        yield here, child


def _errand(pipe: Connection, name: str, path: str, limit: Limit | None) -> None:
    """What the child does: every answer is said, and after an error it waits, and does the same step again."""
    with suppress(OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, ctypes.c_ulong(-1), 0, 0, 0)
    errand = ERRANDS[name]
    pipe.send("ready")
    pipe.recv()

    def said(posted: object) -> None:
        pipe.send(("answered", [(each.seq, each.leaf) for each in posted]))  # type: ignore[attr-defined]

    def insisting(act):  # type: ignore[no-untyped-def]
        while True:
            try:
                return act()
            except BaseException as error:
                lift()
                if isinstance(error, TimebankError):
                    pipe.send(("error", error.code, error.message("en")))
                elif isinstance(error, MemoryError):
                    pipe.send(("error", "MemoryError", ""))
                else:
                    pipe.send(("left", repr(error), ""))
            pipe.recv()

    lift = bool if limit is None else limit.set()

    bank = insisting(lambda: errand.opened(Path(path)))
    for step in errand.steps:
        insisting(lambda step=step: step(bank, said))
    insisting(bank.close)
    pipe.send(("finished",))


@define
class _Watch:
    """Looks whether the process *pid* was stopped, and then, once, does *act*."""

    log: Path
    pid: int
    act: Callable[[int], object] | None

    def look(self) -> None:
        if self.act is not None and "stopped by SIGSTOP" in self.log.read_text(encoding="ascii"):
            act, self.act = self.act, None
            act(self.pid)


def _said(here: Connection, watch: _Watch | None) -> bool:
    """Whether the process says something, or is gone, before long."""
    until = time.monotonic() + LONG
    while not here.poll(0.01 if watch else LONG):
        if watch is not None:
            watch.look()
        if time.monotonic() > until:
            return False
    return True


def _heard(
    here: Connection, pid: int, relieve: Callable[[], object], watch: _Watch | None, *, again: bool
) -> Told:
    answered: list[tuple[int, bytes]] = []
    errors: list[str] = []
    left: list[str] = []
    sentences: list[str] = []
    finished = False
    with suppress(EOFError, ConnectionResetError):
        while _said(here, watch):
            kind, *what = here.recv()
            if kind == "answered":
                answered += what[0]
            elif kind == "finished":
                finished = True
            else:
                (errors if kind == "error" else left).append(what[0])
                sentences.append(what[1])
                relieve()
                if not again:
                    os.kill(pid, signal.SIGKILL)
                    break
                here.send("again")
        else:
            os.kill(pid, signal.SIGKILL)
            left.append("it hung")
    return Told(tuple(answered), tuple(errors), tuple(left), finished, tuple(sentences))


@contextmanager
def _traced(
    pid: int, path: Path, injection: Injection | None, calls: str
) -> Iterator[subprocess.Popen[bytes] | None]:
    """strace on the process *pid*, for what it does to the files of the ledger at *path*."""
    if injection is None and not calls:
        yield None
        return
    faults = [] if injection is None else injection.faults
    names = ",".join(sorted({each.split(":")[0] for each in faults})) or calls
    words = ["strace", "-f", "-p", str(pid), "-o", str(path.parent / "strace.log"), "-e", f"trace={names}"]
    for each in faults:
        words += ["-e", f"inject={each}"]
    for end in (*_FILES, *_UNFINISHED):
        words += ["-P", f"{path}{end}"]
    tracer = subprocess.Popen([*words, "-P", str(path.parent)], stderr=subprocess.PIPE)
    try:
        assert tracer.stderr is not None
        said = tracer.stderr.readline()
        while b"attached" not in said:
            assert said, "strace could not be put on the process"
            said = tracer.stderr.readline()
        yield tracer
        with suppress(subprocess.TimeoutExpired):
            tracer.wait(LONG)  # it ends, and its log is whole, when the process has ended
    finally:
        _detach(tracer)


def _detach(tracer: subprocess.Popen[bytes] | None) -> None:
    """Take strace off, in the one way that cannot hang; the process goes on without."""
    if tracer is not None and tracer.stderr is not None:
        tracer.kill()
        tracer.stderr.close()
        tracer.wait(LONG)
