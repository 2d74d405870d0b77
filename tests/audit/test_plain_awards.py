"""The short way past an award that is in order gives the verdict of the long way, whatever an award says."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timebank.audit.findings import Finding, Findings
from timebank.audit.programme.awards import Awards
from timebank.audit.programme.replay import ProgrammeReplay
from timebank.audit.replay import LedgerReplay

RULES = """name = "a"
title.zh = "甲"
title.en = "A"

[service.patrol]
zh = "巡逻"
en = "Patrol"
per = "hour"
points = 3

[service.honour]
zh = "表彰"
en = "Honour"
per = "occasion"
points = 5

[service.short]
zh = "短"
en = "Short"
per = "hour"
points = 3
most_minutes = 60

[[cap]]
of = "minutes"
per = "member"
in = "day"
most = 300
service = "patrol"

[[cap]]
of = "occasions"
per = "household"
in = "month"
most = 7
"""
DAY = "2026-02-08"


def entry(kind: str, body: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"at": "2026-02-09T01:00:00Z", "body": body, "by": "admin", "day": DAY, "kind": kind, **others}


def award(member: str, service: str, minutes: int, occasions: int, points: int) -> dict[str, Any]:
    measure = {"minutes": minutes} if minutes else {}
    measure |= {"occasions": occasions} if occasions else {}
    move = [["X:AWARDED:YUNGU", f"L:M:{member}", "PTS", points]]
    move += [["X:SERVICE:YUNGU", f"L:M:{member}", "MIN", minutes]] if minutes else []
    return entry("award", {"service": service, **measure}, by="clerk-1", ok="lead-1", move=move)


FOUNDING = [
    entry("genesis", {"origin": "a", "tree": "rfc6962-sha256", "zone": "UTC"}),
    entry("operator", {"operator": "admin", "role": "admin"}),
    entry("organisation", {"org": "yungu", "name": "云谷", "level": "community"}),
    entry("operator", {"operator": "clerk-1", "org": "yungu", "role": "clerk"}),
    entry("operator", {"operator": "lead-1", "org": "yungu", "role": "supervisor"}),
    entry("rulebook", {"rulebook": "a", "from": "2026-01-01", "text": RULES.split("\n")}),
    *(
        entry("member", {"member": name, "org": "yungu", "type": "person", "card": name})
        for name in ("AAAAAAAAA1", "AAAAAAAAA2")
    ),
]


class Auditor:
    """A replay in which the programme was founded."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.findings = Findings()
        self.ledger = LedgerReplay(self.findings, self.entries.__getitem__)
        self.programme = ProgrammeReplay(self.findings, self.ledger, self.entries.__getitem__)
        for members in FOUNDING:
            self.see(members)

    def see(self, members: dict[str, Any]) -> None:
        seq = len(self.entries)
        self.entries.append(members)
        self.ledger.entry(seq, members)
        self.programme.entry(seq, members)


awards = st.one_of(
    st.builds(
        award,
        st.sampled_from(("AAAAAAAAA1", "AAAAAAAAA2")),
        st.just("patrol"),
        st.just(60),
        st.just(0),
        st.just(3),
    ),
    st.builds(
        award, st.sampled_from(("AAAAAAAAA1", "AAAAAAAAA2")), st.just("honour"), st.just(0), st.just(1), st.just(5)
    ),
    st.builds(award, st.just("AAAAAAAAA1"), st.just("short"), st.sampled_from((60, 120)), st.just(0), st.just(3)),
)
words = st.sampled_from(
    [
        *("patrol", "honour", "short", "none", "clerk-1", "lead-1", "admin", "nobody", DAY, "2025-01-01", "08:30"),
        *(0, 1, 2, 5, 60, 90, 300, 1440, 1441, -1, True, "60", [], {}, [["AAAAAAAAA1", {"minutes": 60}]]),
    ]
)
accounts = st.sampled_from(
    ["X:AWARDED:YUNGU", "X:SERVICE:YUNGU", "X:AWARDED:X", "L:M:AAAAAAAAA1", "L:M:AAAAAAAAA3", "L:POOL:YUNGU"]
)


@st.composite
def changed_awards(draw: st.DrawFn) -> dict[str, Any]:
    made: Any = copy.deepcopy(draw(awards))
    for _ in range(draw(st.integers(0, 2))):
        where = draw(st.sampled_from(("body", "body", "move", "by", "ok", "day", "also")))
        if where == "body":
            names = (
                "service",
                "minutes",
                "occasions",
                "request",
                "grade",
                "start",
                "recipient",
                "items",
                "people",
            )
            made["body"][draw(st.sampled_from(names))] = draw(words)
        elif where == "move":
            move = draw(st.sampled_from(made["move"]))
            place = draw(st.integers(0, 3))
            move[place] = draw(st.integers(1, 9)) if place == 3 else draw(accounts)
        elif where == "day":
            made["day"] = draw(st.sampled_from((DAY, "2025-12-31", "2026-02-01")))
        elif where == "also":
            made["move"].append(["A:DEBT:AAAAAAAAA1", draw(accounts), "PTS", 2])
        else:
            made[where] = draw(st.sampled_from(("clerk-1", "lead-1", "admin", "nobody")))
    return made  # type: ignore[no-any-return]


def verdicts(seen: list[dict[str, Any]]) -> tuple[tuple[Finding, ...], dict[Any, Any]]:
    auditor = Auditor()
    assert auditor.findings.all() == ()
    for members in seen:
        auditor.see(copy.deepcopy(members))
    return auditor.findings.all(), auditor.programme.tables


@settings(max_examples=max(100, settings.default.max_examples))
@given(seen=st.lists(changed_awards(), min_size=1, max_size=9))
def test_the_short_way_finds_what_the_long_way_finds(seen: list[dict[str, Any]]) -> None:
    short = verdicts(seen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Awards, "_is_plain", lambda *_: False)
        long = verdicts(seen)
    assert short == long


@pytest.mark.parametrize(("service", "minutes", "points"), [("patrol", 60, 3), ("honour", 0, 5)])
def test_an_award_in_order_goes_the_short_way(
    service: str, minutes: int, points: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor = Auditor()
    monkeypatch.setattr(Awards, "_wanted", lambda *_: pytest.fail("the long way"))
    auditor.see(award("AAAAAAAAA1", service, minutes, 0 if minutes else 1, points))
    assert auditor.findings.all() == ()


def test_caps_hold_on_the_short_way_to_the_minute() -> None:
    auditor = Auditor()
    for _ in range(5):
        auditor.see(award("AAAAAAAAA1", "patrol", 60, 0, 3))
    assert auditor.findings.all() == ()
    auditor.see(award("AAAAAAAAA1", "patrol", 60, 0, 3))
    assert [found.facts["reason"] for found in auditor.findings.all()] == ["cap 300 minutes member day"]


def test_an_organisation_that_nobody_founded_is_found_on_the_short_way() -> None:
    auditor, made = Auditor(), award("AAAAAAAAA1", "honour", 0, 1, 5)
    made["move"][0][0] = "X:AWARDED:NOWHERE"
    auditor.see(made)
    assert [found.code for found in auditor.findings.all()] == ["name-unknown"]
