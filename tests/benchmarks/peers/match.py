"""Rounds of raw, timebank and one peer in turn, on the same acts; then all three must hold the same balances.

For each peer a fresh town: the same members and shelves in all three. First all durable awards, then all durable
redemptions, then W(n) in bulk, then balances asked for; the days go forward through the year over all of it. In
bulk timebank is measured twice: through the programme with every check, and the ledger alone, into another file.
"""

from __future__ import annotations

import json
import random
from contextlib import ExitStack
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

import timebank
from tests.benchmarks.peers.environments import NotMeasured
from tests.benchmarks.turns import PIECES, Row, in_turn, per_second, ratios, seconds_of
from tests.benchmarks.work import DAYS, SEED
from timebank.ledger.codes import POINTS, debit_sign
from timebank.programme.accounts import member_account

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.peers.remote import Remote
    from tests.benchmarks.peers.roster import Peer
    from tests.benchmarks.raw import Command, Raw
    from tests.benchmarks.turns import Turn
    from tests.benchmarks.work import Act, Town
    from timebank import Bank

    Open = Callable[[Path], Remote]
    """Starts a peer on a plan."""

AWARD, REDEMPTION, BULK, BALANCE = "durable award", "durable redemption", "in bulk", "balance"
LEDGER_ALONE: Final = "in bulk, the ledger alone"
WHATS: Final = (AWARD, REDEMPTION, BULK, BALANCE)


@frozen
class Figures:
    """What one peer gave, each row under its name: speed against raw, and timebank's speed against the peer."""

    versions: str
    speed: dict[str, Row]
    ours_against: dict[str, Row]
    ours: dict[str, Row]
    """Timebank's speed against raw, from the same rounds."""


