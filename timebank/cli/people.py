"""Who is behind a member: the people file, for the clerk and the registrar."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from timebank.cli.commands import (
    APPROVED_BY,
    AS_JSON,
    BY,
    CARD_OPTION,
    FILE,
    KEY,
    MEMBER_OPTION,
    Group,
    argument,
    command,
    holder,
    one_of,
    option,
    reading,
    writing,
)
from timebank.cli.importing import list_errors, progress_bar
from timebank.cli.language import say, word
from timebank.cli.output import put, put_facts, put_json, put_posted, wants_json, write_new
from timebank.cli.reports import AS_REPORT, Sheet, show
from timebank.errors import RowsWrong
from timebank.importing.names import read_names
from timebank.people.file import people_path
from timebank.people.pepper import pepper_path
from timebank.people.records import PURPOSES
from timebank.programme.erasures import ASKED_FOR
from timebank.residents.desk import People

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from timebank.bank import Bank

_PRIVATE = 0o600

people = Group("people")


@contextmanager
def _people(file: str) -> Iterator[tuple[Bank, People]]:
    """The ledger, for reading, and its people file; a warning where others may read that."""
    with reading(file) as bank, People.open(bank) as persons:
        for path in persons.open_to_others:
            click.echo(say("cli", "people-open", path=path), err=True)
        yield bank, persons


@command("init", into=people)
@FILE
def people_init(file: str) -> None:
    """Make the people file."""
    with reading(file) as bank, People.create(bank):
        pass
    put(say("cli", "people-made", path=people_path(file), pepper=pepper_path(file)))


@command("set", into=people)
@FILE
@CARD_OPTION
@MEMBER_OPTION
@option("--name", metavar="NAME", help="person-name")
@option("--phone", metavar="NUMBER")
@option("--id-number", metavar="NUMBER")
@BY
def people_set(file: str, card: str | None, member: str | None, by: str, **said: str | None) -> None:
    """Write down who a member is."""
    one_of(card=card, member=member)
    with _people(file) as (bank, persons):
        kept = persons.set(holder(bank, card=card, member=member), **said, by=by)
    put(say("cli", "person-kept", name=kept.name, member=kept.member))


@command("show", into=people)
@FILE
@CARD_OPTION
@MEMBER_OPTION
@AS_JSON
def people_show(file: str, card: str | None, member: str | None) -> None:
    """Show what is kept of a member."""
    one_of(card=card, member=member)
    with _people(file) as (bank, persons):
        known = persons.get(holder(bank, card=card, member=member))
        given = persons.purposes(known.member)
    if wants_json():
        facts = {"member": known.member, "name": known.name, "phone": known.phone}
        put_json({**facts, "id_number_ends": known.id_end, "consents": list(given), "day": known.day})
        return
    put_facts(
        [
            (say("head", "member"), known.member),
            (say("head", "person"), known.name),
            (say("head", "phone"), known.phone or "-"),
            (say("head", "id-end"), known.id_end or "-"),
            (say("head", "consents"), _purposes(given)),
            (say("head", "written"), f"{known.day} {known.by}"),
        ]
    )


def _purposes(given: Sequence[str]) -> str:
    return say("cli", "comma").join(word("purpose", purpose) for purpose in given) or "-"


@command("search", into=people)
@FILE
@option("--text", metavar="TEXT", help="person-text")
@option("--id-number", metavar="NUMBER", help="id-number-search")
@AS_REPORT
def people_search(file: str, text: str | None, id_number: str | None) -> None:
    """Find members by name, phone or document."""
    one_of(text=text, id_number=id_number)
    with _people(file) as (_, persons):
        found = persons.with_document(id_number or "") if text is None else persons.search(text)
    rows = [
        (each.person.member, each.person.name, each.person.phone, ", ".join(each.cards), each.person.id_end)
        for each in found
    ]
    notes = [] if rows else [say("cli", "person-none")]
    show(
        Sheet("people", say("cli", "people-title"), ("member", "person", "phone", "cards", "id-end"), rows, notes)
    )


@command("consent", into=people)
@FILE
@argument("purpose", metavar="|".join(PURPOSES))
@CARD_OPTION
@MEMBER_OPTION
@option("--withdraw", is_flag=True)
@BY
def people_consent(file: str, purpose: str, card: str | None, member: str | None, withdraw: bool, by: str) -> None:
    """Take down a consent."""
    one_of(card=card, member=member)
    with _people(file) as (bank, persons):
        kept = persons.consent(holder(bank, card=card, member=member), purpose, is_given=not withdraw, by=by)
    said = "consent-given" if kept.is_given else "consent-withdrawn"
    put(say("cli", said, member=kept.member, purpose=word("purpose", kept.purpose)))


@command("memo", into=people)
@FILE
@CARD_OPTION
@MEMBER_OPTION
@option("--text", metavar="TEXT", help="memo-text")
@option("--hash", "memo_hash", metavar="HASH", help="memo-hash")
@option("--by", envvar="TIMEBANK_BY", metavar="OPERATOR")
@AS_JSON
def people_memo(
    file: str, card: str | None, member: str | None, text: str | None, memo_hash: str | None, by: str | None
) -> None:
    """Keep a memo, or show one."""
    one_of(text=text, hash=memo_hash)
    if memo_hash is not None:
        with _people(file) as (_, persons):
            memo = persons.memo(memo_hash)
        _put_memo(memo.hash, memo.member, memo.day, memo.text)
        return
    one_of(card=card, member=member)
    one_of(by=by)
    with _people(file) as (bank, persons):
        memo = persons.add_memo(holder(bank, card=card, member=member), text or "", by=by or "")
    if wants_json():
        put_json({"hash": memo.hash, "member": memo.member, "day": memo.day})
        return
    put(say("cli", "memo-kept"))
    put(memo.hash)


def _put_memo(memo_hash: str, member: str, day: str, text: str) -> None:
    if wants_json():
        put_json({"hash": memo_hash, "member": member, "day": day, "text": text})
        return
    put_facts([(say("head", "member"), member), (say("head", "day"), day), (say("head", "memo"), text)])


@command("read-in", into=people)
@FILE
@argument("table")
@option("--dry-run", is_flag=True)
@option("--errors-file", metavar="FILE")
@BY
@AS_JSON
def people_read_in(file: str, table: str, dry_run: bool, errors_file: str | None, by: str) -> None:
    """Read names in from a table."""
    with _people(file) as (bank, persons), progress_bar() as progress:
        done = read_names(bank, persons, table, by=by, dry_run=dry_run, progress=progress)
    list_path = errors_file or f"{table}.errors.csv"
    if done.errors:
        list_errors(done.errors, list_path)
    if wants_json():
        errors = [{"row": each.row, "column": each.column, "error": each.error.code} for each in done.errors]
        ignored = list(done.ignored_columns)
        put_json({"rows": done.rows, "kept": done.kept, "ignored_columns": ignored, "errors": errors})
    else:
        put(say("cli", "people-imported" if done.kept else "people-tried", path=table, rows=done.rows))
        if done.ignored_columns:
            put(say("cli", "import-ignored", names=say("cli", "comma").join(done.ignored_columns)))
    if done.errors:
        raise RowsWrong(table, len(done.errors), 0, list_path)


@command("export", into=people)
@FILE
@argument("out")
@CARD_OPTION
@MEMBER_OPTION
def people_export(file: str, out: str, card: str | None, member: str | None) -> None:
    """Write all that is kept about a member."""
    one_of(card=card, member=member)
    with _people(file) as (bank, persons):
        found: dict[str, Any] = persons.everything(holder(bank, card=card, member=member))
    write_new(out, (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode(), mode=_PRIVATE)
    put(say("cli", "person-exported", member=found["member"]["id"], path=out, entries=len(found["entries"])))


@command("erase", into=people)
@FILE
@CARD_OPTION
@MEMBER_OPTION
@option("--reason", default=ASKED_FOR, metavar="CODE", help="erase-reason")
@BY
@APPROVED_BY
@KEY
def people_erase(
    file: str, card: str | None, member: str | None, reason: str, by: str, approved_by: str, key: str | None
) -> None:
    """Erase what is kept of a person."""
    one_of(card=card, member=member)
    with writing(file) as bank, People.open(bank) as persons:
        who = holder(bank, card=card, member=member)
        is_kept = persons.keeps(who)
        posted = persons.erase(who, reason=reason, by=by, approved_by=approved_by, key=key)
    put(say("cli", "person-erased" if is_kept else "person-erased-none", member=who.id))
    put_posted(posted)
