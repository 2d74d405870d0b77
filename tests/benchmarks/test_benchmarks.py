"""The benchmarks run, compare the same work, and say what they say; as small as they go."""

from __future__ import annotations

import json

import pytest

import timebank
from tests.benchmarks import table
from tests.benchmarks.__main__ import SCENARIOS, main
from tests.benchmarks.bench import TINY, Bench
from tests.benchmarks.marks import marks
from tests.benchmarks.raw import PRAGMAS, Raw
from tests.benchmarks.turns import Row, at_least, at_most, in_turn, percentile, ratios
from tests.benchmarks.work import Award, acts
from tests.docs.page import DOCS
from timebank.ledger.codes import debit_sign


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return Bench(TINY, tmp_path_factory.mktemp("benchmarks"), tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name != "growth"])
def test_every_scenario_gives_its_figures(bench, name):
    rows = SCENARIOS[name](bench)
    assert rows
    assert all(row.values and row.what and min(row.values) > 0 for row in rows if name != "import")


def test_raw_and_timebank_do_the_same_work(bench):
    town = bench.town()
    work = town.acts(60)
    commands = town.raw_commands(work)
    with town.raw(bench.path()) as raw, timebank.open(town.path) as bank:
        raw.bulk(commands)
        town.do_all(bank, work)
        with bank.journal.reading() as books:
            for (account, unit), number in town.places.items():
                assert raw.balance(number) == debit_sign(account) * books.balance(account, unit)
        assert bank.verify().is_clean


def test_what_the_ledger_appends_alone_is_what_the_programme_would_have_posted(bench):
    checked, appended = bench.town(), bench.town()
    work = checked.acts(30)
    with timebank.open(checked.path) as one, timebank.open(appended.path) as other:
        checked.do_all(one, work)
        appended.append_all(other, work)
        assert one.trial_balance() == other.trial_balance()
        assert [(entry.body, entry.moves) for entry in one.journal.entries()] == [
            (entry.body, entry.moves) for entry in other.journal.entries()
        ]


def test_raw_has_the_settings_of_the_writer(bench):
    town = bench.town()
    names = [statement.split()[1] for statement in PRAGMAS]
    with timebank.open(town.path) as bank, bank.journal.writing() as write, Raw(bench.path(), 1) as raw:
        for name in [*names, "wal_autocheckpoint", "page_size"]:
            ours, theirs = (
                connection.execute(f"PRAGMA {name}").fetchone()
                for connection in (write.books.connection, raw.connection)
            )
            assert ours == theirs, name


def test_the_work_is_the_same_each_time_and_as_described():
    work = acts(5_000, members=100, shops=20)
    assert work == acts(5_000, members=100, shops=20)
    awards = [act for act in work if isinstance(act, Award)]
    assert 0.57 < len(awards) / len(work) < 0.63
    assert {act.points for act in awards} == set(range(1, 51))
    assert [act.day for act in work] == sorted(act.day for act in work)


def test_turns_alternate_and_the_first_round_does_not_count():
    seen = []
    seconds = in_turn(3, lambda: seen.append("a") or len(seen), lambda: seen.append("b") or len(seen))
    assert "".join(seen) == "abababab"
    assert seconds == [(3, 5, 7), (4, 6, 8)]
    assert ratios(*seconds) == (3 / 4, 5 / 6, 7 / 8)


def test_the_pieces_of_a_round_take_turns():
    seen = []
    seconds = in_turn(1, lambda: seen.append("a") or 1, lambda: seen.append("b") or 2, pieces=2)
    assert "".join(seen) == "abababab"
    assert seconds == [(2,), (4,)]


def test_a_goal_is_met_at_its_bound():
    assert Row("", (1.0, 2.0, 9.0), goal=at_least(2)).verdict == "yes"
    assert Row("", (1.0, 2.0, 9.0), goal=at_most(1.9)).verdict == "NO"
    assert Row("", (1.0, 2.0, 9.0), goal=at_most(8), is_worst=True).verdict == "NO"
    assert Row("", (1.0,)).verdict == ""


def test_a_percentile_is_a_value_that_was_seen():
    assert percentile(range(1, 101), 0.99) == 99
    assert percentile([5], 0.99) == 5


def test_the_table_is_printed_in_three_ways(capsys, tmp_path):
    assert main(["import", "--quick", "--rounds", "5", "--directory", str(tmp_path), "--markdown"]) == 0
    assert "| `python -m tests.benchmarks import --quick --rounds 5` |" in capsys.readouterr().out
    machine = table.Machine.this()
    row = table.Measured(Row("what", (0.5, 0.7, 0.6), goal=at_least(0.6)), "command")
    assert json.loads(table.as_json(machine, [row]))["rows"][0]["figure"] == 0.6
    assert "0.60 ×" in table.as_text(machine, [row])
    assert list(tmp_path.iterdir()) == []


def test_a_scenario_that_is_not_there_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["speed"])
    assert "no scenario speed" in capsys.readouterr().err


def test_the_reference_has_a_place_for_the_table():
    page = (DOCS / "reference" / "performance.md").read_text(encoding="utf-8")
    assert [page.count(mark) for mark in marks("python -m tests.benchmarks")] == [1, 1]


def test_a_page_gets_the_whole_table_or_nothing(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["award", "--page", str(tmp_path / "page.md")])
    assert "no scenario may be named" in capsys.readouterr().err
