"""Verify: how long for 100,000 entries, how it grows, and how much memory it takes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

import timebank
from tests.benchmarks.turns import Row, at_most, in_turn, ratios, seconds_of
from timebank.tlog.merkle import TILE_WIDTH, root_of

if TYPE_CHECKING:
    from tests.benchmarks.bench import Bench
    from tests.benchmarks.turns import Turn

_PER_ENTRIES: Final = 100_000
_ROOT: Final = Path(__file__).parents[2]
_read: Final = msgspec.json.Decoder().decode
_write: Final = msgspec.json.Encoder(order="sorted").encode
_STATUS: Final = Path("/proc/self/status")
# getrusage would also count what the parent held before the fork.
_PEAK: Final = f"""
import sys, timebank
if len(sys.argv) > 1 and timebank.verify_file(sys.argv[1]).findings:
    raise SystemExit("findings")
with open("{_STATUS}") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


def _verifying(path: Path) -> Turn:
    def verify() -> None:
        if timebank.verify_file(path).findings:
            raise RuntimeError(f"{path} is damaged: this figure would be of something else")

    return lambda: seconds_of(verify)


def _floor(path: Path) -> Turn:
    """What no verifier in Python can leave out, whatever its rules: rows, leaves, hashes, SQLite's own checks."""

    def floor() -> None:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            for check in ("integrity_check", "foreign_key_check"):
                connection.execute(f"PRAGMA {check}").fetchall()
            entries = connection.execute("SELECT seq, hash, key, kind, leaf FROM entry ORDER BY seq")
            transfers = connection.execute("SELECT * FROM transfer ORDER BY seq, pos")
            run: list[bytes] = []
            while rows := entries.fetchmany(TILE_WIDTH):
                for _, _, _, _, leaf in rows:
                    run.append(sha256(b"\x00" + leaf).digest())
                    if _write(_read(leaf)) != leaf:
                        raise RuntimeError("not canonical")
                root_of(run)
                run.clear()
                transfers.fetchmany(2 * TILE_WIDTH)
            for others in (transfers, connection.execute("SELECT * FROM day_total")):
                while others.fetchmany(TILE_WIDTH):
                    pass

    return lambda: seconds_of(floor)


def verify(bench: Bench) -> list[Row]:
    """Everything that verify checks, in a file where nothing is wrong."""
    small, large = bench.filled(bench.scale.small), bench.filled(bench.scale.large)
    with timebank.open(small.path) as one, timebank.open(large.path) as other:
        small_size, large_size = (bank.report().entries for bank in (one, other))
    small_seconds, large_seconds, floor_seconds = in_turn(
        bench.scale.rounds, _verifying(small.path), _verifying(large.path), _floor(large.path)
    )
    per_entry = [ratio * small_size / large_size for ratio in ratios(large_seconds, small_seconds)]
    grown = f"{large_size:,} entries against {small_size:,}"
    return [
        Row(
            f"verify, full, for {_PER_ENTRIES:,} entries",
            [seconds * _PER_ENTRIES / large_size for seconds in large_seconds],
            unit="s",
            goal=at_most(1.2),
            note=f"measured with {large_size:,} entries",
        ),
        Row(
            "verify, time against its floor",
            ratios(large_seconds, floor_seconds),
            note="rows read, leaves decoded, encoded and hashed, SQLite's own checks; no rules, nothing compared",
        ),
        Row(f"verify, time of one entry, {grown}", per_entry, goal=at_most(1.25)),
        *(_memory(small.path, large.path, grown) if _STATUS.exists() else ()),
    ]


def _memory(small: Path, large: Path, grown: str) -> list[Row]:
    empty, small_peak, large_peak = _peak_kib(), _peak_kib(small), _peak_kib(large)
    note = f"{(large_peak - empty) / 1024:.1f} MiB more than the import alone"
    return [Row(f"verify, peak memory, {grown}", (large_peak / small_peak,), note=note)]


def _peak_kib(*paths: Path) -> int:
    """The most memory that a process held to import timebank, and to verify the file at a path."""
    command = [sys.executable, "-c", _PEAK, *map(str, paths)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True, cwd=_ROOT).stdout)


def imports(bench: Bench) -> list[Row]:
    """`import timebank` in a new process, less a process that does nothing."""

    def starting(code: str) -> Turn:
        return lambda: seconds_of(lambda: subprocess.run([sys.executable, "-c", code], check=True, cwd=_ROOT))

    nothing, whole = in_turn(bench.scale.rounds, starting("pass"), starting("import timebank"))
    more = [one - other for one, other in zip(whole, nothing, strict=True)]
    return [
        Row("import timebank, beyond python itself", more, unit="s", goal=at_most(0.25)),
        Row("import timebank, time against python -c pass", ratios(whole, nothing)),
    ]
