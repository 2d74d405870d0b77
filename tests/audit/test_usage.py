"""What the auditor keeps for caps: no more than they name, and no less, whatever is closed or adopted late."""

from __future__ import annotations

from typing import Any

from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from timebank.audit.programme.terms import Terms
from timebank.audit.programme.usage import Usage

MEMBERS = ("m1", "m2")
SERVICES = ("patrol", "honour")
MONTHS = tuple(f"2026-{month:02}" for month in range(1, 13))
DAYS = tuple(f"{month}-{day}" for month in MONTHS for day in ("01", "15", "28"))
RULES = """name = "a"
title.zh = "甲"
title.en = "A"
[rules]
overlap = "{overlap}"
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
"""
CAP = '[[cap]]\nof = "{0}"\nper = "member"\nin = "{1}"\nmost = {2}\nservice = "{3}"\n'


@define
class Journal:
    """Just enough of the auditor's books: leaves, and how far months are closed."""

    leaves: list[dict[str, Any]] = field(factory=list)
    closed_through: str = ""

    def leaf(self, seq: int) -> dict[str, Any]:
        return self.leaves[seq]


def award(member: str, service: str, day: str, minutes: int) -> dict[str, Any]:
    body = {"service": service, "minutes": minutes, "occasions": 1, "start": "10:00"}
    moves = [["X:AWARDED:ORG", f"L:M:{member}", "PTS", minutes]]
    return {"kind": "award", "day": day, "body": body, "move": moves}


def rulebook(overlap: str, caps: list[tuple[str, str, int, str]]) -> Terms:
    text = RULES.format(overlap=overlap) + "".join(CAP.format(*cap) for cap in caps)
    return Terms(text.replace('service = ""\n', ""))


def plain_sum(journal: Journal, member: str, cap: Any, day: str) -> int:
    """What was used, by adding up all leaves."""
    used, reversed_ones = 0, {one["ref"] for one in journal.leaves if one["kind"] == "reversal"}
    for seq, one in enumerate(journal.leaves):
        if one["kind"] == "award" and seq not in reversed_ones and one["move"][0][1] == f"L:M:{member}":
            in_period = one["day"][: cap.letters] == day[: cap.letters]
            if in_period and cap.service in ("", one["body"]["service"]):
                used += {"minutes": one["body"]["minutes"], "points": one["move"][0][3], "occasions": 1}[cap.of]
    return used


awards = st.builds(award, *map(st.sampled_from, (MEMBERS, SERVICES, DAYS[:24])), st.integers(10, 40))
caps = st.tuples(
    st.sampled_from(["minutes", "points", "occasions"]),
    st.sampled_from(["day", "month", "year"]),
    st.integers(1, 80),
    st.sampled_from(["", *SERVICES]),
)
books = st.builds(rulebook, st.sampled_from(["allowed", "refused"]), st.lists(caps, min_size=1, max_size=3))
turns = st.sampled_from(["close", "close", "reopen"])
steps = st.lists(st.one_of(awards, awards, awards, turns, books, st.integers(-9, -1)), min_size=30, max_size=90)


@given(steps=steps)
def test_caps_are_counted_as_if_everything_were_kept(steps: list[Any]) -> None:
    journal, terms = Journal(), rulebook("allowed", [])
    usage = Usage(journal)  # type: ignore[arg-type]
    for step in steps:
        seq = len(journal.leaves)
        if isinstance(step, Terms):
            terms = step
            journal.leaves.append({"kind": "rulebook"})
            usage.adopt(seq, terms)
        elif isinstance(step, str):
            place = MONTHS.index(journal.closed_through) if journal.closed_through in MONTHS else -1
            place = min(place + 1, 11) if step == "close" else max(place - 1, -1)
            journal.closed_through = MONTHS[place] if place >= 0 else "2025-12"
            journal.leaves.append({"kind": "period"})
            usage.close(seq)
        elif isinstance(step, int):
            is_open = [
                each
                for each, one in enumerate(journal.leaves)
                if one["kind"] == "award" and not any(other.get("ref") == each for other in journal.leaves)
            ]
            if not is_open:
                continue
            journal.leaves.append({"kind": "reversal", "ref": is_open[step % len(is_open)], "day": "2026-12-28"})
            if usage.is_kept:
                usage.take_in(journal.leaves[-1])
        elif step["day"][:7] > journal.closed_through:
            passed = {
                (cap.of, cap.period, cap.service, cap.most)
                for cap in terms.caps
                if cap.service in ("", step["body"]["service"])
                and plain_sum(journal, step["move"][0][1][4:], cap, step["day"])
                + {"minutes": step["body"]["minutes"], "points": step["move"][0][3], "occasions": 1}[cap.of]
                > cap.most
            }
            assert len(list(usage.passed(terms, step))) == len(
                [cap for cap in terms.caps if (cap.of, cap.period, cap.service, cap.most) in passed]
            )
            journal.leaves.append(step)
            if usage.is_kept:
                usage.take_in(step)


def passed_after_reopening(months: int) -> bool:
    """Whether a cap of a month that was closed, and opened again so many months later, still counts."""
    journal = Journal()
    usage = Usage(journal)  # type: ignore[arg-type]
    terms = rulebook("allowed", [("points", "month", 30, "")])
    usage.adopt(0, terms)
    journal.leaves.append(award("m1", "patrol", MONTHS[0] + "-15", 30))
    usage.take_in(journal.leaves[0])
    for closed_through in (*MONTHS[: months + 1], *reversed(("2025-12", *MONTHS[:months]))):
        journal.closed_through = closed_through
        usage.close(len(journal.leaves))
    return bool(list(usage.passed(terms, award("m1", "patrol", MONTHS[0] + "-20", 1))))


def test_a_month_opened_again_however_late_still_has_what_it_had() -> None:
    assert all(passed_after_reopening(months) for months in range(11))


def test_only_what_a_cap_names_is_kept() -> None:
    journal = Journal()
    usage = Usage(journal)  # type: ignore[arg-type]
    usage.adopt(0, rulebook("allowed", [("points", "month", 100, "patrol")]))
    for day in DAYS:
        for service in SERVICES:
            usage.take_in(award("m1", service, day, 10))
    assert usage._sums == {("points", "patrol", 7): {month: {"m1": 30} for month in MONTHS}}
    assert usage._times == {}


def test_what_lies_in_months_closed_long_ago_is_let_go_of() -> None:
    journal = Journal()
    usage = Usage(journal)  # type: ignore[arg-type]
    usage.adopt(0, rulebook("refused", [("points", "day", 100, "")]))
    for day in DAYS:
        usage.take_in(award("m1", "patrol", day, 10))
    journal.closed_through = "2026-11"
    usage.close(0)
    assert min(usage._sums["points", "", 10]) == min(usage._times) == "2026-09-01"


def test_a_journal_cannot_make_the_auditor_look_back_for_ever() -> None:
    journal = Journal()
    usage = Usage(journal)  # type: ignore[arg-type]
    looked: list[int] = []
    usage.begin = looked.append  # type: ignore[method-assign, assignment]
    for number in range(1_000):
        usage.adopt(number, rulebook("allowed", [("points", "month", 100, f"service-{number}")]))
    assert len(looked) < 20
