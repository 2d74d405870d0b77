"""`python -m tests.benchmarks`: run scenarios, print their rows."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import evolve

from tests.benchmarks import auditing, bulk, durable, figures, growth, profiles, reading, registers, table, writers
from tests.benchmarks.bench import FULL, QUICK, Bench, with_large
from tests.benchmarks.marks import check_marks, write_between
from tests.benchmarks.peers import command as peers
from tests.benchmarks.turns import FEWEST_ROUNDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.benchmarks.bench import Scale
    from tests.benchmarks.turns import Row

SCENARIOS: Final[dict[str, Callable[[Bench], list[Row]]]] = {
    "award": durable.award,
    "redemption": durable.redemption,
    "hot": durable.hot,
    "append": bulk.append,
    "programme": bulk.programme,
    "register": registers.register,
    "writers": writers.writers,
    "balance": reading.balance,
    "history": reading.history,
    "verify": auditing.verify,
    "rebuild": bulk.rebuild,
    "size": bulk.size,
    "import": auditing.imports,
    "growth": growth.growth,
}
_BY_NAME_ALONE: Final = frozenset({"growth", "writers"})
"""What has a page of its own in the reference; the books of growth take hours the first time."""

_COMMAND: Final = "python -m tests.benchmarks"
_PRINTERS: Final = {"text": table.as_text, "json": table.as_json, "markdown": table.as_markdown}
_COMMANDS: Final[dict[str, Callable[[Sequence[str]], int]]] = {"peers": peers.main, "profile": profiles.main}
"""What is a command of its own, with options of its own."""


def _parser() -> argparse.ArgumentParser:
    names = "\n".join(f"  {name:12}{scenario.__doc__}" for name, scenario in SCENARIOS.items())
    parser = argparse.ArgumentParser(
        prog=_COMMAND,
        description=f"Ratios of two things run in turn, median of the rounds.\n\n{names}",
        epilog=f"Commands of their own, with options of their own: {', '.join(_COMMANDS)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="these scenarios alone")
    parser.add_argument("--quick", action="store_true", help="smaller: a minute or two")
    parser.add_argument("--entries", type=int, help="entries of the large file (100,000; quick 8,000)")
    parser.add_argument("--sizes", type=_sizes, help="of the books of growth (10000,100000,1000000,10000000)")
    parser.add_argument("--whole", type=int, help="growth: verify and rebuild books of at most so many entries")
    parser.add_argument("--rounds", type=int, help=f"at least {FEWEST_ROUNDS}")
    parser.add_argument("--directory", type=Path, help="on the disk to be measured; not a disk in memory")
    parser.add_argument("--pyperf", type=Path, metavar="FILE", help="keep the rounds there, for pyperf's commands")
    parser.add_argument(
        "--figures", type=Path, nargs="?", const=figures.FOLDER, metavar="FOLDER",
        help="keep what growth and writers measure, and draw it (docs/reference/figures)",
    )  # fmt: skip
    parser.add_argument(
        "--page", type=Path, metavar="FILE", help="write the table into this page, between its marks"
    )
    form = parser.add_mutually_exclusive_group()
    for name in ("json", "markdown"):
        form.add_argument(f"--{name}", action="store_const", const=name, dest="form", default="text")
    return parser


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted(int(each) for each in text.split(",")))


def _scale(options: argparse.Namespace) -> Scale:
    scale = with_large(QUICK if options.quick else FULL, options.entries)
    scale = scale if options.sizes is None else evolve(scale, sizes=options.sizes)
    scale = scale if options.whole is None else evolve(scale, most_whole=options.whole)
    return scale if options.rounds is None else evolve(scale, rounds=options.rounds)


def _command(name: str, options: argparse.Namespace) -> str:
    words = [_COMMAND, name]
    words += ["--quick"] if options.quick else []
    words += [] if options.entries is None else [f"--entries {options.entries}"]
    words += [] if options.sizes is None else [f"--sizes {','.join(map(str, options.sizes))}"]
    words += [] if options.whole is None else [f"--whole {options.whole}"]
    words += [] if options.rounds is None else [f"--rounds {options.rounds}"]
    return " ".join(words)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; what is running is said on stderr, the table on stdout."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words and words[0] in _COMMANDS:
        return _COMMANDS[words[0]](words[1:])
    parser = _parser()
    options = parser.parse_args(arguments)
    unknown = set(options.names) - SCENARIOS.keys()
    if unknown:
        parser.error(f"no scenario {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    if options.rounds is not None and options.rounds < FEWEST_ROUNDS:
        parser.error(f"--rounds: at least {FEWEST_ROUNDS}")
    if options.page is not None:
        if options.names:
            parser.error("--page: the page has the whole table, so no scenario may be named")
        check_marks(options.page, _COMMAND)
    machine, rows = table.Machine.this(), []
    with tempfile.TemporaryDirectory(prefix="timebank-bench-", dir=options.directory) as directory:
        bench = Bench(_scale(options), Path(directory))
        for name in options.names or [each for each in SCENARIOS if each not in _BY_NAME_ALONE]:
            sys.stderr.write(f"{name} ...\n")
            rows += [table.Measured(row, _command(name, options)) for row in SCENARIOS[name](bench)]
            if options.figures is not None and name in bench.sheets:
                kept = figures.Kept.of(machine, f"{_command(name, options)} --figures", bench.sheets[name])
                figures.keep(name, kept, options.figures)
    sys.stdout.write(_PRINTERS[options.form](machine, rows) + "\n")
    if options.page is not None:
        write_between(options.page, _COMMAND, table.as_markdown(machine, rows))
    if options.pyperf is not None:
        table.as_suite(rows).dump(str(options.pyperf), replace=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
