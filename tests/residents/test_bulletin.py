"""The public bulletin: masked, only with consent, and nothing left out of its sums."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import fewer
from tests.residents.yard import BY, TWO, ledger
from timebank.errors import DaysReversed, UnknownOrganisation
from timebank.people.masking import mask
from timebank.residents.desk import People
from timebank.tlog.checkpoint import open_checkpoint, parse_verifier

if TYPE_CHECKING:
    from pathlib import Path

FIRST, LAST = date(2026, 2, 1), date(2026, 2, 28)
NAMES = ("张小三", "张大三", "欧阳娜娜")


@fewer(5)
@given(data=st.data())
def test_lines_are_those_of_who_consents_and_the_sums_are_those_of_all(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    bank, members = ledger(tmp_path_factory.mktemp("bulletin") / "a.timebank")
    awards = []  # (member, day, points, minutes), as recorded here
    with bank, People.create(bank) as people:
        for member in members:
            posting = bank.journal.entry(next(line.entry.seq for line in bank.members.latest(member)))
            awards.append(
                [member, posting.day, sum(m.amount for m in posting.moves if m.unit == "PTS"), 60, posting.seq]
            )
        for _ in range(data.draw(st.integers(0, 6))):
            member, day = (
                data.draw(st.sampled_from(members)),
                data.draw(st.dates(date(2026, 1, 20), date(2026, 3, 1))),
            )
            if any(award[0] == member and award[1] == day for award in awards):
                continue
            posted = bank.services.record(member, "elder-visit", minutes=60, day=day, **TWO)
            points = sum(move.amount for move in posted.entry.moves if move.unit == "PTS")
            awards.append([member, day, points, 60, posted.seq])
        for award in data.draw(st.lists(st.sampled_from(awards), max_size=2, unique_by=lambda each: each[4])):
            bank.reverse(award[4], by="clerk", approved_by="sup")
            awards.remove(award)
        consenting = data.draw(st.sets(st.sampled_from(members)))
        for member, name in zip(members, NAMES, strict=True):
            people.set(member, name=name, **BY)
            if member in consenting:
                people.consent(member, "bulletin", **BY)
        found = people.bulletin(FIRST, LAST)
        wanted = [award for award in awards if FIRST <= award[1] <= LAST]
        shown = sorted((line.award.member, line.award.day, line.award.points, line.award.minutes, line.award.seq)
                       for line in found.lines)  # fmt: skip
        assert shown == sorted(tuple(award) for award in wanted if award[0] in consenting)
        others = [award for award in wanted if award[0] not in consenting]
        assert (found.unnamed, found.unnamed_points, found.unnamed_minutes) == (
            len(others), sum(award[2] for award in others), sum(award[3] for award in others)
        )  # fmt: skip
        for line in found.lines:
            name = NAMES[members.index(line.award.member)]
            assert line.who.split(" ")[0] == mask(name)
            assert name not in line.who
        whos = {line.award.member: line.who for line in found.lines}
        assert len(set(whos.values())) == len(whos)


def test_the_checkpoint_under_it_covers_every_line(tmp_path: Path) -> None:
    bank, members = ledger(tmp_path / "a.timebank")
    with bank, People.create(bank) as people:
        people.set(members[1], name="张小三", **BY)
        people.consent(members[1], "bulletin", **BY)
        found = people.bulletin(FIRST, LAST)
        checkpoint = open_checkpoint(found.note, parse_verifier(bank.journal.entry(0).body["vkey"]))
        assert all(line.award.seq < checkpoint.size for line in found.lines)
        assert [line.who for line in found.lines] == ["张*三"]
        assert found.unnamed == 2


def test_an_organisation_has_its_own_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    bank, members = ledger(tmp_path / "a.timebank")
    with bank, People.create(bank) as people:
        for member in members:
            people.set(member, name="李四", **BY)
            people.consent(member, "bulletin", **BY)
        assert [line.award.member for line in people.bulletin(FIRST, LAST, "grid-7").lines] == [members[0]]
        assert len(people.bulletin(FIRST, LAST, "yungu").lines) == 3
        with pytest.raises(UnknownOrganisation):
            people.bulletin(FIRST, LAST, "nowhere")
        with pytest.raises(DaysReversed):
            people.bulletin(LAST, FIRST)


def test_whoever_is_erased_or_withdraws_is_no_longer_named(tmp_path: Path) -> None:
    bank, members = ledger(tmp_path / "a.timebank")
    with bank, People.create(bank) as people:
        for member in members[:2]:
            people.set(member, name="张小三", **BY)
            people.consent(member, "bulletin", **BY)
        assert len(people.bulletin(FIRST, LAST).lines) == 2
        people.consent(members[0], "bulletin", is_given=False, **BY)
        people.erase(members[1], **TWO)
        found = people.bulletin(FIRST, LAST)
        assert found.lines == ()
        assert found.unnamed == 3
