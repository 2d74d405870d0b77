"""Ratings: what residents and reviewers gave in a quarter, and what it comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from attrs import asdict

from timebank.cli import typed
from timebank.cli.commands import (
    APPROVED_BY,
    AS_JSON,
    BY,
    FILE,
    KEY,
    Group,
    argument,
    command,
    option,
    reading,
    writing,
)
from timebank.cli.language import say, word
from timebank.cli.output import decimal, put, put_json, put_posted, put_table, wants_json
from timebank.cli.reports import AS_REPORT, Sheet, show
from timebank.programme.ratings import MOST_PEOPLE, MOST_SCORE

if TYPE_CHECKING:
    from timebank.programme.ratings import Result, Subject

rating = Group("rating")

SUBJECT = argument("subject", metavar="project|team|property")
NAME = argument("name", metavar="ID")
QUARTER = argument("quarter", type=typed.narrow, metavar="YYYY-Qn")


@command("record", into=rating)
@FILE
@SUBJECT
@NAME
@QUARTER
@argument("party")
@option("--score", type=typed.whole("score", MOST_SCORE), required=True, metavar="SCORE")
@option("--people", type=typed.whole("people", MOST_PEOPLE), required=True, metavar="NUMBER", help="rating-people")
@BY
@APPROVED_BY
@KEY
def rating_record(
    file: str,
    subject: str,
    name: str,
    quarter: str,
    party: str,
    score: int,
    people: int,
    by: str,
    approved_by: str,
    key: str | None,
) -> None:
    """Keep the score that one party gave."""
    with writing(file) as bank:
        posted = bank.ratings.record(
            *(cast("Subject", subject), name, quarter, party),
            score=score,
            people=people,
            by=by,
            approved_by=approved_by,
            key=key,
        )
    put(say("cli", "rating-recorded", subject=subject, id=name, quarter=quarter, party=party, score=score))
    put_posted(posted)


@command("result", into=rating)
@FILE
@SUBJECT
@NAME
@QUARTER
@AS_JSON
def rating_result(file: str, subject: str, name: str, quarter: str) -> None:
    """Show what one subject came to in a quarter."""
    with reading(file) as bank:
        result = bank.ratings.result(cast("Subject", subject), name, quarter)
    if wants_json():
        put_json(asdict(result))
        return
    put(say("cli", "rating-title", subject=subject, id=name, quarter=quarter))
    heads = [say("head", "party"), *(">" + say("head", name) for name in ("weight", "score", "people"))]
    rows = [
        (word("party", part.party), part.weight, "-" if part.score is None else part.score, part.people or "-")
        for part in result.parts
    ]
    put_table(heads, rows)
    if result.stars is None:
        put(_missing(result))
        return
    put(_whole_sum(result))
    put(say("cli", "rating-stars", count=result.stars))


@command("quarter", into=rating)
@FILE
@QUARTER
@AS_REPORT
def rating_quarter(file: str, quarter: str) -> None:
    """Show all ratings of a quarter."""
    with reading(file) as bank:
        results = bank.ratings.quarter(quarter)
    rows = [
        (
            *(word("subject", each.subject), each.id, decimal(each.score_x100, 2), each.stars),
            arithmetic(each) if each.score_x100 is None else _whole_sum(each),
        )
        for each in results
    ]
    notes = [_missing(each) for each in results if each.missing]
    columns = ("subject", "subject-id", ">score", ">stars", "arithmetic")
    sheet = Sheet("ratings", say("cli", "rating-quarter-title", quarter=quarter), columns, rows, notes)
    show(sheet, json={"report": "ratings", "rows": [asdict(each) for each in results]})


def arithmetic(result: Result) -> str:
    """Each party's weight and score, to be added up: 0.60 x 92 + 0.15 x 88; a score not in yet is `-`."""
    return " + ".join(
        f"{decimal(part.weight, 2)} x {'-' if part.score is None else part.score}" for part in result.parts
    )


def _whole_sum(result: Result) -> str:
    return say("cli", "rating-arithmetic", arithmetic=arithmetic(result), score=decimal(result.score_x100, 2))


def _missing(result: Result) -> str:
    parties = say("cli", "comma").join(word("party", party) for party in result.missing)
    return say("cli", "rating-missing", subject=result.subject, id=result.id, missing=parties)
