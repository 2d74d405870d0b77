"""`python -m tests.benchmarks profile`: where the time of a scenario goes, function by function.

The profiler is cProfile of Python's own library, since it sees SQLite's calls too (a sampling profiler sees only
the Python function that makes them). It counts every call, so functions that do little look dearer than they are:
read which are at the top, not how many times one is dearer than another. How much slower the whole was under it
is said beside each profile. It counts processor time: what waits for the disk, or for others, is not in it.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import pstats
import re
import sys
import tempfile
from pathlib import Path
from time import process_time, process_time_ns
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

import timebank
from tests.benchmarks.bench import FULL, TINY, Bench
from tests.benchmarks.marks import check_marks, write_between
from tests.benchmarks.table import Machine, markdown_table, number
from tests.benchmarks.years import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.benchmarks.work import Act, Town
    from timebank import Bank

    Work = Callable[[], object]

TOP: Final = 15
_COMMAND: Final = "python -m tests.benchmarks profile"
_ROOT: Final = Path(__file__).parents[2]
_VERIFIED: Final = 10_000
_METHOD: Final = re.compile(r"'(\w+)' of '([\w.]+)' objects")


@frozen
class Profile:
    """What one scenario spent its time on; *slower* is how many times longer it took under the profiler."""

    name: str
    what: str
    count: int
    stats: pstats.Stats
    slower: float


def _each(town: Town, bank: Bank, work: Sequence[Act]) -> None:
    for act in work:
        town.do(bank, act)


def _writing(do: Callable[[Town, Bank, Sequence[Act]], object], awards: float) -> Callable[[Bench, int], Work]:
    """A scenario that does acts in a fresh town."""

    def prepare(bench: Bench, count: int) -> Work:
        town = bench.town()
        acts = town.acts(count, awards=awards)

        def work() -> None:
            with timebank.open(town.path) as bank:
                do(town, bank, acts)

        return work

    return prepare


def _verifying(bench: Bench, count: int) -> Work:
    path = bench.filled(count).path

    def work() -> None:
        if timebank.verify_file(path).findings:
            raise RuntimeError(f"{path} is damaged: this profile would be of something else")

    return work


SCENARIOS: Final[dict[str, tuple[str, Callable[[Bench, int], Work]]]] = {
    "award": ("durable awards, one commit each", _writing(_each, 1)),
    "redemption": ("durable redemptions, one commit each", _writing(_each, 0)),
    "append": ("entries in one transaction, the ledger alone", _writing(lambda t, b, w: t.append_all(b, w), 0.6)),
    "programme": ("W(n) in one transaction, every check", _writing(lambda t, b, w: t.do_all(b, w), 0.6)),
    "verify": ("a full verification", _verifying),
}


def profile(name: str, bench: Bench) -> Profile:
    """Do the scenario *name* once to warm up, once for its time, and once under the profiler."""
    what, prepare = SCENARIOS[name]
    count = {"award": bench.scale.block, "redemption": bench.scale.block, "verify": bench.scale.small}.get(
        name, bench.scale.bulk // 4
    )
    prepare(bench, count)()
    plain = _processor_seconds(prepare(bench, count))
    profiler = cProfile.Profile(process_time_ns, 1e-9)
    work = prepare(bench, count)
    seconds = _processor_seconds(lambda: profiler.runcall(work))
    return Profile(name, what, count, pstats.Stats(profiler), seconds / plain)


def _processor_seconds(work: Work) -> float:
    start = process_time()
    work()
    return process_time() - start


def as_text(found: Profile, machine: Machine) -> str:
    """The whole profile, by own time and by time with what is called."""
    out = io.StringIO()
    out.write(f"{machine}\n{found.name}: {found.count:,} of: {found.what}; processor time\n")
    found.stats.stream = out  # type: ignore[attr-defined]
    for order in ("tottime", "cumulative"):
        found.stats.sort_stats(order).print_stats(60)
    return out.getvalue().replace(f"{_ROOT}/", "").replace(f"{sys.base_prefix}/", "").replace(f"{sys.prefix}/", "")


def excerpt(found: Profile) -> str:
    """The functions with the most time of their own, as Markdown."""
    said = f"{found.count:,} of: {found.what}. Under the profiler {found.slower:.1f} times the time."
    headings = ("own time", "with what it calls", f"calls for each of {found.count:,}", "function")
    return f"### {found.name}\n\n{said}\n\n{markdown_table(headings, _top(found))}"


def _top(found: Profile) -> Iterator[tuple[str, ...]]:
    # pstats keeps: file, line, name -> primitive calls, calls, own time, cumulative time, callers.
    stats = found.stats.stats  # type: ignore[attr-defined]
    total = found.stats.total_tt  # type: ignore[attr-defined]
    for place, (_, calls, own, cumulative, _) in sorted(stats.items(), key=lambda item: -item[1][2])[:TOP]:
        shares = (f"{own / total:.1%}", f"{cumulative / total:.1%}")
        yield *shares, number(calls / found.count, "").strip(), f"`{function(*place)}`"


def function(file: str, line: int, name: str) -> str:
    """A function as the page shows it: no line, which every commit changes, and no path of this machine."""
    if file == "~" or line == 0:
        method = _METHOD.search(name)
        return f"{method[2]}.{method[1]}" if method else name.strip("<>").removeprefix("built-in method ")
    path = Path(file)
    parts = path.parts
    if path.is_relative_to(_ROOT) and "site-packages" not in parts:
        return f"{path.relative_to(_ROOT)}: {name}"
    kept = parts[parts.index("site-packages") + 1 :] if "site-packages" in parts else parts[-1:]
    return f"{'/'.join(kept)}: {name}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_COMMAND,
        description="Where the time goes. Scenarios: " + ", ".join(SCENARIOS),
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="these scenarios alone")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="whole profiles go there, as text")
    parser.add_argument("--directory", type=Path, help="on the disk to be measured; not a disk in memory")
    parser.add_argument(
        "--page", type=Path, metavar="FILE", help="write excerpts into this page, between its marks"
    )
    parser.add_argument("--tiny", action="store_true", help="as small as it goes: says nothing about speed")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Profile what is asked for; whole profiles go into a folder, excerpts to stdout or onto a page."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - SCENARIOS.keys():
        parser.error(f"no scenario {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    names = options.names or list(SCENARIOS)
    for name in names if options.page is not None else ():
        check_marks(options.page, f"{_COMMAND} {name}")
    folder = options.into or cache_folder() / "profiles"
    folder.mkdir(parents=True, exist_ok=True)
    machine = Machine.this()
    scale = TINY if options.tiny else evolve(FULL, small=_VERIFIED)
    excerpts = {}
    with tempfile.TemporaryDirectory(prefix="timebank-profile-", dir=options.directory) as directory:
        bench = Bench(scale, Path(directory))
        for name in names:
            sys.stderr.write(f"{name} ...\n")
            found = profile(name, bench)
            (folder / f"{name}.txt").write_text(as_text(found, machine), encoding="utf-8")
            excerpts[name] = excerpt(found)
    sys.stdout.write("\n\n".join([*excerpts.values(), f"{machine}\nWhole profiles: {folder}\n"]))
    for name, text in excerpts.items() if options.page is not None else ():
        write_between(options.page, f"{_COMMAND} {name}", f"{text}\n\n{machine}")
    return 0