@frozen
class _Plan:
    """All acts of a match in order, and the members that are asked for."""

    acts: list[Act]
    asked: list[int]
    starts: dict[str, int]
    """Where the acts of each kind begin."""

    @classmethod
    def of(cls, peer: Peer, town: Town, rounds: int) -> _Plan:
        turns = rounds + 1
        awards = town.acts(peer.posts * turns, awards=1)
        redemptions = town.acts(peer.posts * turns, awards=0, seed=SEED + 1)
        bulk = town.acts(peer.bulk * turns, seed=SEED + 2)
        acts = [*awards, *redemptions, *bulk]
        start = date.today() - timedelta(DAYS - 1)  # noqa: DTZ011 - as in the work
        days = (start + timedelta(number * (DAYS - 2) // len(acts)) for number in range(len(acts)))
        asked = random.Random(SEED).choices(range(len(town.members)), k=peer.reads * turns)
        starts = {AWARD: 0, REDEMPTION: len(awards), BULK: len(awards) + len(redemptions), BALANCE: 0}
        return cls([evolve(act, day=day) for act, day in zip(acts, days, strict=True)], asked, starts)


class _Ours:
    def __init__(self, town: Town, bank: Bank, plan: _Plan) -> None:
        self._town, self._bank, self._plan = town, bank, plan

    def do(self, kind: str, first: int, last: int) -> float:
        if kind == "balance":
            members = [self._town.members[number] for number in self._plan.asked[first:last]]
            return _each(self._bank.members.balance, members)
        work = self._plan.acts[first:last]
        if kind == "bulk":
            return seconds_of(lambda: self._town.do_all(self._bank, work))
        return _each(lambda act: self._town.do(self._bank, act), work)

    def append(self, _kind: str, first: int, last: int) -> float:
        work = self._plan.acts[first:last]
        return seconds_of(lambda: self._town.append_all(self._bank, work))

    def balance(self, account: str, unit: str) -> int:
        with self._bank.journal.reading() as books:
            return debit_sign(account) * books.balance(account, unit)


class _Raw:
    def __init__(self, raw: Raw, commands: Sequence[Command], asked: Sequence[int]) -> None:
        self.raw, self._commands, self._asked = raw, commands, asked

    def do(self, kind: str, first: int, last: int) -> float:
        if kind == "balance":
            return _each(self.raw.balance, self._asked[first:last])
        work = self._commands[first:last]
        return seconds_of(lambda: self.raw.bulk(work)) if kind == "bulk" else _each(self.raw.command, work)


def _each(do: Callable[..., object], work: Sequence[object]) -> float:
    def all_of_them() -> None:
        for each in work:
            do(each)

    return seconds_of(all_of_them)


def _turn(do: Callable[[str, int, int], float], kind: str, start: int, size: int) -> Turn:
    """Each turn does the next *size* of the work from *start*."""
    places = iter(range(start, 10**9, size))

    def turn() -> float:
        first = next(places)
        return do(kind, first, first + size)

    return turn


def play(peer: Peer, bench: Bench, open_remote: Open) -> Figures:
    """All rounds; NotMeasured where the peer does not hold what timebank holds afterwards."""
    town, other = bench.town(), bench.town()
    plan = _Plan.of(peer, town, bench.scale.rounds)
    commands = town.raw_commands(plan.acts)
    members = [town.place(member_account(member), POINTS) for member in town.members]
    asked = [members[number] for number in plan.asked]
    with ExitStack() as stack:
        raw = _Raw(stack.enter_context(town.raw(bench.path())), commands, asked)
        ours = _Ours(town, stack.enter_context(timebank.open(town.path)), plan)
        ledger = _Ours(other, stack.enter_context(timebank.open(other.path)), plan)
        remote = stack.enter_context(open_remote(_write(town, commands, asked, bench.path().with_suffix(".json"))))
        figures = _figures(peer, bench.scale.rounds, plan, (raw, ours, ledger, remote))
        _check_same(town, raw.raw, ours, remote.balances())
    return figures


def _write(town: Town, commands: Sequence[Command], asked: Sequence[int], path: Path) -> Path:
    founding = town.founding()
    plan = {"accounts": list(town.places), "founding": founding, "commands": commands, "asked": asked}
    path.write_text(json.dumps(plan), encoding="utf-8")
    return path


def _figures(peer: Peer, rounds: int, plan: _Plan, sides: tuple[_Raw, _Ours, _Ours, Remote]) -> Figures:
    raw, ours, ledger, remote = sides
    found = Figures(remote.versions, {}, {}, {})
    sizes = {AWARD: peer.posts, REDEMPTION: peer.posts, BULK: peer.bulk, BALANCE: peer.reads}
    kinds = {AWARD: "post", REDEMPTION: "post", BULK: "bulk", BALANCE: "balance"}
    for what in WHATS:
        pieces = 1 if kinds[what] == "bulk" else PIECES
        doing = [raw.do, ours.do, remote.do] + ([ledger.append] if what == BULK else [])
        turns = [_turn(do, kinds[what], plan.starts[what], sizes[what] // pieces) for do in doing]
        plain, mine, theirs, *alone = in_turn(rounds, *turns, pieces=pieces)
        rates = [per_second(sizes[what], seconds) for seconds in (plain, mine, theirs)]
        note = f"raw {rates[0]}, timebank {rates[1]}, {peer.title} {rates[2]}"
        found.speed[what] = Row(f"{peer.title}, {what}", ratios(plain, theirs), note=note)
        found.ours_against[what] = Row(f"timebank against {peer.title}, {what}", ratios(theirs, mine), note=note)
        found.ours[what] = Row(what, ratios(plain, mine))
        for seconds in alone:
            against = f"timebank against {peer.title}, {LEDGER_ALONE}"
            found.ours_against[LEDGER_ALONE] = Row(against, ratios(theirs, seconds))
            found.ours[LEDGER_ALONE] = Row(LEDGER_ALONE, ratios(plain, seconds))
    return found


def _check_same(town: Town, raw: Raw, ours: _Ours, theirs: Sequence[int]) -> None:
    for (account, unit), number in town.places.items():
        held = ours.balance(account, unit)
        if not raw.balance(number) == held == theirs[number]:
            seen = f"{account} {unit}: timebank {held}, raw {raw.balance(number)}, the peer {theirs[number]}"
            raise NotMeasured(f"it did other work: {seen}")
