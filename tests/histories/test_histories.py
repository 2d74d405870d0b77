"""Runs of many clients with faults meanwhile: an honest book has nothing wrong, and broken clients are found."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from subprocess import PIPE, Popen
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

import timebank
from tests.histories import broken
from tests.histories.__main__ import main, table
from tests.histories.checker.evidence import attempts_of
from tests.histories.checker.judge import judge
from tests.histories.crew import Crew, EndedError
from tests.histories.running import FAULTS, Plan, run
from tests.histories.sensitivity import found_when_changed
from tests.small_disks import NO_DISK, small_disk

if TYPE_CHECKING:
    from tests.histories.checker.evidence import Evidence

PLAN = Plan(clients=3, threads=2, operations=270, every=14, seed=3)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("histories")


@pytest.fixture(scope="module")
def left(place: Path) -> Evidence:
    """What a run with every fault but a full disk leaves."""
    return run(PLAN, place)


def test_many_clients_and_faults_meanwhile_leave_nothing_wrong(left: Evidence) -> None:
    judgement = judge(left)
    assert judgement.wrong == ()
    counts = judgement.counts
    assert counts["operations"] == PLAN.operations
    assert counts["looks"] > 100
    for each in ("kill", "stop", "storm", "copy", "found by key", "refused", "ok"):
        assert counts[each] > 0, each


def test_the_book_that_is_left_is_clean_to_its_own_verifier(left: Evidence, place: Path) -> None:
    verification = timebank.verify_file(place / "book.timebank")
    assert verification.findings == ()
    assert verification.entries == len(left.leaves)


def test_clients_did_all_that_a_history_can_be_wrong_in(left: Evidence) -> None:
    """Keys of two clients, keys with other content, batches, refusals by points, and every kind of look."""
    attempts = attempts_of(left.records)
    asked = {each.request["do"] for each in attempts}
    assert asked >= {
        "award",
        "redeem",
        "give",
        "reserve",
        "reverse",
        "batch",
        "balance",
        "trial",
        "report",
        "latest",
    }
    clients = {(each.key, each.client) for each in attempts if each.key}
    assert any(times > 1 for times in Counter(key for key, _ in clients).values())
    assert {each.code for each in attempts} >= {"key-conflict", "not-enough-points"}


def test_a_disk_that_fills_up_meanwhile_loses_nothing(tmp_path: Path) -> None:
    plan = evolve(PLAN, operations=150, faults=("stop", "copy"), seed=5)
    with small_disk(tmp_path / "disk", 24 << 20) as disk:
        if disk is None:
            pytest.skip(NO_DISK)
        judgement = judge(run(plan, tmp_path, disk=disk))
    assert judgement.wrong == ()
    assert judgement.counts["fill"] > 0


@pytest.mark.parametrize(
    ("way", "operations", "name"),
    [
        ("answers-before-commit", 30, "acknowledged-lost"),
        ("forgets-keys", 160, "key-twice"),
        ("reads-a-cache", 160, "stale-read"),
    ],
)
def test_a_broken_client_is_found(way: str, operations: int, name: str, tmp_path: Path) -> None:
    plan = Plan(clients=2, threads=1, operations=operations, every=25, faults=("copy",), broken=way, stock=500)
    assert name in judge(run(plan, tmp_path)).names


def test_the_same_run_without_what_is_broken_has_nothing_wrong(tmp_path: Path) -> None:
    assert set(broken.WAYS) == {"answers-before-commit", "forgets-keys", "reads-a-cache"}
    plan = Plan(clients=2, threads=1, operations=160, every=25, faults=("copy",), stock=500)
    assert judge(run(plan, tmp_path)).wrong == ()


def test_any_number_of_a_trial_balance_made_another_is_found(left: Evidence) -> None:
    """Not by its sum alone: one line is made more, another of the unit and the sign less."""
    rng = Random(1)
    trials = [each for each in left.records if each["e"] == "ok" and len(each["answer"].get("accounts", ())) > 12]
    for record in rng.sample(trials, 8):
        lines = [list(line) for line in record["answer"]["accounts"]]
        first, second = rng.sample([line for line in lines if line[0].startswith("L:M:") and line[1] == "MIN"], 2)
        first[2] += 1
        second[2] -= 1
        doctored = record | {"answer": {"accounts": lines}}
        records = tuple(doctored if each is record else each for each in left.records)
        assert judge(replace(left, records=records)).names & {"never-was"}


def test_nearly_every_balance_that_is_one_point_more_is_found(left: Evidence) -> None:
    found, made = found_when_changed(left)
    assert made > 15
    assert found / made > 0.9
    assert found_when_changed(left, points=0) == (0, made)


def test_any_acknowledged_entry_that_goes_is_found(left: Evidence) -> None:
    """Each of the last entries in turn, with all after it, as if they had never been."""
    answered = [each["answer"]["seq"] for each in left.records if each["e"] == "ok" and "seq" in each["answer"]]
    for size in sorted(set(answered))[-6:]:
        cut = replace(left, leaves=left.leaves[:size], copies=())
        assert "acknowledged-lost" in judge(cut).names


def test_a_run_is_printed_as_a_row_with_its_counts(left: Evidence) -> None:
    titles, lines, values = (line.strip("| ").split(" | ") for line in table(PLAN, judge(left)).split("\n"))
    assert len(titles) == len(lines) == len(values)
    printed = dict(zip(titles, values, strict=True))
    assert printed["operations"] == "270"
    assert printed["clients × threads"] == "3 × 2"
    assert printed["violations"] == "**0**"
    assert lines == ["---"] * len(lines)
    page = (Path(__file__).parents[2] / "docs" / "reference" / "faults.md").read_text(encoding="utf-8")
    assert f"| {' | '.join(titles)} |" in page


def test_what_a_run_leaves_can_be_kept_the_book_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also from the small disk, which is gone by then; and what was kept is not written over."""
    kept = tmp_path / "kept"
    words = ["histories", "--clients", "1", "--threads", "1", "--operations", "12", "--keep", str(kept)]
    monkeypatch.setattr("sys.argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    verification = timebank.verify_file(kept / "book.timebank")
    assert verification.is_clean
    assert verification.entries > 20
    with pytest.raises(SystemExit):
        main()
    assert "is there already" in capsys.readouterr().err


def test_nobody_is_left_behind_though_one_had_fallen_over(tmp_path: Path) -> None:
    crew = Crew([{"client": number} for number in range(3)], tmp_path)
    programs = ("raise SystemExit(1)", "import signal; signal.pause()")
    started = [Popen([sys.executable, "-c", each], stdout=PIPE) for each in programs]
    started[0].wait()
    for member, process in zip(crew.members, started, strict=False):
        member.process = process
    crew.end()
    assert [each.poll() for each in started] == [1, -signal.SIGKILL]
    assert crew.running == []


def test_a_client_that_ends_by_itself_ends_the_run(tmp_path: Path) -> None:
    (member,) = Crew([{"client": 0}], tmp_path).members
    member.config.with_suffix(".errors").write_text("it fell over", encoding="utf-8")
    member.process = Popen([sys.executable, "-c", "raise SystemExit(1)"], stdout=PIPE)
    with pytest.raises(EndedError, match="a client ended with 1: it fell over"):
        while True:
            member.hear()


def test_a_client_takes_up_where_its_history_ends_and_sends_again_what_is_unknown(tmp_path: Path) -> None:
    """Also when it is killed again before it is through with what was unknown."""
    from tests.histories.client import Before
    from tests.histories.written import Written

    path = tmp_path / "client-0.history"
    history = Written(path)
    asked = {"do": "reserve"}
    for op in ("0.1.0.0", "0.1.1.0"):
        history.line("invoke", op=op, key=op, request=asked)
    history.line("ok", op="0.1.1.0", answer={"seq": 9, "hash": "", "repeated": False})
    history.line("invoke", op="0.0.4.0", request={"do": "trial"})
    path.write_bytes(path.read_bytes() + b'{"t":1,"e":"ok","op":"0.1.0')
    Written(path).line("invoke", op="0.1.0.1", key="0.1.0.0", request=asked)
    before = Before(path, threads=2)
    assert before.next == [5, 2]
    assert [each["op"] for each in before.unknown] == ["0.1.0.1"]
    assert before.answered == [{}, {"reserve": [9]}]
    assert before.attempts["0.1.0"] == 2


def test_every_fault_is_one_that_the_nemesis_can_make() -> None:
    from tests.histories.nemesis import Nemesis

    assert all(callable(getattr(Nemesis, f"_{each}")) for each in (*FAULTS, "fill"))
