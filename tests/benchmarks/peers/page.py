"""What came of the matches, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from tests.benchmarks.peers.match import AWARD, BALANCE, BULK, LEDGER_ALONE, REDEMPTION
from tests.benchmarks.peers.roster import TIMEBANK
from tests.benchmarks.table import markdown_table, number
from tests.benchmarks.turns import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.benchmarks.peers.books import Checked
    from tests.benchmarks.peers.match import Figures
    from tests.benchmarks.peers.roster import Peer
    from tests.benchmarks.table import Machine

_COLUMNS: Final = (AWARD, REDEMPTION, BULK, BALANCE)
_ALL_COLUMNS: Final = (AWARD, REDEMPTION, BULK, LEDGER_ALONE, BALANCE)


@frozen(kw_only=True)
class Outcome:
    """All that a run found: figures by peer, or why there are none."""

    played: dict[Peer, Figures]
    checked: dict[Peer, Checked]
    missing: dict[Peer, str]


def cell(row: Row) -> str:
    """`0.71 × (0.68 – 0.74)`: the median of the rounds and their range."""
    low, high = (_ratio(value) for value in (min(row.values), max(row.values)))
    return f"{_ratio(row.figure)} {row.unit} ({low} – {high})"


def _ratio(value: float) -> str:
    """A slow peer may be a thousand times slower than raw: two figures that mean something, however small."""
    return number(value, "").strip() if value >= 0.01 else f"{value:.1g}"


def as_markdown(machine: Machine, command: str, outcome: Outcome) -> str:
    """The tables of a run."""
    blocks = [f"{machine}\n\n`{command}`"]
    if outcome.played:
        blocks += [
            "Speed against raw (1 × is as fast as raw), median and range of the rounds:",
            markdown_table(("", *_ALL_COLUMNS), _against_raw(outcome)),
            "Timebank's speed against each (2 × is twice as fast as the peer):",
            markdown_table(("timebank against", *_ALL_COLUMNS), _against_peers(outcome)),
            "What was seen, in commands a second (another machine gives others):",
            markdown_table(("", *_COLUMNS), _rates(outcome)),
            "What each keeps by itself, as it was measured:",
            markdown_table(
                ("", "version", "durable", "idempotency key", "no overdraft", "tamper evidence", "rules checked"),
                _kept(outcome),
            ),
        ]
    if outcome.checked:
        blocks += [
            "A whole book checked; time against `timebank verify` of the same file, their starts counted:",
            markdown_table(("", "version", "time", "seen", "what it checks"), _books(outcome)),
        ]
    if outcome.missing:
        blocks += ["Not measured:", markdown_table(("", "why", "seen elsewhere, same work"), _missing(outcome))]
    return "\n\n".join(blocks)


def _against_raw(outcome: Outcome) -> Iterator[Sequence[str]]:
    yield "**timebank**", *(cell(_together(outcome, what)) for what in _ALL_COLUMNS)
    for peer, figures in outcome.played.items():
        speed = figures.speed
        yield peer.title, *(cell(speed[what]) if what in speed else "" for what in _ALL_COLUMNS)


def _together(outcome: Outcome, what: str) -> Row:
    """Timebank against raw in the rounds of all matches that were as large as the largest."""
    largest = max(peer.bulk for peer in outcome.played)
    matches = (figures for peer, figures in outcome.played.items() if peer.bulk == largest)
    return Row(what, [value for figures in matches for value in figures.ours[what].values])


def _against_peers(outcome: Outcome) -> Iterator[Sequence[str]]:
    for peer, figures in outcome.played.items():
        yield peer.title, *(cell(figures.ours_against[what]) for what in _ALL_COLUMNS)


def _rates(outcome: Outcome) -> Iterator[Sequence[str]]:
    for peer, figures in outcome.played.items():
        yield peer.title, *(figures.speed[what].note.replace(peer.title, "it") for what in _COLUMNS)


def _kept(outcome: Outcome) -> Iterator[Sequence[str]]:
    yield "**timebank**", "", *TIMEBANK.keeps
    for peer, figures in outcome.played.items():
        yield peer.title, figures.versions, *peer.keeps
    for peer in outcome.missing:
        if peer.durable:
            yield peer.title, "not measured", *peer.keeps


def _books(outcome: Outcome) -> Iterator[Sequence[str]]:
    for peer, checked in outcome.checked.items():
        yield peer.title, checked.versions, cell(checked.row), checked.row.note, peer.checks


def _missing(outcome: Outcome) -> Iterator[Sequence[str]]:
    for peer, reason in outcome.missing.items():
        yield peer.title, f"not measured: {reason}", peer.elsewhere


def all_rows(outcome: Outcome) -> Iterable[Row]:
    """Every row, for a program."""
    for figures in outcome.played.values():
        yield from figures.speed.values()
        yield from figures.ours_against.values()
    for checked in outcome.checked.values():
        yield checked.row
