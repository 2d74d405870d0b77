"""Months that are closed, stars, ratings, venues; and the programme in numbers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.naive.facts import Answer, No, last_of_month, month_of
from tests.naive.inputs import (
    bad_amount,
    bad_choice,
    bad_key,
    bad_month,
    bad_name,
    bad_quarter,
    bad_slugs,
    given,
)
from tests.naive.rules import RATING, of_rules
from tests.naive.shops import Shops


def quarter_starts(quarter: str) -> date:
    return date(int(quarter[:4]), int(quarter[-1]) * 3 - 2, 1)


class Months(Shops):
    """What is looked at from far."""

    # --- stars ---

    def minutes_served(self, member: str, day: date | None = None) -> int:
        """All minutes of awards, less those taken back, by *day*."""
        total = 0
        for fact in self.known(day=day):
            award = fact if fact["kind"] == "award" else None
            if fact["kind"] == "reversal" and self.facts[fact["ref"]]["kind"] == "award":
                award = self.facts[fact["ref"]]
            if fact["kind"] == "opening":
                total += sum(move[3] for move in fact["moves"] if move[1:3] == (f"L:M:{member}", "MIN"))
            elif fact["kind"] == "reversal" and self.facts[fact["ref"]]["kind"] == "opening":
                total -= sum(move[3] for move in fact["moves"] if move[0::2] == (f"L:M:{member}", "MIN"))
            if award is not None:
                sign = 1 if award is fact else -1
                total += sign * sum(measure["minutes"] or 0 for one, measure in award["items"] if one == member)
        return total

    def stars(self, member: str, day: date | None = None) -> int:
        book = self.rulebook(day or self.today()) or {}
        hours = self.minutes_served(member, day) // 60
        return sum(hours >= step for step in of_rules(book, "stars"))

    # --- periods ---

    def month_totals(self, month: str) -> dict[str, int]:
        """What the closing of a month says."""
        first = date.fromisoformat(f"{month}-01")
        days: dict[str, Any] = {"first": first, "last": last_of_month(first)}
        return {
            "awarded": self.sum_of("X:AWARDED", "PTS", **days),
            "minutes": self.sum_of("X:SERVICE", "MIN", **days),
            "redeemed": self.sum_of("L:S:", "PTS", **days) + self.sum_of("E:SETTLED", "PTS", **days),
            "expired": self.sum_of("I:EXPIRED", "PTS", **days),
            "deducted": self.sum_of("I:DEDUCTED", "PTS", **days),
            "outstanding": self.sum_of("L:M:", "PTS", last=days["last"])
            + self.sum_of("L:H:", "PTS", last=days["last"]),
        }

    def _last_period(self) -> int | None:
        """Each closing or reopening answers the one before."""
        said = self.of("period")
        return said[-1][0] if said else None

    def periods_close(self, month: Any, *, by: Any, key: Any = None) -> Answer:
        bad = bad_month(month) | bad_slugs(by) | bad_key(key)
        if bad:
            return No(bad)
        request = ("periods.close", month, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(operators=[by]) or self._may("close-period", by):
            return No(wrong)
        first = date.fromisoformat(f"{month}-01")
        through = self.closed_through()
        if last_of_month(first) >= self.today():
            wrong.add("period-not-over")
        if through and month != month_of(last_of_month(date.fromisoformat(f"{through}-01")) + timedelta(days=1)):
            wrong.add("period-not-next")
        if wrong:
            return No(wrong)
        return self._add(
            "period",
            by=by,
            month=month,
            do="close",
            through=month,
            ref=self._last_period(),
            body={"month": month, "do": "close", "totals": self.month_totals(month)},
            key=key,
            request=request,
        )

    def periods_reopen(self, month: Any, *, by: Any, approved_by: Any, key: Any = None) -> Answer:
        bad = bad_month(month) | bad_slugs(by, *given(approved_by)) | bad_key(key)
        if bad:
            return No(bad)
        request = ("periods.reopen", month, by, approved_by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(operators=[by, approved_by]) or self._may("reopen-period", by, approved_by):
            return No(wrong)
        if month != self.closed_through():
            return No({"period-not-last"})
        before_it = month_of(date.fromisoformat(f"{month}-01") - timedelta(days=1))
        return self._add(
            "period",
            by=by,
            ok=approved_by,
            month=month,
            do="reopen",
            through=before_it,
            ref=self._last_period(),
            body={"month": month, "do": "reopen"},
            key=key,
            request=request,
        )

    # --- ratings ---

    def rating(self, subject: str, name: str, quarter: str) -> dict[str, int]:
        """The latest score of each party."""
        return {
            fact["party"]: fact["score"]
            for _, fact in self.of("rating")
            if (fact["subject"], fact["id"], fact["quarter"]) == (subject, name, quarter)
        }

    def rating_result(self, subject: str, name: str, quarter: str) -> tuple[int, int] | None:
        """Score times 100, and stars, when all parties have spoken."""
        rules = (self.rulebook(last_of_month(quarter_starts(quarter), 2)) or {}).get("rating", {})
        weights = {"residents": rules.get("residents", RATING["residents"])}
        weights |= dict(rules.get("reviewers", RATING["reviewers"]))
        scores = self.rating(subject, name, quarter)
        if not set(weights) <= set(scores):
            return None
        total = sum(weight * scores[party] for party, weight in weights.items())
        return total, 1 + sum(total >= 100 * step for step in rules.get("grades", RATING["grades"]))

    def ratings_record(
        self,
        subject: Any,
        name: Any,
        *,
        quarter: Any,
        party: Any,
        score: Any,
        people: Any = 1,
        by: Any,
        approved_by: Any,
        key: Any = None,
    ) -> Answer:
        bad = bad_slugs(name, party, by, *given(approved_by)) | bad_quarter(quarter) | bad_key(key)
        bad |= bad_choice(subject, "project", "team", "property") | bad_amount(score, 100, 0)
        bad |= bad_amount(people, 1_000_000)
        if not bad_quarter(quarter) and quarter_starts(quarter) > self.today():
            bad.add("day-in-future")
        if bad:
            return No(bad)
        request = ("ratings.record", subject, name, quarter, party, score, people, by, approved_by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(operators=[by, approved_by])
        last = last_of_month(quarter_starts(quarter), 2)
        book = self.rulebook(last)
        rules = (book or {}).get("rating", {})
        wrong |= {"no-rulebook"} if book is None else set()
        if party not in ["residents", *dict(rules.get("reviewers", RATING["reviewers"]))]:
            wrong.add("unknown-party")
        if wrong := wrong or self._may("rate-project", by, approved_by):
            return No(wrong)
        return self._add(
            "rating",
            by=by,
            ok=approved_by,
            subject=subject,
            id=name,
            quarter=quarter,
            party=party,
            score=score,
            key=key,
            request=request,
        )

    # --- venues ---

    def venues(self) -> list[str]:
        return sorted(fact["venue"] for _, fact in self.of("venue"))

    def venues_add(self, venue: Any, *, org: Any, name: Any, by: Any, key: Any = None) -> Answer:
        bad = bad_slugs(venue, org, by) | bad_name(name) | bad_key(key)
        if bad:
            return No(bad)
        request = ("venues.add", venue, org, name, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(organisation=org, operators=[by]) or self._may("organise", by):
            return No(wrong)
        if venue in self.venues():
            return No({"already-exists"})
        body = {"venue": venue, "org": org, "name": name}
        return self._add("venue", by=by, venue=venue, org=org, body=body, key=key, request=request)

    def venues_log(
        self,
        venue: Any,
        *,
        room: Any,
        purpose: Any,
        uses: Any = 1,
        people: Any,
        day: Any = None,
        by: Any,
        key: Any = None,
    ) -> Answer:
        bad = bad_slugs(venue, by) | bad_name(room, 40) | bad_name(purpose, 40) | bad_key(key)
        bad |= bad_amount(uses, 1_000_000) | bad_amount(people, 1_000_000) | self._bad_past(*given(day))
        if bad:
            return No(bad)
        request = ("venues.log", venue, room, purpose, uses, people, day, by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(operators=[by]) | (set() if venue in self.venues() else {"unknown-venue"})
        if wrong := wrong or self._may("log-visit", by, day=day):
            return No(wrong)
        said = {"venue": venue, "room": room, "purpose": purpose, "uses": uses, "people": people}
        return self._add("visit", by=by, day=day, body=said, key=key, request=request, **said)

    def visits(self) -> dict[tuple[str, str, str, str], tuple[int, int]]:
        """Uses and people by venue, month, room and purpose."""
        found: dict[tuple[str, str, str, str], tuple[int, int]] = {}
        for _, fact in self.of("visit"):
            line = fact["venue"], month_of(fact["day"]), fact["room"], fact["purpose"]
            uses, people = found.get(line, (0, 0))
            found[line] = uses + fact["uses"], people + fact["people"]
        return found

    # --- the programme in numbers ---

    def report(self) -> dict[str, int]:
        redemptions = [fact for _, fact in self.standing("redemption")]
        return {
            "organisations": len(self.organisations()),
            "members": len(self.members()),
            "cards_issued": len(self.cards()),
            "shops": len(self.shops()),
            "service_minutes": self.sum_of("X:SERVICE", "MIN"),
            "points_awarded": self.sum_of("X:AWARDED", "PTS"),
            "redemptions": len(redemptions),
            "points_outstanding": self.sum_of("L:M:", "PTS") + self.sum_of("L:H:", "PTS"),
            "entries": len(self.facts),
        }
