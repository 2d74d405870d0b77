"""The checker finds what is made untrue, by name, in a tale that is true; and it is nobody's relative."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from tests.histories import checker
from tests.histories.checker import tree
from tests.histories.checker.judge import judge
from tests.histories.tale import Tale, award, earned, of_counter, true_tale
from timebank.tlog import merkle

if TYPE_CHECKING:
    from collections.abc import Callable

CHECKER = Path(checker.__file__).parent
BY_NAME = {"open", "exec", "eval", "compile", "__import__", "importlib", "import_module", "runpy"}


def test_a_true_tale_has_nothing_wrong_in_it() -> None:
    judgement = judge(true_tale().evidence())
    assert judgement.wrong == ()
    assert judgement.counts["looks"] == 11
    assert judgement.counts["info"] == 2


def lost(tale: Tale) -> None:
    """The last acknowledged entry is not there."""
    tale.entries.pop()


def changed(tale: Tale) -> None:
    """An acknowledged entry is there, but says something else beside what was asked."""
    tale.entries[3]["nonce"] = "another"


def other_content(tale: Tale) -> None:
    """The key comes back with other content and is answered as if it were the same."""
    tale.posted(tale.ask(award("M1", 120), "k-earn"), 1, repeated=True)


def key_twice(tale: Tale) -> None:
    """What was sent again was posted again."""
    op = tale.ask(award("M2"), "k-unknown-done")
    tale.posted(op, tale.entry("award", earned("M2"), "k-unknown-done", ok="admin"))


def new_twice(tale: Tale) -> None:
    """The same entry is answered as new to two who sent it."""
    tale.posted(tale.ask(award("M1"), "k-earn"), 1)


def refused_but_there(tale: Tale) -> None:
    """A refused command left its entry."""
    moves = [["L:M:M1", "L:S:EAST", "PTS", 6], ["X:GIVEN:EAST", "A:S:EAST", "SOAP", 2]]
    tale.entry("redemption", moves, "k-too-much")


def busy_but_there(tale: Tale) -> None:
    """Somebody was told that nothing was written; when it was sent again, it was there."""
    tale.refuse(tale.ask(award("M1"), "k-busy"), "file-locked", "Busy")
    seq = tale.entry("award", earned("M1"), "k-busy", ok="admin")
    tale.posted(tale.ask(award("M1"), "k-busy"), seq, repeated=True)


def nobody_asked(tale: Tale) -> None:
    """There is an entry that no client asked for."""
    tale.entry("award", earned("M1"), "k-nobody", ok="admin")


def half_of_a_batch(tale: Tale) -> None:
    """Of a batch whose end nobody knows one entry is there."""
    parts = [{"key": f"k-half/{number}", "request": award("M1")} for number in (0, 1)]
    tale.ask({"do": "batch", "parts": parts}, "k-half")
    tale.entry("award", earned("M1"), "k-half/1", ok="admin")


def order_broken(tale: Tale) -> None:
    """What was answered before something else was asked for stands behind it."""
    first = tale.ask(award("M2"), "k-first")
    tale.answer(first, {"repeated": False})
    second = tale.ask(award("M2"), "k-second")
    tale.answer(second, {"repeated": False})
    for key, op in (("k-second", second), ("k-first", first)):
        seq = tale.entry("award", earned("M2"), key, ok="admin")
        tale.last("ok", op=op)["answer"] |= {"seq": seq, "hash": tale.hash_of(seq)}


def overdrawn(tale: Tale) -> None:
    """A member gives what they do not have."""
    give = {"do": "give", "giver": "M1", "to": "M2", "relation": "parent", "points": 11, "by": "clerk-1"}
    tale.command(give, "gift", [["L:M:M1", "L:M:M2", "PTS", 11]], "k-overdraw")


def overdrawn_in_between(tale: Tale) -> None:
    """The shelf is emptied below nothing, and filled again in the same entry."""
    tale.entries[2]["move"].insert(1, ["X:GIVEN:EAST", "A:S:EAST", "SOAP", 11])
    tale.entries[2]["move"].insert(2, ["A:S:EAST", "X:GIVEN:EAST", "SOAP", 11])


def points_leak(tale: Tale) -> None:
    """Points go where no points go."""
    tale.entries[3]["move"][0][1] = "E:ELSEWHERE"


def answered_twice(tale: Tale) -> None:
    """What was set aside is handed out twice."""
    tale.entries.append(tale.entries[-1] | {"key": "k-collect-2"})


def time_back(tale: Tale) -> None:
    """An entry was recorded before the one before it."""
    tale.entries[4]["at"] = "2026-02-28T00:00:00Z"


def kept_wrong(tale: Tale) -> None:
    """The file keeps a balance that its entries do not make."""
    tale.kept["L:M:M2", "PTS"] = 99


def stale(tale: Tale) -> None:
    """A balance is answered from before what was answered."""
    tale.balance(1, 60)


def stale_by_a_look(tale: Tale) -> None:
    """Somebody has seen an entry whose end nobody knows yet; the next who looks does not see it."""
    tale.ask(award("M1"), "k-in-flight", client=1)
    tale.entry("award", earned("M1"), "k-in-flight", ok="admin")
    tale.balance(16, 240)
    tale.look({"do": "balance", "member": "M1"}, {"points": 10, "minutes": 180}, client=2)


def too_early(tale: Tale) -> None:
    """A balance holds what nobody has asked for yet."""
    tale.balance(16, 240)
    tale.command(award("M1"), "award", earned("M1"), "k-later")


def never(tale: Tale) -> None:
    """A balance is answered that never was."""
    tale.balance(10, 60)


def torn_look(tale: Tale) -> None:
    """Points and minutes are of two moments."""
    tale.balance(6, 180)


def wrong_history(tale: Tale) -> None:
    """The balance right after an entry is another's."""
    tale.look({"do": "balance-at", "member": "M1", "entry": 1}, {"points": 3, "minutes": 60})


