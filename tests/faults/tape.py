"""A tape: every write, flush and unlink that a real run of the store asked the system for, and its answers.

A child process does commands on a ledger while strace writes its system calls down. The child says on standard
output what it has been answered (`ack SEQ HASH`), so the tape holds in one order what was asked of the disk and
what was promised to a caller.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

_CALLS: Final = "write,pwrite64,fsync,fdatasync,ftruncate,unlink,openat"
_LINE: Final = re.compile(r"(?:\d+ +)?(?P<call>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+)")
_HANDLE: Final = re.compile(r"\d+<(?P<path>[^>]*)>")
_TEXT: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@frozen
class Write:
    """*data* is written to the file *name* from *offset* on."""

    name: str
    offset: int
    data: bytes


@frozen
class Truncate:
    """The file *name* is made *size* bytes long."""

    name: str
    size: int


@frozen
class Create:
    """The file *name*, empty, appears in the directory."""

    name: str


@frozen
class Remove:
    """The file *name* goes from the directory."""

    name: str


@frozen
class Sync:
    """All that was done to the file *name* before is on the disk; `.` is the directory."""

    name: str


@frozen
class FailedSync:
    """The disk was to flush the file *name*, and failed: what it was to keep may be kept, or lost for good."""

    name: str


@frozen
class Ack:
    """A caller was told that the entry *seq* with this *leaf_hash* (hex) is kept."""

    seq: int
    leaf_hash: str


Event = Write | Truncate | Create | Remove | Sync | FailedSync | Ack


def record(ledger: Path, *, commands: int, synchronous: str, fail_every: int = 0) -> tuple[Event, ...]:
    """What a run of *commands* on *ledger* did, with the store's own settings but for PRAGMA *synchronous*.

    With *fail_every* so many flushes of a kind, the last of them fails; whoever was not answered tries again.
    """
    failing = ["-e", f"inject=fsync,fdatasync:error=EIO:when={fail_every}+{fail_every}"] if fail_every else []
    log = ledger.parent / "strace.log"
    subprocess.run(
        [
            *("strace", "-y", "-xx", "-s", "1048576", "-e", f"trace={_CALLS}", "-o", str(log), *failing),
            *(sys.executable, "-m", "tests.faults.acts", str(ledger), str(commands), synchronous),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    )
    with log.open(encoding="ascii") as lines:
        return tuple(_events(lines, ledger.parent))


def _events(lines: Iterator[str], directory: Path) -> Iterator[Event]:
    existing = {each.name for each in directory.iterdir()}
    for line in lines:
        match = _LINE.match(line)
        if match is None or (int(match["result"]) < 0 and "(INJECTED)" not in line):
            continue
        event = _event(match["call"], match["arguments"], int(match["result"]), directory, existing)
        if isinstance(event, Create):
            existing.add(event.name)
        if isinstance(event, Remove):
            existing.discard(event.name)
        if event is not None:
            yield event


def _event(call: str, arguments: str, result: int, directory: Path, existing: set[str]) -> Event | None:
    texts = [_plain(each) for each in _TEXT.findall(arguments)]
    if call in ("unlink", "openat"):
        path = Path(texts[0].decode())
        if path.parent != directory:
            return None
        if call == "unlink":
            return Remove(path.name)
        return Create(path.name) if "O_CREAT" in arguments and path.name not in existing else None
    handle = _HANDLE.match(arguments)
    if handle is None:
        return None
    path = Path(_unescaped(handle["path"]))
    if call == "write":
        return _ack(texts[0]) if arguments.startswith("1<") and texts else None
    name = "." if path == directory else path.name
    if path.parent != directory and name != ".":
        return None
    if call == "pwrite64":
        assert result == len(texts[0]), "the whole write is on the tape"
        return Write(name, int(arguments.rsplit(", ", 1)[1]), texts[0])
    if call == "ftruncate":
        return Truncate(name, int(arguments.rsplit(", ", 1)[1]))
    return Sync(name) if result == 0 else FailedSync(name)


def _ack(text: bytes) -> Ack | None:
    words = text.decode(errors="replace").split()
    return Ack(int(words[1]), words[2]) if words[:1] == ["ack"] else None


def _plain(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def _unescaped(path: str) -> str:
    """A path as strace shows it beside a handle: escaped or not, as its version has it."""
    return _plain(path).decode() if path.startswith("\\x") else path
