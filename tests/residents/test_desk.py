"""Persons and the ledger together: who may write, what is answered, and what an erasure leaves."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.residents.yard import BY, LI, TWO, ZHANG, bytes_beside, ledger
from timebank.bank import Bank, open_bank
from timebank.checking import verify_file
from timebank.errors import (
    ApprovalMissing,
    BadCode,
    BadIdNumber,
    BadText,
    BatchOpen,
    FileDamaged,
    FileMissing,
    PepperMissing,
    RoleNotAllowed,
    SamePerson,
    SelfApproval,
    TimebankError,
    UnknownMember,
    UnknownMemo,
    UnknownOperator,
    UnknownPerson,
)
from timebank.people.file import people_path
from timebank.people.identity import memo_hash
from timebank.people.pepper import pepper_path
from timebank.residents.desk import People
from timebank.tlog.checkpoint import parse_verifier
from timebank.tlog.receipt import verify_receipt

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.timebank"


@pytest.fixture
def made(path: Path) -> Iterator[tuple[Bank, People, list[str]]]:
    bank, members = ledger(path)
    with bank, People.create(bank) as people:
        yield bank, people, members


def test_what_is_said_of_a_person_is_kept_field_by_field(made: tuple[Bank, People, list[str]]) -> None:
    _, people, (zhang, *_) = made
    people.set(zhang, name="张小三", phone="138-0000-1234", id_number=ZHANG, **BY)
    people.set(zhang, phone="", **BY)
    kept = people.get(zhang)
    assert (kept.name, kept.phone, kept.id_end, kept.by, kept.day) == ("张小三", None, "002X", "reg", "2026-03-01")
    people.set(zhang, name="张三", id_number="", **BY)
    kept = people.get(zhang)
    assert (kept.name, kept.id_mark, kept.id_end) == ("张三", None, None)


def test_the_number_itself_is_nowhere(made: tuple[Bank, People, list[str]], path: Path) -> None:
    _, people, (zhang, *_) = made
    people.set(zhang, name="张小三", id_number=ZHANG, **BY)
    assert ZHANG.encode() not in bytes_beside(path)
    assert ZHANG[:14].encode() not in bytes_beside(path)


def test_nothing_of_a_person_enters_the_ledger(made: tuple[Bank, People, list[str]], path: Path) -> None:
    bank, people, (zhang, *_) = made
    size = bank.report().entries
    people.set(zhang, name="张小三", phone="13800001234", id_number=ZHANG, **BY)
    people.consent(zhang, "bulletin", **BY)
    people.add_memo(zhang, "腰痛，请先电话", **BY)
    assert bank.report().entries == size
    people.erase(zhang, **TWO)
    bank.close()
    for text in ("张小三", "13800001234", ZHANG, "腰痛"):
        assert text.encode() not in path.read_bytes()


def test_one_person_has_one_account(made: tuple[Bank, People, list[str]]) -> None:
    _, people, (zhang, li, _) = made
    people.set(zhang, name="张小三", id_number=ZHANG, **BY)
    with pytest.raises(SamePerson) as caught:
        people.set(li, name="张三", id_number=ZHANG.lower(), **BY)
    assert caught.value.other == zhang
    with pytest.raises(UnknownPerson):
        people.get(li)
    people.set(li, name="李四", id_number=LI, **BY)
    assert [each.person.member for each in people.with_document(LI)] == [li]
    people.erase(zhang, **TWO)
    people.set(li, id_number=ZHANG, **BY)  # nobody has it any more


def test_without_the_pepper_names_are_kept_and_documents_are_not(
    made: tuple[Bank, People, list[str]], path: Path
) -> None:
    _, people, (zhang, *_) = made
    pepper_path(path).unlink()
    with pytest.raises(PepperMissing):
        people.set(zhang, name="张小三", id_number=ZHANG, **BY)
    people.set(zhang, name="张小三", **BY)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"name": ""}, BadText),
        ({"name": "张\u202e三"}, BadText),
        ({"name": "张" * 81}, BadText),
        ({}, BadText),
        ({"name": "张三", "phone": "12"}, BadCode),
        ({"name": "张三", "id_number": "11010519491231002Y"[:-1] + "1"}, BadIdNumber),
        ({"name": "张三", "by": "clerk"}, RoleNotAllowed),
        ({"name": "张三", "by": "aud"}, RoleNotAllowed),
        ({"name": "张三", "by": "nobody"}, UnknownOperator),
        ({"name": "张三", "by": "No Body"}, BadCode),
    ],
)
def test_a_wrong_word_keeps_nothing(
    made: tuple[Bank, People, list[str]], said: dict[str, Any], error: type[TimebankError]
) -> None:
    _, people, (zhang, *_) = made
    with pytest.raises(error):
        people.set(zhang, **{**BY, **said})
    with pytest.raises(UnknownPerson):
        people.get(zhang)


def test_consent_is_what_was_said_last(made: tuple[Bank, People, list[str]]) -> None:
    _, people, (zhang, li, wang) = made
    for member, name in ((zhang, "张小三"), (li, "李四")):
        people.set(member, name=name, **BY)
    people.consent(zhang, "bulletin", **BY)
    people.consent(zhang, "stars", **BY)
    people.consent(li, "bulletin", **BY)
    people.consent(zhang, "bulletin", is_given=False, **BY)
    assert people.names("bulletin") == {li: "李四"}
    assert people.names("stars") == {zhang: "张小三"}
    assert people.purposes(zhang) == ("stars",)
    people.consent(zhang, "bulletin", **BY)
    assert people.purposes(zhang) == ("bulletin", "stars")
    with pytest.raises(UnknownPerson):
        people.consent(wang, "bulletin", **BY)
    with pytest.raises(BadCode):
        people.consent(zhang, "advertising", **BY)
    with pytest.raises(RoleNotAllowed):
        people.consent(zhang, "stars", by="clerk")


def test_a_memo_can_be_proved_by_whoever_has_its_text(made: tuple[Bank, People, list[str]]) -> None:
    bank, people, (zhang, *_) = made
    people.set(zhang, name="张小三", **BY)
    memo = people.add_memo(zhang, "腰痛，请先电话", **BY)
    assert people.memo(memo.hash) == memo
    assert memo_hash(memo.salt, memo.text) == memo.hash
    again = people.add_memo(zhang, "腰痛，请先电话", **BY)
    assert again.hash != memo.hash  # nobody can guess a text from its hash
    posted = bank.claims.submit(
        "elder-visit", [zhang], org="yungu", minutes=30, day=bank.today(), evidence=memo.hash, by="clerk"
    )
    assert posted.entry.body["evidence"] == memo.hash
    with closing(sqlite3.connect(people_path(bank.journal.store.path), isolation_level=None)) as file:
        file.execute("UPDATE memo SET text = 'fit as a fiddle' WHERE hash = ?", (again.hash,))
    with pytest.raises(FileDamaged):
        people.memo(again.hash)
    people.erase(zhang, **TWO)
    with pytest.raises(UnknownMemo):
        people.memo(memo.hash)
    for text in ("", "  ", "x" * 2_001, "a\0b", "\ud800"):
        with pytest.raises((BadText, UnknownPerson)):
            people.add_memo(zhang, text, **BY)


def test_everything_about_one_member_is_in_one_answer(made: tuple[Bank, People, list[str]]) -> None:
    bank, people, (zhang, li, _) = made
    people.set(zhang, name="张小三", phone="13800001234", **BY)
    people.set(li, name="李四", **BY)
    people.consent(zhang, "stars", **BY)
    people.add_memo(zhang, "腰痛", **BY)
    bank.cards.block("0001", by="clerk")
    found = people.everything(zhang)
    text = json.dumps(found, ensure_ascii=False)
    assert "李四" not in text
    assert li not in text
    assert found["person"]["name"] == "张小三"
    assert [each["purpose"] for each in found["consents"]] == ["stars"]
    assert [each["text"] for each in found["memos"]] == ["腰痛"]
    assert [each["kind"] for each in found["entries"]] == ["member", "award", "card"]
    assert found["member"]["points"] == bank.members.balance(zhang).points > 0
    assert people.everything(li)["memos"] == []


def test_after_an_erasure_every_receipt_still_holds_and_the_books_are_in_order(
    made: tuple[Bank, People, list[str]], path: Path
) -> None:
    bank, people, (zhang, *_) = made
    people.set(zhang, name="张小三", phone="13800001234", **BY)
    seqs = [each["seq"] for each in people.everything(zhang)["entries"]]
    receipts = [bank.receipt(seq) for seq in seqs]
    points = bank.members.balance(zhang)
    posted = people.erase(zhang, **TWO)
    assert posted.entry.kind == "erasure"
    assert dict(posted.entry.body) == {"member": zhang, "reason": "asked-for"}
    vkey = bank.journal.entry(0).body["vkey"]
    for receipt in receipts:
        assert verify_receipt(receipt, parse_verifier(vkey), bank.origin)
    note = bank.checkpoint()
    assert bank.members.balance(zhang) == points
    assert verify_file(path, checkpoints=[note], receipts=receipts).findings == ()
    assert "张小三".encode() not in bytes_beside(path)
    assert people.everything(zhang)["person"] is None


def test_an_old_copy_that_is_put_back_is_erased_again(made: tuple[Bank, People, list[str]], path: Path) -> None:
    bank, people, (zhang, li, _) = made
    people.set(zhang, name="张小三", **BY)
    people.set(li, name="李四", **BY)
    people.close()
    copy = path.parent / "copy"
    shutil.copy(people_path(path), copy)
    with People.open(bank) as again:
        again.erase(zhang, **TWO)
    shutil.copy(copy, people_path(path))
    copy.unlink()
    with open_bank(path, readonly=True) as reader, People.open(reader) as restored:
        assert not restored.keeps(zhang)
        assert restored.get(li).name == "李四"
    assert "张小三".encode() not in bytes_beside(path)


def test_whoever_comes_again_is_written_again_and_stays(made: tuple[Bank, People, list[str]]) -> None:
    bank, people, (zhang, *_) = made
    people.set(zhang, name="张小三", **BY)
    first = people.erase(zhang, **TWO, key="desk/1")
    people.set(zhang, name="张三", **BY)
    again = people.erase(zhang, **TWO, key="desk/1")  # the same command, sent twice
    assert again.repeated
    assert again.seq == first.seq
    assert people.get(zhang).name == "张三"
    people.close()
    with People.open(bank) as reopened:
        assert reopened.get(zhang).name == "张三"
        reopened.erase(zhang, **TWO)
        assert not reopened.keeps(zhang)


def test_an_erasure_that_broke_off_after_its_entry_is_finished_at_the_next_opening(
    made: tuple[Bank, People, list[str]], path: Path
) -> None:
    bank, people, (zhang, *_) = made
    people.set(zhang, name="张小三", **BY)
    bank.erasures.record(zhang, **TWO)
    people.close()
    with People.open(bank) as reopened:
        assert not reopened.keeps(zhang)
    assert "张小三".encode() not in bytes_beside(path)


@pytest.mark.parametrize(
    ("named", "error"),
    [
        ({"by": "clerk"}, RoleNotAllowed),
        ({"approved_by": "clerk"}, RoleNotAllowed),
        ({"approved_by": None}, ApprovalMissing),
        ({"by": "sup", "approved_by": "sup"}, SelfApproval),
        ({"reason": "He Asked"}, BadCode),
    ],
)
def test_a_refused_erasure_erases_nothing(
    made: tuple[Bank, People, list[str]], named: dict[str, Any], error: type[TimebankError]
) -> None:
    bank, people, (zhang, *_) = made
    people.set(zhang, name="张小三", **BY)
    size = bank.report().entries
    with pytest.raises(error):
        people.erase(zhang, **{**TWO, **named})
    assert people.get(zhang).name == "张小三"
    assert bank.report().entries == size


def test_an_erasure_belongs_into_no_batch_that_may_be_taken_back(made: tuple[Bank, People, list[str]]) -> None:
    bank, people, (zhang, *_) = made
    people.set(zhang, name="张小三", **BY)
    with pytest.raises(BatchOpen), bank.batch():
        people.erase(zhang, **TWO)
    assert people.get(zhang).name == "张小三"


def test_what_is_written_between_the_entry_and_the_deletion_is_erased_too(
    made: tuple[Bank, People, list[str]], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank, people, (zhang, *_) = made
    people.set(zhang, name="张小三", **BY)
    path_of_people = people_path(path)
    record = type(bank.erasures).record

    def and_then_somebody_else(desk: Any, *args: Any, **named: Any) -> Any:
        posted = record(desk, *args, **named)
        busy = pytest.raises(sqlite3.OperationalError)
        with closing(sqlite3.connect(path_of_people, isolation_level=None, timeout=0)) as other, busy:
            other.execute("UPDATE person SET name = '张三'")
        return posted

    monkeypatch.setattr(type(bank.erasures), "record", and_then_somebody_else)
    people.erase(zhang, **TWO)
    assert not people.keeps(zhang)


def test_a_bank_in_memory_has_no_people_file() -> None:
    with Bank.in_memory() as bank, pytest.raises(FileMissing):
        People.open(bank)


def test_a_member_who_is_unknown_is_nobody(made: tuple[Bank, People, list[str]]) -> None:
    _, people, _ = made
    for ask in (
        people.get,
        people.everything,
        lambda who: people.set(who, name="张", **BY),
        lambda who: people.erase(who, **TWO),
    ):
        with pytest.raises(UnknownMember):
            ask("ZZZZZZZZZZ")


def test_whoever_may_read_it_beside_its_owner_is_said(made: tuple[Bank, People, list[str]], path: Path) -> None:
    _, people, _ = made
    assert people.open_to_others == ()
    people_path(path).chmod(0o644)
    assert people.open_to_others == (str(people_path(path)),)
