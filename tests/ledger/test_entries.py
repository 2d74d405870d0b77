"""The way between an entry and its leaf, and what hostile bytes can do: nothing but NotCanonical or BadEntry."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests import strategies
from timebank.errors import (
    BadCode,
    BadDay,
    BadEntry,
    BadMoment,
    BadMove,
    FileDamaged,
    NotCanonical,
    SelfApproval,
)
from timebank.ledger.entries import (
    Draft,
    Entry,
    at_of,
    check_day,
    check_key,
    check_slug,
    entry_of,
    kept_entry,
    leaf_of,
    members_of,
    moment_text,
    parse_day,
    parse_moment,
)
from timebank.ledger.transfers import Transfer
from timebank.tlog import canonical

AT = "2026-11-23T08:15:00Z"
NONCE = "A" * 21 + "w"
GOOD: dict[str, Any] = {
    "at": AT,
    "body": {"a": 1},
    "by": "clerk-3",
    "day": "2026-11-20",
    "key": "till-1/000123",
    "kind": "award",
    "move": [["X:A:O", "L:M:0", "PTS", 5]],
    "nonce": NONCE,
    "ok": "boss",
    "ref": 3,
    "v": 1,
}


def bytes_of(members: object) -> bytes:
    """Canonical where the members can be."""
    return json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


def changed(**members: object) -> bytes:
    return bytes_of({name: value for name, value in (GOOD | members).items() if value is not ...})


def move(*values: object) -> bytes:
    return changed(move=[list(values)])


MALFORMED: dict[str, bytes] = {
    # not canonical
    "no bytes": b"",
    "no object": b"[]",
    "a text": b'"at"',
    "null": b"null",
    "half": changed()[:-1],
    "twice": changed() * 2,
    "a space": changed().replace(b'"v":1', b'"v": 1'),
    "a newline": changed() + b"\n",
    "a mark before": b"\xef\xbb\xbf" + changed(),
    "another order": b'{"v":1,"at":"2026-11-23T08:15:00Z"}',
    "a key twice": changed().replace(b'"v":1', b'"v":1,"v":1'),
    "an escaped letter": changed().replace(b"award", b"\\u0061ward"),
    "a float": changed(v=1.0),
    "an exponent": changed().replace(b'"v":1', b'"v":1e0'),
    "null inside": changed(ok=None),
    "broken UTF-8": changed().replace(b"award", b"awar\xff"),
    "a surrogate": changed(body={"a": "\ud800"}),
    "a control": changed(body={"a": "\x00"}),
    "decomposed": changed(body={"a": "e\u0301"}),
    "a large integer": changed(ref=2**53),
    "too deep": changed(body={"a": [[[[[[[[[1]]]]]]]]]}),
    "too long": changed(body={"a": ["x" * 200] * 400}),
    "a bad name": changed(body={"A": 1}),
    # members missing, surplus or of another kind
    **{f"without {name}": changed(**{name: ...}) for name in ("at", "body", "by", "day", "kind", "nonce", "v")},
    "surplus": changed(memo="hello"),
    "surplus seq": changed(seq=1),
    "version 0": changed(v=0),
    "version 2": changed(v=2),
    "version true": changed(v=True),
    "version text": changed(v="1"),
    "body list": changed(body=[]),
    "body text": changed(body="a"),
    "body true": changed(body=True),
    # times
    "at number": changed(at=5),
    "at list": changed(at=[AT]),
    "at true": changed(at=True),
    "at with a fraction": changed(at="2026-11-23T08:15:00.5Z"),
    "at with an offset": changed(at="2026-11-23T08:15:00+00:00"),
    "at local": changed(at="2026-11-23T08:15:00"),
    "at with a space": changed(at="2026-11-23 08:15:00Z"),
    "at no day": changed(at="2026-02-30T08:15:00Z"),
    "at year 0": changed(at="0000-01-01T00:00:00Z"),
    "at 24 o'clock": changed(at="2026-11-23T24:00:00Z"),
    "at a leap second": changed(at="2026-11-23T08:15:60Z"),
    "at other digits": changed(at="２０２６-11-23T08:15:00Z"),
    "day number": changed(day=20261120),
    "day list": changed(day=[1]),
    "day short": changed(day="20261120"),
    "day a week": changed(day="2026-W47-5"),
    "day no day": changed(day="2026-02-29"),
    "day a moment": changed(day="2026-11-20T00:00:00"),
    "day other digits": changed(day="２０２６-11-20"),
    # names
    "by empty": changed(by=""),
    "by capital": changed(by="Clerk"),
    "by long": changed(by="a" * 33),
    "by number": changed(by=1),
    "by list": changed(by=["a"]),
    "by Chinese": changed(by="王"),
    "ok empty": changed(ok=""),
    "ok object": changed(ok={"a": "b"}),
    "ok is by": changed(ok="clerk-3"),
    "kind empty": changed(kind=""),
    "kind capital": changed(kind="Award"),
    "kind digit": changed(kind="award1"),
    "kind long": changed(kind="a" * 33),
    "kind number": changed(kind=1),
    "kind list": changed(kind=["award"]),
    "nonce short": changed(nonce="A" * 21),
    "nonce long": changed(nonce="A" * 23),
    "nonce with bits left over": changed(nonce="A" * 21 + "B"),
    "nonce with padding": changed(nonce="A" * 20 + "=="),
    "nonce number": changed(nonce=1),
    "key empty": changed(key=""),
    "key long": changed(key="k" * 65),
    "key with a space": changed(key="a b"),
    "key Chinese": changed(key="键"),
    "key number": changed(key=1),
    "key list": changed(key=[]),
    # references
    "ref itself": changed(ref=7),
    "ref later": changed(ref=8),
    "ref negative": changed(ref=-1),
    "ref true": changed(ref=True),
    "ref text": changed(ref="3"),
    # transfers
    "move empty": changed(move=[]),
    "move object": changed(move={}),
    "move text": changed(move="X:A:O"),
    "move number": changed(move=1),
    "move of texts": changed(move=["X:A:O", "L:M:0", "PTS", 5]),
    "move of objects": changed(move=[{"debit": "X:A:O"}]),
    "transfer empty": move(),
    "transfer of three": move("X:A:O", "L:M:0", "PTS"),
    "transfer of five": move("X:A:O", "L:M:0", "PTS", 5, 5),
    "transfer with a bad class": move("Q:A:O", "L:M:0", "PTS", 5),
    "transfer with a bad account": move("X:A:O", "L:m:0", "PTS", 5),
    "transfer with a list": move(["X:A:O"], "L:M:0", "PTS", 5),
    "transfer with an object": move("X:A:O", {"a": 1}, "PTS", 5),
    "transfer with a number": move("X:A:O", 5, "PTS", 5),
    "transfer with a bad unit": move("X:A:O", "L:M:0", "pts", 5),
    "transfer with a listed unit": move("X:A:O", "L:M:0", ["PTS"], 5),
    "transfer of nothing": move("X:A:O", "L:M:0", "PTS", 0),
    "transfer of less": move("X:A:O", "L:M:0", "PTS", -5),
    "transfer of too much": move("X:A:O", "L:M:0", "PTS", 10**12 + 1),
    "transfer of a text": move("X:A:O", "L:M:0", "PTS", "5"),
    "transfer of true": move("X:A:O", "L:M:0", "PTS", True),
    "transfer of a list": move("X:A:O", "L:M:0", "PTS", [5]),
    "transfer to itself": move("L:M:0", "L:M:0", "PTS", 5),
    "second transfer bad": changed(move=[["X:A:O", "L:M:0", "PTS", 5], ["X:A:O", "L:M:0", "PTS", 0]]),
}


def test_the_leaf_that_the_malformed_ones_are_made_from_is_good() -> None:
    entry = entry_of(7, changed())
    assert (entry.seq, entry.kind, entry.by, entry.ok, entry.key, entry.ref) == (
        7,
        "award",
        "clerk-3",
        "boss",
        "till-1/000123",
        3,
    )
    assert (entry.at, entry.day) == (datetime(2026, 11, 23, 8, 15, tzinfo=UTC), date(2026, 11, 20))
    assert entry.moves == (Transfer("X:A:O", "L:M:0", "PTS", 5),)
    assert members_of(7, changed()) == GOOD


@pytest.mark.parametrize("read", [members_of, entry_of])
@pytest.mark.parametrize("leaf", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_leaf_is_refused(leaf: bytes, read: Any) -> None:
    with pytest.raises((NotCanonical, BadEntry)) as caught:
        read(7, leaf)
    assert str(caught.value)


SLUG = "[a-z0-9][a-z0-9-]{0,31}"


@pytest.mark.parametrize(
    ("leaf", "reason"),
    [
        (changed(at=..., v=...), "without at, v"),
        (changed(memo=1, extra=2), "with extra, memo"),
        (changed(v=2), "version 2"),
        (changed(body=[]), "body is no object"),
        (changed(move=[]), "move is no list of transfers"),
        (changed(move=[["X:A:O", "L:M:0", "PTS", 5], {}]), "move is no list of transfers"),
        (changed(kind="Award"), "kind is not [a-z][a-z-]{0,31}"),
        (changed(nonce="A"), "nonce is not [A-Za-z0-9_-]{21}[AQgw]"),
        (changed(ok="clerk-3"), "approved by who did it"),
        (changed(ref=7), "ref 7 names no earlier entry"),
        (changed(at="2026"), str(BadMoment("2026"))),
        (changed(day="2026"), str(BadDay("day", "2026"))),
        (changed(by="Clerk"), str(BadCode("by", "Clerk", SLUG))),
        (changed(ok="Boss"), str(BadCode("ok", "Boss", SLUG))),
        (changed(key=""), str(BadCode("key", "", "[A-Za-z0-9._:/-]{1,64}"))),
        (move("X:A:O", "X:A:O", "PTS", 5), str(BadMove("X:A:O", "X:A:O"))),
    ],
)
def test_what_is_wrong_with_an_entry_is_said(leaf: bytes, reason: str) -> None:
    with pytest.raises(BadEntry) as caught:
        members_of(7, leaf)
    assert caught.value.reason == reason


def test_a_store_that_keeps_what_is_no_entry_is_damaged_at_that_place() -> None:
    assert kept_entry(7, changed()) == entry_of(7, changed())
    with pytest.raises(FileDamaged) as caught:
        kept_entry(7, changed(v=2))
    assert caught.value.facts() == {"path": "entry 7", "detail": str(BadEntry("version 2"))}


LEAST = {name: GOOD[name] for name in ("at", "body", "by", "day", "kind", "nonce", "v")}


def test_an_entry_needs_no_more_than_seven_members() -> None:
    entry = entry_of(0, bytes_of(LEAST | {"body": {}}))
    assert (entry.ok, entry.key, entry.ref, entry.moves, dict(entry.body)) == (None, None, None, (), {})


@pytest.mark.parametrize(("seq", "ref"), [(1, 0), (8, 7)])
def test_a_reference_may_name_the_entry_before(seq: int, ref: int) -> None:
    assert entry_of(seq, changed(ref=ref)).ref == ref


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(list(map(str, GOOD.values()))),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.binary(max_size=200))
@example(b"\x00")
@example(b"{" * 5000)
@example(b"[" * 100_000)
def test_random_bytes_are_never_an_entry(leaf: bytes) -> None:
    with pytest.raises((NotCanonical, BadEntry)):
        entry_of(3, leaf)


@given(st.sampled_from(sorted(GOOD)), anything, st.integers(0, 9))
def test_any_value_under_any_name_is_an_entry_or_one_of_two_errors(name: str, value: object, seq: int) -> None:
    leaf = bytes_of(GOOD | {name: value})
    try:
        entry = entry_of(seq, leaf)
    except (NotCanonical, BadEntry):
        return
    assert entry.seq == seq


@given(st.integers(0, 300), st.integers(0, 255), st.booleans())
def test_a_leaf_with_one_byte_changed_is_another_entry_or_none(place: int, byte: int, drop: bool) -> None:
    leaf = changed()
    place %= len(leaf)
    other = leaf[:place] + (b"" if drop else bytes([byte])) + leaf[place + 1 :]
    try:
        entry = entry_of(7, other)
    except (NotCanonical, BadEntry):
        return
    assert (entry == entry_of(7, leaf)) == (other == leaf)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    by = draw(strategies.slugs())
    return Draft(
        kind=draw(st.sampled_from(("award", "price", "signing-key", "a"))),
        day=draw(st.dates()),
        by=by,
        ok=draw(st.none() | strategies.slugs().filter(lambda ok: ok != by)),
        ref=draw(st.none() | st.integers(0, 2**53 - 1)),
        body=draw(strategies.bodies()),
        moves=tuple(draw(st.lists(strategies.transfers(), max_size=4))),
    )


@given(drafts(), st.datetimes(timezones=st.just(UTC)), st.none() | strategies.keys())
def test_a_draft_comes_back_from_its_leaf_as_it_was(draft: Draft, moment: datetime, key: str | None) -> None:
    at = moment_text(moment)
    leaf = leaf_of(draft, at=at, nonce=NONCE, key=key)
    entry = entry_of(2**53, leaf)
    assert at_of(leaf) == at
    assert entry.at == moment.replace(microsecond=0)
    assert (entry.kind, entry.day, entry.by, entry.ok, entry.ref) == (
        draft.kind,
        draft.day,
        draft.by,
        draft.ok,
        draft.ref,
    )
    assert (entry.key, entry.nonce, entry.moves) == (key, NONCE, draft.moves)
    assert bytes_of(melted(entry.body)) == bytes_of(melted(draft.body))
    again = Draft(
        kind=entry.kind,
        day=entry.day,
        by=entry.by,
        ok=entry.ok,
        ref=entry.ref,
        body=melted(entry.body),
        moves=entry.moves,
    )
    assert leaf_of(again, at=at, nonce=NONCE, key=key) == leaf


def melted(value: Any) -> Any:
    if hasattr(value, "items"):
        return {name: melted(item) for name, item in value.items()}
    return [melted(item) for item in value] if isinstance(value, (list, tuple)) else value


@given(drafts(), st.none() | strategies.keys())
def test_a_leaf_is_what_the_canonical_form_says(draft: Draft, key: str | None) -> None:
    """The members around the body are written directly; here all of them are written as one object."""
    members = {"at": AT, "body": draft.body, "by": draft.by, "day": draft.day.isoformat(), "kind": draft.kind}
    members |= {"nonce": NONCE, "v": 1}
    optional = {"key": key, "ok": draft.ok, "ref": draft.ref}
    members |= {name: value for name, value in optional.items() if value is not None}
    if draft.moves:
        members["move"] = [[move.debit, move.credit, move.unit, move.amount] for move in draft.moves]
    assert leaf_of(draft, at=AT, nonce=NONCE, key=key) == canonical.encode(members)


@pytest.mark.parametrize("depth", [1, 6, 7, 8])
def test_a_body_is_as_deep_as_the_canonical_form_lets_an_entry_be(depth: int) -> None:
    value: Any = 1
    for _ in range(depth - 1):
        value = [value]
    fact = Draft(kind="award", day=date(2026, 1, 1), by="clerk", body={"a": value})
    if depth < canonical.MAX_DEPTH:
        assert melted(entry_of(0, leaf_of(fact, at=AT, nonce=NONCE)).body) == {"a": value}
    else:
        with pytest.raises(NotCanonical):
            leaf_of(fact, at=AT, nonce=NONCE)


def test_a_body_is_frozen_all_the_way_down() -> None:
    body: Any = entry_of(7, changed(body={"a": [{"b": [1]}]})).body
    assert body["a"][0]["b"] == (1,)
    for frozen in (body, body["a"][0]):
        with pytest.raises(TypeError):
            frozen["x"] = 1


def test_equal_entries_have_one_hash_and_their_place_tells_them_apart() -> None:
    assert {entry_of(7, changed()), entry_of(7, changed())} == {entry_of(7, changed())}
    assert len({entry_of(7, changed()), entry_of(8, changed())}) == 2
    assert hash(entry_of(7, changed())) != hash(entry_of(8, changed()))
    assert isinstance(entry_of(7, changed()), Entry)


PLAIN = Draft(kind="award", day=date(2026, 1, 1), by="clerk")


@pytest.mark.parametrize(
    ("draft", "key", "error"),
    [
        (Draft(kind="award", day=PLAIN.day, by="clerk", ok="clerk"), None, SelfApproval),
        (Draft(kind="award", day=PLAIN.day, by="Clerk"), None, BadCode),
        (Draft(kind="award", day=PLAIN.day, by="clerk", ok="Boss"), None, BadCode),
        (Draft(kind="Award", day=PLAIN.day, by="clerk"), None, BadCode),
        (Draft(kind="", day=PLAIN.day, by="clerk"), None, BadCode),
        (Draft(kind="award", day=PLAIN.day, by="clerk", body={"a": 1.5}), None, NotCanonical),
        (Draft(kind="award", day=PLAIN.day, by="clerk", body={"A": 1}), None, NotCanonical),
        (Draft(kind="award", day=PLAIN.day, by="clerk", body={"a": ["x" * 200] * 400}), None, NotCanonical),
        (Draft(kind="award", day=PLAIN.day, by="clerk", ref=True), None, NotCanonical),
        (Draft(kind="award", day=PLAIN.day, by="clerk", ref="3"), None, NotCanonical),  # type: ignore[arg-type]
        (
            Draft(kind="award", day=PLAIN.day, by="clerk", moves=(Transfer("X:A", "L:B", "P", 1),) * 3300),
            None,
            NotCanonical,
        ),
        (PLAIN, "", BadCode),
        (PLAIN, "a key", BadCode),
        (PLAIN, "k" * 65, BadCode),
    ],
)
def test_what_no_entry_can_hold_is_never_written(draft: Draft, key: str | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        leaf_of(draft, at=AT, nonce=NONCE, key=key)


def test_an_entry_may_fill_the_longest_leaf_and_no_more() -> None:
    def of(last: int) -> Draft:
        return Draft(kind="award", day=PLAIN.day, by="clerk", body={"a": ["x" * 200] * 322, "b": "x" * last})

    room = canonical.MAX_LEAF_BYTES - len(leaf_of(of(0), at=AT, nonce=NONCE))
    assert len(leaf_of(of(room), at=AT, nonce=NONCE)) == canonical.MAX_LEAF_BYTES
    with pytest.raises(NotCanonical) as caught:
        leaf_of(of(room + 1), at=AT, nonce=NONCE)
    assert caught.value.reason == "65536 bytes; at most 65535 are allowed"


def test_what_is_wrong_with_a_draft_is_said() -> None:
    with pytest.raises(SelfApproval) as self_approval:
        leaf_of(Draft(kind="award", day=PLAIN.day, by="clerk", ok="clerk"), at=AT, nonce=NONCE)
    assert self_approval.value.facts() == {"operator": "clerk"}
    with pytest.raises(NotCanonical) as ref:
        leaf_of(Draft(kind="award", day=PLAIN.day, by="clerk", ref=True), at=AT, nonce=NONCE)
    assert ref.value.reason == "ref is no whole number"


@pytest.mark.parametrize(
    ("draft", "field", "value", "pattern"),
    [
        (Draft(kind="A" * 99, day=PLAIN.day, by="clerk"), "kind", "A" * 80, "[a-z][a-z-]{0,31}"),
        (Draft(kind="award", day=PLAIN.day, by="b" * 99), "by", "b" * 80, SLUG),
        (Draft(kind="award", day=PLAIN.day, by="clerk", ok="b" * 99), "ok", "b" * 80, SLUG),
    ],
)
def test_a_name_that_is_refused_is_shown_as_far_as_80_characters(
    draft: Draft, field: str, value: str, pattern: str
) -> None:
    with pytest.raises(BadCode) as caught:
        leaf_of(draft, at=AT, nonce=NONCE)
    assert caught.value.facts() == {"field": field, "value": value, "pattern": pattern}


def test_a_key_that_is_refused_is_shown_as_far_as_80_characters() -> None:
    with pytest.raises(BadCode) as caught:
        check_key("k" * 99)
    assert caught.value.facts() == {"field": "key", "value": "k" * 80, "pattern": "[A-Za-z0-9._:/-]{1,64}"}


@pytest.mark.parametrize("text", ["x" * 99, "20260101" + " " * 99])
def test_a_time_that_is_refused_is_shown_as_far_as_40_characters(text: str) -> None:
    for read in (parse_day, check_day):
        with pytest.raises(BadDay) as day:
            read("first", text)
        assert day.value.facts() == {"field": "first", "value": text[:40]}
    with pytest.raises(BadMoment) as moment:
        parse_moment(text)
    assert moment.value.facts() == {"value": text[:40]}


@pytest.mark.parametrize("value", ["a", "0", "a-", "yungu-shop", "a" * 32])
def test_a_slug_is_taken(value: str) -> None:
    assert check_slug("by", value) == value


@pytest.mark.parametrize("value", ["", "-a", "A", "a_b", "a" * 33, "a\n", "é", None, 1, b"a", ["a"]], ids=repr)
def test_another_name_is_no_slug(value: object) -> None:
    with pytest.raises(BadCode):
        check_slug("by", value)


@pytest.mark.parametrize("value", ["k", "till-1/000123", "A.b_C:d/e-f", "k" * 64])
def test_a_key_is_taken(value: str) -> None:
    assert check_key(value) == value


@pytest.mark.parametrize("value", ["", "k" * 65, "a b", "a\n", "键", None, 1, b"k"], ids=repr)
def test_another_text_is_no_key(value: object) -> None:
    with pytest.raises(BadCode):
        check_key(value)


def test_a_day_is_a_date_and_no_moment() -> None:
    assert check_day("day", date.min) == date.min
    for value in (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01", None, 20260101):
        with pytest.raises(BadDay):
            check_day("day", value)


@given(st.dates())
def test_a_day_is_read_as_it_is_written(day: date) -> None:
    assert parse_day("day", day.isoformat()) == day


@pytest.mark.parametrize(
    "text", ["", "20260101", "2026-1-1", "2026-W01-1", "2026-01-01 ", "26-01-01", "2026-13-01", None, 5]
)
def test_a_day_written_another_way_is_refused(text: Any) -> None:
    with pytest.raises(BadDay):
        parse_day("day", text)


@pytest.mark.parametrize("text", ["20260101", "2026-W01-1"])
def test_a_day_that_iso_8601_would_have_is_named_and_shown(text: str) -> None:
    with pytest.raises(BadDay) as caught:
        parse_day("first", text)
    assert caught.value.facts() == {"field": "first", "value": text}


def test_a_moment_of_many_digits_is_shown_as_far_as_40_characters() -> None:
    text = "2026-11-23T08:15:00." + "1" * 40 + "Z"
    with pytest.raises(BadMoment) as caught:
        parse_moment(text)
    assert caught.value.facts() == {"value": text[:40]}


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_that_no_utc_calendar_has_is_refused_as_another_spelling(text: str) -> None:
    with pytest.raises(BadMoment):
        parse_moment(text)


@given(st.datetimes(timezones=st.timezones()))
def test_a_moment_is_written_in_utc_and_read_back(moment: datetime) -> None:
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        return
    text = moment_text(moment)
    assert len(text) == 20
    assert parse_moment(text) == utc.replace(microsecond=0)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="here no process can change its time zone")
def test_a_moment_is_written_in_utc_on_a_machine_of_another_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        with monkeypatch.context() as changed:
            changed.setenv("TZ", "XYZ-8")
            time.tzset()
            assert moment_text(datetime(2026, 1, 1, 7, tzinfo=UTC)) == "2026-01-01T07:00:00Z"
    finally:
        time.tzset()


def test_moments_order_as_their_texts_do() -> None:
    moments = [datetime(year, 1, 1, tzinfo=UTC) for year in (1, 999, 1000, 2026, 9999)]
    assert sorted(map(moment_text, moments)) == list(map(moment_text, moments))
    east = datetime(2026, 1, 1, 7, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=8)))
    assert moment_text(east) == "2025-12-31T23:59:59Z"


@pytest.mark.parametrize("text", ["", "2026-01-01", "2026-01-01T00:00:00z", "2026-01-01T24:00:00Z", None, 5])
def test_a_moment_written_another_way_is_refused(text: Any) -> None:
    with pytest.raises(BadMoment):
        parse_moment(text)
