"""The demos: the districts' figures, the same journal everywhere, both languages, and nothing overwritten."""

from __future__ import annotations

import shlex
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import timebank
from timebank.cli import main
from timebank.cli.demo import make_year
from timebank.cli.demo_district import DISTRICTS, Chance, district_named
from timebank.cli.demo_rounds import QUARTERS
from timebank.cli.output import width
from timebank.errors import FileExists
from timebank.ledger.store import AccountBalance
from timebank.locale import sentences

REPORTED = {
    "jianyang": {"cards_issued": 600, "redemptions": 440, "service_minutes": 21_000 * 60},
    "panji": {"shops": 90, "redemptions": 392},
}
SIGNATURE = "— "

pytestmark = pytest.mark.slow


def run(*arguments: str, **environment: str | None) -> Result:
    clean = {"LC_ALL": None, "LC_MESSAGES": None, "LANG": "en_GB.UTF-8", "NO_COLOR": None, **environment}
    return CliRunner().invoke(main, ["demo", *arguments], env=clean)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Result]]:
    """Both demos as they come: Jianyang in English, Panji in Chinese by its locale."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return {
            "jianyang": (folder / "jianyang.timebank", run("jianyang")),
            "panji": (folder / "panji.timebank", run("panji", LANG="zh_CN.UTF-8")),
        }


@pytest.mark.parametrize("name", DISTRICTS)
def test_the_report_comes_to_what_the_district_reported(made: dict[str, tuple[Path, Result]], name: str) -> None:
    path, result = made[name]
    assert result.exit_code == 0, result.output
    with timebank.open(path, readonly=True) as bank:
        report = bank.report()
        levels = [org.level for org in bank.organisations.all()]
    for figure, number in REPORTED[name].items():
        assert getattr(report, figure) == number
    if name == "panji":
        assert levels.count("community") == 141
        assert (levels.count("grid"), levels.count("building")) == (606, 65)
    else:
        assert (levels.count("grid"), levels.count("building")) == (93, 67)


@pytest.mark.parametrize("name", DISTRICTS)
def test_the_file_verifies_without_a_finding_against_the_checkpoint_that_was_printed(
    made: dict[str, tuple[Path, Result]], name: str
) -> None:
    path, result = made[name]
    lines = result.stdout.splitlines()
    signature = next(place for place, line in enumerate(lines) if line.startswith(SIGNATURE))
    note = "\n".join(lines[signature - 4 : signature + 1]) + "\n"
    found = timebank.verify_file(path, checkpoints=[note])
    assert found.findings == ()
    assert lines[signature - 3] == str(found.entries)


@pytest.mark.parametrize("name", DISTRICTS)
def test_every_kind_of_record_is_there_and_days_stay_within_the_made_up_year(
    made: dict[str, tuple[Path, Result]], name: str
) -> None:
    with timebank.open(made[name][0], readonly=True) as bank:
        entries = list(bank.journal.entries())
        states = [bank.cards.get(entry.body["card"]).state for entry in entries if entry.kind == "member"]
        kinds = {member.kind for member in bank.members.all()}
        zone = bank.journal.zone
    assert {"settlement", "team"} <= {entry.kind for entry in entries}
    assert {entry.body["of"] for entry in entries if entry.kind == "reversal"} == {"award", "redemption", "stock"}
    assert {entry.body["do"] for entry in entries if entry.kind == "card"} == {"block", "replace", "issue"}
    assert states.count("replaced") == district_named(name).cards.replaced
    assert kinds == {"person", "household", "team"}
    late = [entry.kind for entry in entries if entry.day != entry.at.astimezone(zone).date()]
    assert set(late) == {"settlement"}, "a settlement belongs to the end of its period"
    assert date(2025, 11, 1) <= entries[0].day <= entries[-1].day <= date(2026, 10, 31)


def test_jianyangs_orders_teams_and_merchants_are_those_it_reported(made: dict[str, tuple[Path, Result]]) -> None:
    path, result = made["jianyang"]
    with timebank.open(path, readonly=True) as bank:
        rates = bank.orders.total()
        kinds = [member.kind for member in bank.members.all()]
        shops = [bank.shops.detail(shop.id).kind for shop in bank.shops.all()]
        rated = [bank.ratings.quarter(quarter) for quarter in QUARTERS]
        states = {order.state for order in bank.orders.all()}
    assert (rates.received, rates.done, rates.permille_done) == (1_764, 1_710, 969)
    assert (kinds.count("team"), shops.count("merchant")) == (53, 48)
    assert states == {"rated", "cancelled", "dispatched"}
    assert [len(results) for results in rated] == [9, 9, 9, 9]
    assert all(each.stars in range(1, 6) for results in rated for each in results)
    assert "requests done, of all received  96.9 % *" in result.stdout


def test_panjis_shops_are_paid_what_they_took_in_each_quarter(made: dict[str, tuple[Path, Result]]) -> None:
    path, _ = made["panji"]
    with timebank.open(path, readonly=True) as bank:
        last = max(settlement.last for settlement in bank.settlements.all())
        for shop in bank.shops.all():
            paid = sum(each.paid for each in bank.settlements.all(shop.id))
            taken = sum(line.delta for line in bank.shops.statement(shop).lines if line.entry.kind != "settlement")
            assert taken - paid == bank.shops.takings(shop)
            assert bank.shops.takings(shop, day=date.fromisoformat(last)) == 0
        report = bank.report()
    assert report.points_settled + sum(
        line.amount for line in bank_lines(path) if line.account.startswith("L:S:")
    ) == (report.points_redeemed)


def bank_lines(path: Path) -> tuple[AccountBalance, ...]:
    with timebank.open(path, readonly=True) as bank:
        return bank.trial_balance()


def test_one_seed_makes_one_journal_and_another_seed_another(
    made: dict[str, tuple[Path, Result]], tmp_path: Path
) -> None:
    path, _ = made["jianyang"]
    again, other = tmp_path / "again.timebank", tmp_path / "other.timebank"
    assert run("jianyang", "--file", str(again)).exit_code == 0
    assert run("jianyang", "--file", str(other), "--seed", "7").exit_code == 0
    assert timebank.verify_file(again).root == timebank.verify_file(path).root
    assert timebank.verify_file(other).root != timebank.verify_file(path).root
    with timebank.open(other, readonly=True) as bank:
        report = bank.report()
    assert {figure: getattr(report, figure) for figure in REPORTED["jianyang"]} == REPORTED["jianyang"]


def test_the_english_demo_says_it_in_english_and_shows_the_figures(made: dict[str, tuple[Path, Result]]) -> None:
    path, result = made["jianyang"]
    starred = [line.split() for line in result.stdout.splitlines() if line.endswith(" *")]
    assert ["cards", "issued", "600", "*"] in starred
    assert ["redemptions", "440", "*"] in starred
    assert ["hours", "of", "service", "21,000", "*"] in starred
    assert "no findings" in result.stdout
    assert "debit less credit: 0" in result.stdout
    assert f"File: {path}" in result.stdout
    assert [
        line for line in result.stdout.splitlines() if not line.startswith(SIGNATURE) and not line.isascii()
    ] == []


def test_the_chinese_demo_says_it_in_chinese_and_shows_the_figures(made: dict[str, tuple[Path, Result]]) -> None:
    _, result = made["panji"]
    starred = [line.split() for line in result.stdout.splitlines() if line.endswith(" *")]
    assert ["村", "141", "*"] in starred
    assert ["积分超市", "90", "*"] in starred
    assert ["兑换次数", "392", "*"] in starred
    assert "没有审计发现" in result.stdout
    assert "借方减贷方：0" in result.stdout
    assert "findings" not in result.output


def test_the_next_commands_name_the_file_and_a_card_in_use(made: dict[str, tuple[Path, Result]]) -> None:
    for path, result in made.values():
        _, statement, _ = commands = result.stdout.splitlines()[-3:]
        words = [command.split() for command in commands]
        assert [line[:2] for line in words] == [["timebank", each] for each in ("report", "statement", "verify")]
        assert {line[2] for line in words} == {path.name}
        with timebank.open(path, readonly=True) as bank:
            member = bank.members.by_card(statement.split()[-1])
            lines = bank.members.statement(member).lines
        assert 6 <= len(lines) <= 8
        assert "redemption" in [line.entry.kind for line in lines]


def test_the_next_commands_work_as_they_are_printed(
    made: dict[str, tuple[Path, Result]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, result in made.values():
        monkeypatch.chdir(path.parent)
        for command in result.stdout.splitlines()[-3:]:
            answer = CliRunner().invoke(main, shlex.split(command)[1:])
            assert answer.exit_code == 0, (command, answer.output)


def test_a_chosen_language_goes_on_in_the_next_commands_and_odd_paths_are_quoted(tmp_path: Path) -> None:
    path = tmp_path / "two words.timebank"
    result = run("panji", "--file", str(path), "--lang", "zh")
    command = shlex.split(result.stdout.splitlines()[-1])
    assert command == ["timebank", "verify", str(path), "--lang", "zh"]


@pytest.mark.parametrize("name", DISTRICTS)
def test_nothing_that_is_printed_is_wider_than_eighty_columns_but_signature_and_paths(
    made: dict[str, tuple[Path, Result]], name: str
) -> None:
    path, result = made[name]
    lines = [
        line for line in result.output.splitlines() if not line.startswith(SIGNATURE) and str(path) not in line
    ]
    assert max(width(line) for line in lines) <= 80
    assert "\x1b" not in result.output


def test_progress_goes_to_the_error_stream_a_line_for_each_month(made: dict[str, tuple[Path, Result]]) -> None:
    _, result = made["jianyang"]
    months = [line.split(":")[0].strip() for line in result.stderr.splitlines()]
    assert months == ["2025-11", "2025-12", *(f"2026-{month:02}" for month in range(1, 11))]


@pytest.mark.parametrize("there", ["", ".key", ".signed"])
def test_a_file_that_is_there_already_is_refused_and_nothing_changes(tmp_path: Path, there: str) -> None:
    old = tmp_path / f"mine.timebank{there}"
    old.write_text("mine")
    result = run("panji", "--file", str(tmp_path / "mine.timebank"), "--lang", "en")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "--file" in result.stderr
    assert str(old) in result.stderr
    assert [each.name for each in tmp_path.iterdir()] == [old.name]
    assert old.read_text() == "mine"


def test_an_unknown_district_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    result = run("gutian", "--file", str(tmp_path / "x.timebank"), "--lang", "zh")
    assert result.exit_code == 2
    assert "jianyang" in result.stderr
    assert "panji" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_help_names_both_districts(language: str) -> None:
    result = run("--help", "--lang", language)
    assert result.exit_code == 0
    assert all(name in result.stdout for name in (*DISTRICTS, "--file", "--seed"))


def test_a_seed_that_is_no_number_is_refused(tmp_path: Path) -> None:
    result = run("panji", "--seed", "many", "--file", str(tmp_path / "x.timebank"))
    assert result.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_demo_that_is_stopped_half_way_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("timebank.cli.demo_acts.Acts.deliver", stop)
    with pytest.raises(KeyboardInterrupt):
        make_year(district_named("panji"), str(tmp_path / "x.timebank"), 1, title="")
    assert list(tmp_path.iterdir()) == []


def test_without_the_extras_there_is_a_demo_without_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric", None)
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.ed25519", None)
    monkeypatch.setitem(sys.modules, "rich.console", None)
    path = tmp_path / "plain.timebank"
    result = run("panji", "--file", str(path), "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "timebank[sign]" in result.stdout
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_file_beside_the_demo_s_is_not_its_own_and_stays(tmp_path: Path) -> None:
    key = tmp_path / "x.timebank.key"
    key.write_text("somebody's key")
    with pytest.raises(FileExists):
        make_year(district_named("panji"), str(tmp_path / "x.timebank"), 1, title="")
    assert key.read_text() == "somebody's key"


def test_both_languages_have_the_same_sentences_of_the_demo() -> None:
    english, chinese = sentences("en")["demo"], sentences("zh_CN")["demo"]
    assert english.keys() == chinese.keys()
    assert all(text.isascii() for text in english.values())


def test_chance_gives_the_same_draws_from_the_same_seed() -> None:
    one, two = Chance(5), Chance(5)
    draws = [(each.share(), each.whole(1, 6), each.some("abcdef", 3), each.entropy(7)) for each in (one, two)]
    assert draws[0] == draws[1]
    assert Chance(6).entropy(7) != Chance(5).entropy(7)


def test_chance_gives_both_ends_of_a_range_and_never_what_has_no_weight() -> None:
    chance = Chance(1)
    assert {chance.whole(1, 3) for _ in range(200)} == {1, 2, 3}
    assert {chance.weighed("abc", [1, 1, 2]) for _ in range(200)} == {"a", "c"}