def wrong_lines(tale: Tale) -> None:
    """One of the newest lines is left out."""
    tale.look({"do": "latest", "member": "M1", "limit": 2}, {"lines": [[7, -3, 10], [4, 6, 7]]})


def refused_by_the_past(tale: Tale) -> None:
    """A refusal tells of points of a time before."""
    few = {"member": "M1", "available_points": 1, "needed_points": 6}
    tale.refuse(tale.ask(of_counter("redeem", 2), "k-again"), "not-enough-points", **few)


def refused_for_nothing(tale: Tale) -> None:
    """There are enough points, and the refusal says so."""
    few = {"member": "M1", "available_points": 10, "needed_points": 6}
    tale.refuse(tale.ask(of_counter("redeem", 2), "k-again"), "not-enough-points", **few)


def conflict_with_nothing(tale: Tale) -> None:
    """A key is said to belong to an entry that does not have it."""
    tale.refuse(tale.ask(award("M1"), "k-new"), "key-conflict", key="k-new", seq=3)


def resolved_by_nothing(tale: Tale) -> None:
    """A reservation is said to be answered by an entry that does not."""
    asked = tale.ask({"do": "release", "seq": 7, "by": "clerk-1"}, "k-release")
    tale.refuse(asked, "already-resolved", seq=7, resolved_by_seq=6)


def unbalanced(tale: Tale) -> None:
    """A trial balance does not sum to zero."""
    tale.last("ok", op=tale.last("invoke", request={"do": "trial"})["op"])["answer"]["accounts"][0][2] += 1


def other_root(tale: Tale) -> None:
    """A checkpoint has the root of another history."""
    tale.look({"do": "checkpoint"}, {"size": 9, "root": tale.root(8)})


def shorter(tale: Tale) -> None:
    """The journal was longer when this client looked before."""
    tale.look({"do": "report"}, {"entries": 8, "outstanding": 18})
    tale.look({"do": "report"}, {"entries": 7, "outstanding": 21})


def other_copy(tale: Tale) -> None:
    """A copy is of another history."""
    tale.other_copy = True


def stale_copy(tale: Tale) -> None:
    """A copy leaves out what was there when it was begun."""
    tale.copy(8)


def false_alarm(tale: Tale) -> None:
    """A client is told that the file is damaged."""
    tale.records.append(
        {"e": "info", "t": tale.now + 5, "op": tale.ask(award("M1"), "k-damaged"), "code": "file-damaged"}
    )


def fell_over(tale: Tale) -> None:
    """A client ends with an error that is none of the library's."""
    tale.records.append({"e": "crash", "t": tale.now, "error": "KeyError: 'x'"})


