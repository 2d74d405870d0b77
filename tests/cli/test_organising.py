"""The commands move, household, team, stars, star, tree and period, in both languages."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

import timebank
from tests.cli.conftest import Shell

BY = ("--by", "grid-7")
ADMIN = ("--by", "admin")
TWO = ("--by", "committee-1", "--approved-by", "admin")


def chinese(shell: Shell) -> bool:
    return shell == shell.in_chinese()


def enrolled(shell: Shell, kind: str = "person") -> str:
    """The id of a new member."""
    out = shell.out("enrol", "FILE", "--org", "yungu", "--kind", kind, *BY)
    found = re.search(r"\b[0-9A-Z]{10}\b", out)
    assert found is not None
    return found[0]


def wang(shell: Shell) -> str:
    return str(shell.json("card", "show", "FILE", "0001")["member"])


@pytest.fixture
def town(both: Shell) -> Shell:
    """With a street above the community, and another community in it."""
    both.out("organisation", "add", "FILE", "east", "--name", "东街道", "--level", "street", *ADMIN)
    both.out(
        *("organisation", "add", "FILE", "lake", "--name", "湖社区", "--level", "community", "--parent", "east"),
        *ADMIN,
    )
    return both


def test_a_member_a_shop_and_an_organisation_move(town: Shell) -> None:
    member = wang(town)
    out = town.out("move", "member", "FILE", member, "--to", "lake", "--from", "2026-02-01", *BY)
    said = (
        "成员 {} 从 2026-02-01 起归 湖社区。"
        if chinese(town)
        else "member {} belongs to 湖社区 from 2026-02-01 on."
    )
    assert out.startswith(said.format(member))
    town.out("move", "shop", "FILE", "yungu-shop", "--to", "lake", "--from", "2026-02-01", *ADMIN)
    town.out("move", "organisation", "FILE", "yungu", "--to", "east", "--from", "2026-02-01", *ADMIN)
    with timebank.open(town.file) as bank:
        assert bank.members.organisation(member) == "lake"
        assert bank.organisations.tree() == {"east": None, "lake": "east", "yungu": "east"}
    error = town.error(
        "move", "organisation", "FILE", "east", "--to", "lake", "--from", "2026-02-02", *ADMIN, code=3
    )
    assert "[loop-in-tree]" in error
    error = town.error(
        "move", "organisation", "FILE", "lake", "--to", "yungu", "--from", "2026-02-02", *ADMIN, code=3
    )
    assert "[level-too-low]" in error
    assert ("（社区/村）" if chinese(town) else "(community)") in error


def test_the_tree_is_as_it_was_on_the_day(town: Shell) -> None:
    town.out("move", "organisation", "FILE", "yungu", "--to", "east", "--from", "2026-02-10", *ADMIN)
    rows = {row["org"]: row for row in town.json("tree", "FILE", "--day", "2026-02-10")["rows"]}
    assert rows["east"]["awarded-below"] == rows["yungu"]["awarded-below"] == 70
    assert rows["east"]["hours"] == 20
    assert rows["yungu"]["organisation"] == "  云谷社区"
    rows = {row["org"]: row for row in town.json("tree", "FILE", "--day", "2026-02-09")["rows"]}
    assert (rows["east"]["awarded-below"], rows["yungu"]["awarded-below"]) == (0, 70)
    assert rows["yungu"]["organisation"] == "云谷社区"
    now = {row["org"]: row for row in town.json("tree", "FILE")["rows"]}
    assert (now["east"]["members-below"], now["east"]["shops-below"]) == (2, 1)
    assert ("积分入账" if chinese(town) else "points awarded") in town.out("tree", "FILE")


def test_a_household_is_set_and_shown(both: Shell) -> None:
    house, member, other = enrolled(both, "household"), wang(both), enrolled(both)
    out = both.out("household", "set", "FILE", house, other, member, "--from", "2026-02-01", *BY)
    assert out.splitlines()[1:3] == [f"  {other}", f"  {member}"]
    expected = {"report": "household", "rows": [{"place": 1, "member": other}, {"place": 2, "member": member}]}
    assert both.json("household", "show", "FILE", house) == expected
    assert both.json("household", "show", "FILE", member) == expected
    assert both.json("household", "show", "FILE", house, "--day", "2026-01-31")["rows"] == []
    assert house in both.out("household", "show", "FILE", member)
    alone = enrolled(both)
    assert ("不属于任何户" if chinese(both) else "no household") in both.out("household", "show", "FILE", alone)
    error = both.error("household", "set", "FILE", house, house, "--from", "2026-02-01", *BY, code=3)
    assert ("是户，这里要用个人" if chinese(both) else "is a household, and this takes a person") in error
    assert "[wrong-kind]" in error
    out = both.out("household", "set", "FILE", house, "--from", "2026-02-02", *BY)
    assert ("没有成员" if chinese(both) else "has no members") in out


def test_members_are_named_by_id_or_by_card(both: Shell) -> None:
    both.out("enrol", "FILE", "--org", "yungu", "--kind", "household", "--card", "H-1", *BY)
    both.out("household", "set", "FILE", "H-1", "０００１", "--from", "2026-02-01", *BY)
    rows = both.json("household", "show", "FILE", "0001")["rows"]
    assert rows == [{"place": 1, "member": wang(both)}]
    assert both.json("household", "show", "FILE", "h-1")["rows"] == rows
    assert "[unknown-card]" in both.error("household", "show", "FILE", "0999", code=2)
    assert "[unknown-member]" in both.error("household", "show", "FILE", "0123456789", code=2)
    both.out("card", "block", "FILE", "0001", *BY)
    assert "[card-blocked]" in both.error("household", "show", "FILE", "0001", code=3)


def test_somebody_joins_a_team_and_leaves_it(both: Shell) -> None:
    team, member = enrolled(both, "team"), wang(both)
    both.out("team", "join", "FILE", team, member, "--day", "2026-02-01", *BY)
    assert both.json("team", "list", "FILE", team)["rows"] == [{"member": member, "organisation": "yungu"}]
    assert "[already-in-team]" in both.error("team", "join", "FILE", team, member, *BY, code=3)
    out = both.out("team", "leave", "FILE", team, member, "--day", "2026-02-05", "--key", "t/1", *BY)
    assert both.out("team", "leave", "FILE", team, member, "--day", "2026-02-05", "--key", "t/1", *BY) != out
    assert both.json("team", "list", "FILE", team)["rows"] == []
    assert len(both.json("team", "list", "FILE", team, "--day", "2026-02-04")["rows"]) == 1


def serve(shell: Shell, member: str, hours: int) -> None:
    """So many more hours of service, on days of February."""
    people = ("--by", "grid-7", "--approved-by", "committee-1")
    with timebank.open(shell.file) as bank:
        bank.openings.record(member, minutes=hours * 60, by="grid-7", approved_by="committee-1")
    shell.out(
        "record", "FILE", "elder-visit", "--member", member, "--minutes", "59", "--day", "2026-02-20", *people
    )


def test_the_board_shows_masked_names_and_else_the_end_of_the_id(both: Shell, tmp_path: Path) -> None:
    first, second, third = wang(both), enrolled(both), enrolled(both)
    serve(both, first, 100)
    serve(both, second, 310)
    serve(both, third, 99)
    names = tmp_path / "names.csv"
    names.write_bytes(f"云谷社区名单\r\n姓名,成员编号\r\n王小明,{first}\r\n张三,{third}\r\n".encode("gb18030"))
    rows = both.json("stars", "FILE", "--org", "yungu", "--names", str(names))["rows"]
    one = "成员" if chinese(both) else "member"
    assert rows == [
        {"organisation": "云谷社区", "who": f"{one} {second[-4:]}", "hours": 310, "stars": 2},
        {"organisation": "云谷社区", "who": "王*明", "hours": 120, "stars": 1},
    ]
    out = both.out("stars", "FILE", "--names", str(names))
    assert "王*明" in out
    assert "王小明" not in out
    assert first not in out
    assert ("亮星榜" if chinese(both) else "Star board") in out
    written = tmp_path / "board.csv"
    both.out("stars", "FILE", "--names", str(names), "--csv", str(written))
    assert [row[1] for row in csv.reader(written.read_text("utf-8-sig").splitlines())][2] == "王*明"


def test_a_board_without_stars_says_so(both: Shell) -> None:
    assert ("还没有人" if chinese(both) else "Nobody has a star") in both.out("stars", "FILE")


def test_names_need_their_columns(both: Shell, tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text("member,phone\nX,1\n")
    error = both.error("stars", "FILE", "--names", str(names), code=2)
    assert "[columns-missing]" in error
    assert "name" in error
    assert "[file-missing]" in both.error("stars", "FILE", "--names", str(tmp_path / "none.csv"), code=2)


def test_the_stars_of_one_member(both: Shell) -> None:
    member = wang(both)
    assert both.json("star", "FILE", "--card", "0001") == {
        "member": member,
        "org": "yungu",
        "minutes": 1200,
        "stars": 0,
    }
    assert ("20 小时" if chinese(both) else "20 h") in both.out("star", "FILE", "--member", member)
    assert both.json("star", "FILE", "--card", "0001", "--day", "2026-02-07")["minutes"] == 0


def test_a_month_is_closed_shown_and_opened_again(both: Shell) -> None:
    out = both.out("period", "close", "FILE", "2026-02", "--by", "committee-1")
    assert ("2026-02 已结账" if chinese(both) else "2026-02 is closed") in out
    assert re.search(r"(outstanding|结存)\s+24\b", out)
    assert both.json("period", "show", "FILE")["rows"] == [
        {
            "month": "2026-02",
            "awarded": 70,
            "served-minutes": 1200,
            "redeemed": 46,
            "expired": 0,
            "deducted": 0,
            "outstanding": 24,
        }
    ]
    assert "2026-02" in both.out("period", "show", "FILE").splitlines()[-1]
    error = both.error(
        *("record", "FILE", "mediation", "--card", "0001", "--occasions", "1", "--day", "2026-02-28"),
        *("--by", "grid-7", "--approved-by", "committee-1"),
        code=3,
    )
    assert "[period-closed]" in error
    assert "[period-not-last]" in both.error("period", "reopen", "FILE", "2026-01", *TWO, code=3)
    out = both.out("period", "reopen", "FILE", "2026-02", *TWO)
    assert ("已反结账" if chinese(both) else "open again") in out
    assert both.json("period", "show", "FILE")["rows"] == []
    assert "[bad-code]" in both.error("period", "close", "FILE", "2026-2", "--by", "committee-1", code=2)
    both.out("period", "close", "FILE", "２０２６-02", "--by", "committee-1")


def test_the_journal_has_words_for_what_was_organised(town: Shell) -> None:
    member, team, house = wang(town), enrolled(town, "team"), enrolled(town, "household")
    town.out("team", "join", "FILE", team, member, "--day", "2026-02-01", *BY)
    town.out("household", "set", "FILE", house, member, "--from", "2026-02-01", *BY)
    town.out("move", "member", "FILE", member, "--to", "lake", "--from", "2026-02-01", *BY)
    town.out("period", "close", "FILE", "2026-01", "--by", "committee-1")
    lines = town.out("journal", "FILE").splitlines()[-4:]
    wanted = (
        [f"{member} 加入 {team}", f"{house}：1 名成员", f"成员 {member} 归 湖社区", "2026-01 结账"]
        if chinese(town)
        else [f"{member} joined {team}", f"{house}, members: 1", f"member {member} to 湖社区", "2026-01 closed"]
    )
    for line, words in zip(lines, wanted, strict=True):
        assert words in line
