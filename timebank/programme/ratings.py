"""Ratings: each quarter residents and reviewers rate projects, teams and property companies (三方评价)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from math import inf
from typing import TYPE_CHECKING, Final, Literal, get_args

from attrs import frozen

from timebank.errors import BadAmount, BadCode, DayInFuture, UnknownParty
from timebank.ledger.codes import check_amount
from timebank.ledger.entries import Draft, check_slug
from timebank.ledger.store import Table
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.rulebook import rulebook_on

if TYPE_CHECKING:
    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader, Writer
    from timebank.programme.rulebook_terms import RatingRules

Subject = Literal["project", "team", "property"]
SUBJECTS: Final[tuple[Subject, ...]] = get_args(Subject)
RESIDENTS: Final = "residents"
MOST_SCORE: Final = 100
MOST_PEOPLE: Final = 1_000_000
_QUARTER: Final = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
_MONTHS_PER_QUARTER: Final = 3


@frozen
class Rating:
    """What one *party* gave a subject in a quarter: a *score* of 0 to 100, by so many *people*."""

    subject: str
    id: str
    quarter: str
    party: str
    score: int
    people: int
    seq: int


RATINGS: Final = Table("rating", Rating, ("subject", "id", "quarter", "party"))


@frozen
class Part:
    """What one party counts: its *weight* in per cent, its score (None: not in yet), by so many people."""

    party: str
    weight: int
    score: int | None
    people: int


@frozen
class Result:
    """A subject's quarter: each party's part, and what they come to once all parties are in (until then None).

    *score_x100* is the sum of weight x score, the score in hundredths: 9040 is 90.40. *stars* are 1 to 5.
    """

    subject: str
    id: str
    quarter: str
    parts: tuple[Part, ...]
    score_x100: int | None
    stars: int | None

    @property
    def missing(self) -> tuple[str, ...]:
        """The parties that are not in yet."""
        return tuple(part.party for part in self.parts if part.score is None)


def quarter_days(quarter: object) -> tuple[date, date]:
    """The first and the last day of a quarter written 2026-Q1; raises BadCode for anything else."""
    match = _QUARTER.fullmatch(quarter) if isinstance(quarter, str) else None
    if match is None or match[1] in ("0000", "9999"):
        raise BadCode("quarter", str(quarter)[:80], "YYYY-Qn")
    months = int(match[1]) * 12 + int(match[2]) * _MONTHS_PER_QUARTER
    after = date(months // 12, months % 12 + 1, 1)
    first = months - _MONTHS_PER_QUARTER
    return date(first // 12, first % 12 + 1, 1), after - timedelta(1)


def check_subject(subject: object) -> None:
    """Raise BadCode unless *subject* is one of SUBJECTS."""
    if subject not in SUBJECTS:
        raise BadCode("subject", str(subject)[:80], "|".join(SUBJECTS))


def check_score(value: object) -> None:
    """Raise BadAmount unless *value* is a whole number from 0 to 100."""
    if type(value) is not int or not 0 <= value <= MOST_SCORE:
        raise BadAmount("score", str(value)[:40], 0, MOST_SCORE)


def weights_of(rules: RatingRules) -> dict[str, int]:
    """Who rates, and what each counts in per cent; the residents first."""
    return {RESIDENTS: rules.residents, **dict(rules.reviewers)}


def result_of(rules: RatingRules, subject: str, name: str, quarter: str, ratings: dict[str, Rating]) -> Result:
    """What the *ratings*, by party, come to by *rules*."""
    parts = []
    for party, weight in weights_of(rules).items():
        rating = ratings.get(party)
        parts.append(Part(party, weight, rating.score if rating else None, rating.people if rating else 0))
    scores = [part.weight * part.score for part in parts if part.score is not None]
    if len(scores) < len(parts):
        return Result(subject, name, quarter, tuple(parts), None, None)
    total = sum(scores)
    return Result(subject, name, quarter, tuple(parts), total, stars_of(rules, total))


def stars_of(rules: RatingRules, score_x100: int) -> int:
    """The stars of a score in hundredths: 1, and one more for each grade that it reaches."""
    return 1 + sum(score_x100 >= 100 * grade for grade in rules.grades)


@frozen
class Ratings:
    """The desk for ratings."""

    _journal: Journal

    def record(
        self,
        subject: Subject,
        name: str,
        quarter: str,
        party: str,
        *,
        score: int,
        people: int,
        by: str,
        approved_by: str,
        key: str | None = None,
    ) -> Posted:
        """Keep the *score* (0 to 100) that so many *people* of a *party* gave the *subject* called *name*.

        The parties are `residents` and the reviewers of the rulebook in force on the *quarter*'s last day. A later
        score of the same party corrects an earlier one. Raises UnknownParty, DayInFuture for a quarter to come.
        """
        check_subject(subject)
        check_slug("id", name)
        first, last = quarter_days(quarter)
        check_slug("party", party)
        check_score(score)
        check_amount("people", people, most=MOST_PEOPLE)
        check_operators(by, approved_by)
        request = ("rating", subject, name, quarter, party, score, people, by, approved_by)
        with self._journal.writing() as write:
            today = write.today()
            if first > today:
                raise DayInFuture(first.isoformat(), today.isoformat())
            if done := write.already(key, request):
                return done
            known = weights_of(rulebook_on(write.books, last)[1].rating)
            if party not in known:
                raise UnknownParty(party, last.isoformat(), ", ".join(known))
            check_allowed(write.books, "rate-project", by, approved_by)
            body = {
                "subject": subject,
                "id": name,
                "quarter": quarter,
                "party": party,
                "score": score,
                "people": people,
            }
            draft = Draft(kind="rating", day=today, by=by, ok=approved_by, body=body)
            return write.append(draft, key=key, request=request)

    def result(self, subject: Subject, name: str, quarter: str) -> Result:
        """What the *subject* called *name* came to in *quarter*; complete once all parties are in."""
        check_subject(subject)
        check_slug("id", name)
        _, last = quarter_days(quarter)
        with self._journal.reading() as books:
            rules = rulebook_on(books, last)[1].rating
            found = {rating.party: rating for rating in books.rows(RATINGS, subject, name, quarter)}
            return result_of(rules, subject, name, quarter, found)

    def quarter(self, quarter: str) -> tuple[Result, ...]:
        """All that was rated in *quarter*, subject by subject, the best first, what is not complete last."""
        _, last = quarter_days(quarter)
        with self._journal.reading() as books:
            rules = rulebook_on(books, last)[1].rating
            found = _by_name(books, quarter)
        results = [result_of(rules, *place, quarter, ratings) for place, ratings in found.items()]
        return tuple(sorted(results, key=_best_first))


def _by_name(books: Reader, quarter: str) -> dict[tuple[str, str], dict[str, Rating]]:
    found: dict[tuple[str, str], dict[str, Rating]] = {}
    for rating in books.rows(RATINGS):
        if rating.quarter == quarter:
            found.setdefault((rating.subject, rating.id), {})[rating.party] = rating
    return found


def _best_first(result: Result) -> tuple[int, float, str]:
    behind = inf if result.score_x100 is None else -result.score_x100
    return SUBJECTS.index(result.subject), behind, result.id


def project_rating(entry: Entry, books: Writer) -> None:
    """Keep the score, in place of an earlier one of the same party."""
    body = entry.body
    place = (body["subject"], body["id"], body["quarter"], body["party"])
    books.put(RATINGS, Rating(*place, score=body["score"], people=body["people"], seq=entry.seq))
