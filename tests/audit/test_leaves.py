"""The fast way of reading leaves gives the rule's verdict, whatever a leaf says."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timebank.audit.leaves import Leaves
from timebank.errors import InvalidInput, NotCanonical
from timebank.ledger.entries import members_of
from timebank.tlog.canonical import MAX_LEAF_BYTES

ENTRY = {
    "at": "2026-02-08T01:00:00Z",
    "body": {"service": "patrol", "minutes": 60},
    "by": "clerk-1",
    "day": "2026-02-08",
    "key": "till-1/1",
    "kind": "award",
    "move": [["X:AWARDED:YUNGU", "L:M:A", "PTS", 3], ["X:SERVICE:YUNGU", "L:M:A", "MIN", 60]],
    "nonce": "AAAAAAAAAAAAAAAAAAAAAA",
    "ok": "sup-1",
    "ref": 3,
    "v": 1,
}
SEQ = 10
ACCOUNTS = {("X:AWARDED:YUNGU", "PTS"), ("X:SERVICE:YUNGU", "MIN"), ("L:M:A", "PTS"), ("L:M:A", "MIN")}


def written(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def verdict(read: Any, leaf: bytes) -> object:
    try:
        return read(SEQ, leaf)
    except InvalidInput as error:
        return type(error)


@pytest.fixture
def leaves() -> Leaves:
    """A reader that has seen the usual entry."""
    return _experienced()


def _experienced() -> Leaves:
    reader = Leaves(ACCOUNTS.__contains__)
    reader.read(SEQ, written(ENTRY))
    return reader


def test_the_usual_entry_is_read_without_asking_the_rule(leaves: Leaves, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("timebank.audit.leaves.members_of", lambda *_: pytest.fail("asked"))
    assert leaves.read(SEQ, written(ENTRY)) == ENTRY
    assert leaves.read(SEQ, written({**ENTRY, "at": "2026-02-09T02:00:00Z", "nonce": "B" * 21 + "Q"})) == {
        **ENTRY,
        "at": "2026-02-09T02:00:00Z",
        "nonce": "B" * 21 + "Q",
    }


def test_an_account_that_was_not_moved_before_is_no_reason_to_ask_the_rule(
    leaves: Leaves, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("timebank.audit.leaves.members_of", lambda *_: "asked")
    monkeypatch.setattr(leaves, "_learn", lambda _: None)
    new, wrong = ({**ENTRY, "move": [["X:AWARDED:YUNGU", account, "PTS", 3]]} for account in ("L:M:B", "L:M:b"))
    assert leaves.read(SEQ, written(new)) == new
    assert leaves.read(SEQ, written(wrong)) == "asked"


values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 10**13) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
near_values = st.sampled_from(
    [
        *("2026-02-08T24:00:00Z", "2026-02-30T00:00:00Z", "2026-02-08T01:00:60Z", "20260208T010000.00Z", ""),
        *("2026-02-08", "2026-2-8", "2026-W06-7", "clerk-1", "sup-1", "Clerk", "gift", "award", "a" * 65, "ü"),
        *("L:M:B", "L:M:b", "L:M:", "Q:M:B", "L:M:A-" + "A" * 195, "RICE", "RICE-", "rice"),
        *("A" * 22, "A" * 21, "A" * 21 + "B", "L:M:A", "PTS", "till-1/1\n", True, False, 0, 1, 2, 1.0, -1),
        *(SEQ - 1, SEQ, 10**12, 10**12 + 1, [], {}, [[]], [{}], ["abcd"], None),
    ]
)


@settings(max_examples=max(400, settings.default.max_examples))
@given(data=st.data())
def test_a_changed_entry_gets_the_rules_verdict(data: st.DataObject) -> None:
    entry: Any = copy.deepcopy(ENTRY)
    for _ in range(data.draw(st.integers(1, 2))):
        name = data.draw(st.sampled_from([*ENTRY, "move", "move", "extra"]))
        value = data.draw(values | near_values)
        if name == "move" and isinstance(entry.get("move"), list) and len(entry["move"]) > 1:
            move = data.draw(st.sampled_from(range(2)))
            if isinstance(entry["move"][move], list) and entry["move"][move] and data.draw(st.booleans()):
                entry["move"][move][data.draw(st.integers(0, 3)) % len(entry["move"][move])] = value
            else:
                entry["move"][move] = value
        elif data.draw(st.booleans()):
            entry[name] = value
        else:
            entry.pop(name, None)
    leaf = written(entry)
    assert verdict(_experienced().read, leaf) == verdict(members_of, leaf)


@pytest.mark.parametrize(
    "change",
    [
        *({"v": True}, {"v": 2}, {"ref": True}, {"ref": SEQ}, {"ref": -1}, {"ok": "clerk-1"}, {"body": []}),
        *({"move": []}, {"move": {}}, {"move": ["abcd"]}, {"move": [["L:M:A", "L:M:A", "PTS", 3]]}),
        *({"move": [["X:AWARDED:YUNGU", "L:M:A", "PTS", amount]]} for amount in (0, -1, True, 10**12 + 1, "3")),
        *({"move": [["X:AWARDED:YUNGU", "L:M:A", "PTS"]]}, {"move": [["X:AWARDED:YUNGU", "L:M:A", "PTS", 3, 3]]}),
        *({"at": "2026-02-08T24:00:00Z"}, {"nonce": "A" * 21 + "B"}, {"key": "till-1/1\n"}, {"day": "2026-02-30"}),
    ],
)
def test_a_member_just_beside_its_rule_is_refused_as_the_rule_does(change: dict[str, Any]) -> None:
    leaf = written({**ENTRY, **change})
    assert verdict(_experienced().read, leaf) == verdict(members_of, leaf)
    assert isinstance(verdict(members_of, leaf), type)


@given(leaf=st.binary(max_size=40))
def test_bytes_get_the_rules_verdict(leaf: bytes) -> None:
    assert verdict(_experienced().read, leaf) == verdict(members_of, leaf)


def test_a_journal_of_endless_words_does_not_fill_the_memory(
    leaves: Leaves, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("timebank.audit.leaves._MOST_KNOWN", 5)
    for number in range(20):
        leaves.read(SEQ, written({**ENTRY, "by": f"clerk-{number}"}))
    assert len(leaves._words) == 5


def test_what_is_no_canonical_form_is_named_as_such(leaves: Leaves) -> None:
    with pytest.raises(NotCanonical):
        leaves.read(SEQ, written(ENTRY) + b" ")


def test_objects_in_a_body_are_read_without_asking_the_rule_once_their_names_are_known(
    leaves: Leaves, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = {**ENTRY, "body": {"items": [["A", {"minutes": 60}], ["B", {"minutes": 90}]]}}
    leaves.read(SEQ, written(group))
    monkeypatch.setattr("timebank.audit.leaves.members_of", lambda *_: pytest.fail("asked"))
    assert leaves.read(SEQ, written(group)) == group


bodies = st.recursive(
    values | st.sampled_from(["{", "a{b", "x\x7f", "ü", "u\u0308", "\u202e", "\\", "x" * 200, "x" * 201, 2**53]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcC"), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=max(300, settings.default.max_examples))
@given(
    body=st.dictionaries(st.sampled_from("abcC"), bodies, max_size=3), depth=st.integers(0, 8), twice=st.booleans()
)
def test_a_body_gets_the_rules_verdict_also_the_second_time(body: Any, depth: int, twice: bool) -> None:
    for _ in range(depth):
        body = {"a": [body]} if twice else {"a": body}
    leaf = written({**ENTRY, "body": body})
    reader = _experienced()
    assert verdict(reader.read, leaf) == verdict(members_of, leaf) == verdict(reader.read, leaf)


@pytest.mark.parametrize(
    "spelling", ["{0} ", " {0}", "{0}{0}", '{{"a":1,{1}', '{{"at":"2026-02-08T01:00:00Z",{1}']
)
def test_another_spelling_of_the_usual_entry_gets_the_rules_verdict(leaves: Leaves, spelling: str) -> None:
    text = written(ENTRY).decode()
    leaf = spelling.format(text, text[1:]).encode()
    assert verdict(leaves.read, leaf) == verdict(members_of, leaf)


@pytest.mark.parametrize("text", ["a\x7fb", "a\nb", "u\u0308", "\u202e"])
def test_a_text_that_no_entry_may_hold_is_refused_under_names_that_are_known(leaves: Leaves, text: str) -> None:
    leaf = written({**ENTRY, "body": {"service": text, "minutes": 60}})
    assert verdict(leaves.read, leaf) is verdict(members_of, leaf) is NotCanonical


@pytest.mark.parametrize("depth", [6, 7, 8, 1_000, 30_000])
def test_a_member_that_no_entry_has_is_refused_however_deep_it_is(leaves: Leaves, depth: int) -> None:
    leaf = written(ENTRY)[:-1] + b',"zz":' + b"[" * depth + b"]" * depth + b"}"
    assert issubclass(verdict(leaves.read, leaf), InvalidInput)  # type: ignore[arg-type]  # no members, or it fails
    assert verdict(leaves.read, leaf) is verdict(members_of, leaf)


@pytest.mark.parametrize("more", [0, 1])
def test_the_longest_leaf_that_the_rule_allows_is_the_longest_that_is_read(leaves: Leaves, more: int) -> None:
    entry: dict[str, Any] = {**ENTRY, "body": {"items": ["x" * 200] * 320}}
    leaves.read(SEQ, written(entry))
    missing = MAX_LEAF_BYTES + more - len(written(entry)) - len(',""') * 6
    entry["body"]["items"] += ["x" * (missing // 6)] * 5 + ["x" * (missing - 5 * (missing // 6))]
    leaf = written(entry)
    assert len(leaf) == MAX_LEAF_BYTES + more
    assert verdict(leaves.read, leaf) == verdict(members_of, leaf) == (NotCanonical if more else entry)