UNTRUE: tuple[tuple[Callable[[Tale], None], str], ...] = (
    (lost, "acknowledged-lost"),
    (changed, "acknowledged-changed"),
    (other_content, "other-content"),
    (key_twice, "key-twice"),
    (new_twice, "key-twice"),
    (refused_but_there, "refused-but-there"),
    (busy_but_there, "refused-but-there"),
    (nobody_asked, "nobody-asked"),
    (half_of_a_batch, "batch-torn"),
    (order_broken, "order-broken"),
    (overdrawn, "overdrawn"),
    (overdrawn_in_between, "overdrawn"),
    (points_leak, "wrong-total"),
    (answered_twice, "resolved-twice"),
    (time_back, "time-went-back"),
    (kept_wrong, "kept-balance-wrong"),
    (stale, "stale-read"),
    (stale_by_a_look, "stale-read"),
    (too_early, "seen-before-asked"),
    (never, "never-was"),
    (torn_look, "never-was"),
    (wrong_history, "never-was"),
    (wrong_lines, "never-was"),
    (refused_by_the_past, "stale-refusal"),
    (refused_for_nothing, "refused-for-nothing"),
    (conflict_with_nothing, "refused-for-nothing"),
    (resolved_by_nothing, "refused-for-nothing"),
    (unbalanced, "unbalanced"),
    (other_root, "root-of-another-history"),
    (shorter, "size-went-back"),
    (other_copy, "copy-of-another-history"),
    (stale_copy, "stale-copy"),
    (false_alarm, "false-alarm"),
    (fell_over, "client-fell-over"),
)


@pytest.mark.parametrize(("make_untrue", "name"), UNTRUE, ids=[each.__name__ for each, _ in UNTRUE])
def test_what_is_untrue_is_found_by_its_name(make_untrue: Callable[[Tale], None], name: str) -> None:
    tale = true_tale()
    make_untrue(tale)
    assert name in judge(tale.evidence()).names


ALONE = (other_content, new_twice, refused_but_there, nobody_asked, half_of_a_batch, stale, stale_by_a_look, never)


@pytest.mark.parametrize("make_untrue", ALONE, ids=[each.__name__ for each in ALONE])
def test_what_is_untrue_in_one_way_has_one_name(make_untrue: Callable[[Tale], None]) -> None:
    tale = true_tale()
    make_untrue(tale)
    assert judge(tale.evidence()).names == {dict(UNTRUE)[make_untrue]}


def test_every_name_of_a_violation_was_seen() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in CHECKER.glob("*.py"))
    calls = [
        each
        for each in ast.walk(ast.parse(sources.replace("from __future__", "from future")))
        if is_violation(each)
    ]
    named = {each.args[0].value for each in calls if isinstance(each.args[0], ast.Constant)}
    assert {name for _, name in UNTRUE} == named | NAMED_BY_A_RULE


NAMED_BY_A_RULE = {
    "root-of-another-history",
    "stale-read",
    "stale-refusal",
    "seen-before-asked",
    "refused-for-nothing",
    "never-was",
}
"""Names that reads.py chooses."""


def is_violation(node: ast.AST) -> Any:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Violation"


@pytest.mark.parametrize("path", sorted(CHECKER.glob("*.py")), ids=lambda path: path.name)
def test_the_checker_imports_the_standard_library_and_itself_alone(path: Path) -> None:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(node.module or "")
        assert not (isinstance(node, ast.Name) and node.id in BY_NAME)
    foreign = {each for each in names if each.split(".")[0] not in sys.stdlib_module_names | {"__future__"}}
    assert {each for each in foreign if not each.startswith("tests.histories.checker")} == set()
    assert names.isdisjoint(BY_NAME)


def test_an_act_that_takes_its_time_may_stand_anywhere_in_it() -> None:
    """Two commands and a look at the same time: either order, and either look."""
    for seen in ((10, 180), (16, 240)):
        tale = true_tale()
        slow = tale.ask(award("M1"), "k-slow", client=1)
        tale.look({"do": "balance", "member": "M1"}, {"points": seen[0], "minutes": seen[1]})
        tale.command(award("M2"), "award", earned("M2"), "k-quick")
        tale.entries.insert(
            -1, tale.entries[0] | {"kind": "award", "ok": "admin", "move": earned("M1"), "key": "k-slow"}
        )
        tale.entries[-2]["at"] = tale.entries[-3]["at"]
        quick = tale.last("ok")["answer"]
        quick["seq"] += 1
        tale.posted(slow, len(tale.entries) - 2)
        assert judge(tale.evidence()).wrong == ()


def test_the_checkers_roots_are_those_of_the_library() -> None:
    leaves = [Random(1).randbytes(20) + bytes([number]) for number in range(70)]
    roots = tree.roots(leaves)
    assert len(roots) == 71
    for size in range(71):
        assert roots[size] == merkle.root_of([merkle.leaf_hash(leaf) for leaf in leaves[:size]])
