"""What everybody may read, compared with the model, and what holds after every step."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hypothesis.stateful import invariant

from tests.machine.driver import START, Driver
from tests.naive.awards import period_of, plain_amount
from tests.naive.facts import last_of_month
from tests.naive.rules import of_rules

if TYPE_CHECKING:
    from timebank.ledger.statements import Statement

KINDS_OF_UNIT = {"points": "PTS", "minutes": "MIN"}


def text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


class Reads(Driver):
    """Invariants, and reads of every desk."""

    def __init__(self) -> None:
        super().__init__()
        self.closed: tuple[str, Any] = ("", None)

    # --- what holds after every step ---

    @invariant()
    def every_unit_sums_to_zero(self) -> None:
        sums: dict[str, int] = {}
        for line in self.bank.trial_balance():
            sign = 1 if line.account[0] in "AX" else -1
            sums[line.unit] = sums.get(line.unit, 0) + sign * line.amount
        assert not any(sums.values())

    @invariant()
    def assets_and_liabilities_are_never_negative(self) -> None:
        """Members, pools, takings, shelves, reservations, debts."""
        assert all(line.amount >= 0 for line in self.bank.trial_balance() if line.account[0] in "AL")

    @invariant()
    def history_only_grows_and_says_what_the_facts_say(self) -> None:
        with self.bank.journal.reading() as books:
            now = [leaf for _, leaf in books.leaves()]
        size = len(self.seen)
        assert now[:size] == self.seen
        self.seen = now
        assert len(now) == len(self.model.facts)
        for entry in self.bank.journal.entries(size):
            fact = self.model.facts[entry.seq]
            names = ("kind", "at", "day", "by", "ok", "key", "ref")
            said, expected = [getattr(entry, name) for name in names], [fact[name] for name in names]
            assert said == expected, f"entry {entry.seq}: {said}, expected {expected}"
            moves = [(move.debit, move.credit, move.unit, move.amount) for move in entry.moves]
            assert moves == fact["moves"], f"entry {entry.seq} {entry.kind}: {moves}, expected {fact['moves']}"
            body = {name: plain(value) for name, value in entry.body.items() if name != "request"}
            assert fact["body"] in (None, body), f"entry {entry.seq} {entry.kind}: {body}, expected {fact['body']}"

    @invariant()
    def moments_and_nonces_are_in_order(self) -> None:
        entries = list(self.bank.journal.entries(max(0, len(self.seen) - 20)))
        moments = [entry.at for entry in entries]
        assert moments == sorted(moments)
        assert len({entry.nonce for entry in entries}) == len(entries)

    @invariant()
    def closed_months_never_change(self) -> None:
        """The trial balance at the end of the last closed month is what it was when it was closed."""
        through = self.model.closed_through()
        assert self.bank.periods.closed_through() == through
        if not through or through == "2025-12":
            self.closed = ("", None)
            return
        trial = self.amounts_on(last_of_month(date.fromisoformat(f"{through}-01")))
        if self.closed[0] == through:
            assert trial == self.closed[1]
        self.closed = through, trial

    def amounts_on(self, day: date) -> dict[tuple[str, str], int]:
        return {(line.account, line.unit): line.amount for line in self.bank.trial_balance(day) if line.amount}

    @invariant()
    def no_cap_is_passed(self) -> None:
        """Of a member; households change, so theirs are judged when an award is posted."""
        model = self.model
        for member in model.members():
            sums: dict[Any, int] = {}
            for _, fact, measure, points in model.awards_of(member):
                book = model.rulebook(fact["day"])
                for number, cap in enumerate((book or {}).get("cap", [])):
                    if cap["per"] == "member" and cap.get("service", fact["service"]) == fact["service"]:
                        line = number, of_book(book), period_of(fact["day"], cap["in"])
                        amount = points if cap["of"] == "points" else plain_amount(cap, measure)
                        sums[line] = sums.get(line, 0) + amount
                        assert sums[line] <= cap["most"]

    @invariant()
    def nobody_holds_more_minutes_than_an_award_may_leave(self) -> None:
        """An award leaves no more than its rulebook's limit; gifts, grants and corrections may add to it."""
        fact = self.model.facts[-1]
        if fact["kind"] == "award":
            limit = of_rules(self.model.rulebook(fact["day"]) or {}, "hold_at_most_minutes")
            for member, measure in fact["items"]:
                over = self.bank.members.balance(member).minutes - (limit or 10**9)
                assert (
                    over <= 0
                    or f"L:POOL:{fact['org'].upper()}" in [move[1] for move in fact["moves"]]
                    or not (measure["minutes"])
                )

    @invariant()
    def shops_are_settled_for_everything_once(self) -> None:
        """One settlement begins where the last ended; together they paid what came in and did not go back."""
        for shop in self.model.shops():
            found = sorted(self.bank.settlements.all(shop), key=lambda one: one.last)
            for before, after in pairwise(found):
                assert date.fromisoformat(after.first) == date.fromisoformat(before.last) + timedelta(days=1)
            assert all(one.paid == one.taken - one.returned + one.late for one in found)
            lines = self.model.lines(f"L:S:{shop.upper()}", "PTS")
            inside = [delta for _, seq, delta in lines if self.model.facts[seq]["kind"] != "settlement"]
            assert sum(inside) - sum(one.paid for one in found) == self.bank.shops.takings(shop) >= 0
        fact = self.model.facts[-1]
        if fact["kind"] == "settlement":
            assert 0 in (
                self.bank.shops.takings(fact["shop"], day=fact["last"]),
                self.bank.shops.takings(fact["shop"]),
            )

    @invariant()
    def reads_equal_the_model(self) -> None:
        self.check_reads()

    @invariant()
    def looking_back_equals_the_model(self) -> None:
        """One entry and one day after each step, another each time; the last words are looked at in full."""
        self.steps += 1
        seq = self.steps * 7 % len(self.model.facts)
        self.check_as_of(seq, START.date() - timedelta(days=self.steps * 7 % 70))

    # --- reads, desk by desk ---

    def check_reads(self) -> None:
        self.check_books()
        self.check_people()
        self.check_claims()
        self.check_points()
        self.check_orders()
        self.check_shops()
        self.check_months()
        self.check_statements(None, None)

    def check_books(self) -> None:
        bank, model = self.bank, self.model
        trial = {(line.account, line.unit): line.amount for line in bank.trial_balance()}
        assert trial == model.trial_balance()
        report = bank.report()
        told, expected = {name: getattr(report, name) for name in model.report()}, model.report()
        assert told == expected, f"{told}, expected {expected}"
        assert {operator.id: operator.role for operator in bank.organisations.operators()} == model.operators()
        assert [org.id for org in bank.organisations.all()] == sorted(model.organisations())

    def check_people(self) -> None:
        bank, model, today = self.bank, self.model, self.model.today()
        assert {member.id: member.org for member in bank.members.all()} == model.members()
        for number, card in model.cards().items():
            kept = bank.cards.get(number)
            assert (kept.member, kept.state) == (card["member"], card["state"])
        for member in model.members():
            held = bank.members.balance(member)
            assert {"points": held.points, "minutes": held.minutes} == model.balance(member)
        day = today - timedelta(days=self.steps * 5 % 30)
        assert bank.organisations.tree(day) == model.tree(day)
        told = [(each.seq, each.member, each.reason) for each in bank.erasures.all()]
        assert told == [(seq, fact["member"], fact["reason"]) for seq, fact in model.of("erasure")]
        for member in model.members():
            kind = model.member_kind(member)
            assert bank.members.organisation(member, day=day) == model.home("member", member, day)
            if kind == "household":
                assert list(bank.members.of_household(member, day=day)) == model.household_members(member, day)
            elif kind == "team":
                told, known = list(bank.teams.members(member, day)), model.team_members(member, day)
                assert told == known, f"team {member} on {day}: {told}, expected {known}"
            else:
                assert bank.members.household(member, day=day) == model.household_of(member, day)

    def check_claims(self) -> None:
        told = {
            claim.seq: (claim.state, claim.service, claim.org, claim.reviewed_by, claim.notice_until, claim.award)
            for claim in self.bank.claims.all()
        }
        assert told == {
            seq: (one["state"], one["service"], one["org"], one["reviewer"], text(one["until"]), one["award"])
            for seq, one in self.model.claims().items()
        }
        appeals = {appeal.deduction: appeal.state for appeal in self.bank.deductions.appeals()}
        assert appeals == self.model.appeals()

    def check_points(self) -> None:
        """What lapses is told by this machine's clock, which may be behind the journal."""
        bank, model, today = self.bank, self.model, self.model.wall_day()
        for org in model.organisations():
            pool = bank.pools.balance(org)
            assert {"points": pool.points, "minutes": pool.minutes} == model.pool(org)
        lapsed = {line.member: line.points for line in bank.points.lapsed()}
        dues = {member: model.due(member, today)[0] for member in model.members()}
        dues = {member: points for member, points in dues.items() if points}
        assert lapsed == dues, f"lapsed {lapsed}, expected {dues} on {today}"
        expected = {}
        for member in model.members():
            for (last, _), points in model.left_over(member, today).items():
                if today <= last <= today + timedelta(days=90):
                    expected[member, last] = expected.get((member, last), 0) + points
        told_lapsing = {(one.member, one.day): one.points for one in bank.points.lapsing(90)}
        assert told_lapsing == expected, f"{told_lapsing}, expected {expected}"

    def check_orders(self) -> None:
        bank, model = self.bank, self.model
        names = ("state", "org", "member", "unit", "volunteer", "stars", "claim")
        told = {
            one.seq: [getattr(one, name) for name in names] + [one.due, one.finished] for one in bank.orders.all()
        }
        assert told == {
            seq: [one[name] for name in names] + [text(one["due"]), text(one["finished"])]
            for seq, one in model.orders().items()
        }
        assert {one.seq for one in bank.orders.overdue(day=model.today())} == set(model.overdue(model.today()))

    def check_shops(self) -> None:
        bank, model = self.bank, self.model
        assert [good.id for good in bank.goods.all()] == model.goods()
        assert [shop.id for shop in bank.shops.all()] == model.shops()
        for shop in model.shops():
            assert bank.shops.stock(shop) == model.stock(shop)
            assert bank.shops.takings(shop) == model.takings(shop)
        assert {one.seq: one.state for one in bank.reservations.all()} == model.reservations()
        for seq, _ in model.of("redemption"):
            assert bank.shops.returned(seq) == model.returned(seq)
        sheets = {one.seq: (one.taken, one.returned, one.late, one.paid) for one in bank.settlements.all()}
        assert sheets == {
            seq: tuple(fact[name] for name in ("taken", "returned", "late", "paid"))
            for seq, fact in model.of("settlement")
        }

    def check_months(self) -> None:
        bank, model, today = self.bank, self.model, self.model.today()
        for member in model.members():
            star = bank.stars.of(member, today)
            told_star, expected_star = (
                (star.minutes, star.stars),
                (model.minutes_served(member), model.stars(member)),
            )
            assert told_star == expected_star, f"{member}: {told_star}, expected {expected_star}"
        assert [venue.id for venue in bank.venues.all()] == model.venues()
        for venue in model.venues():
            told = {
                (one.month, one.room, one.purpose): (one.uses, one.people) for one in bank.venues.months(venue)
            }
            assert told == {line[1:]: sums for line, sums in model.visits().items() if line[0] == venue}
        if model.rating("project", "garden", "2026-Q1"):
            result = bank.ratings.result("project", "garden", "2026-Q1")
            told_result = None if result.score_x100 is None else (result.score_x100, result.stars)
            assert told_result == model.rating_result("project", "garden", "2026-Q1")

    def check_as_of(self, seq: int, day: date) -> None:
        bank, model = self.bank, self.model
        for member in model.members():
            then = bank.members.balance(member, at_entry=seq)
            assert {"points": then.points, "minutes": then.minutes} == model.balance(member, at_entry=seq)
            then = bank.members.balance(member, day=day)
            assert {"points": then.points, "minutes": then.minutes} == model.balance(member, day=day)
            if model.rulebook(day) is not None:
                assert bank.stars.of(member, day).minutes == model.minutes_served(member, day)
        for shop in model.shops():
            assert bank.shops.takings(shop, day=day) == model.takings(shop, day=day)
            assert bank.shops.stock(shop, day=day) == model.stock(shop, day=day)
            assert {price.good: price.points for price in bank.shops.prices(shop, day)} == model.prices(shop, day)
        trial = {(line.account, line.unit): line.amount for line in bank.trial_balance(day)}
        assert trial == model.trial_balance(day)
        book = model.rulebook(day)
        if book is not None:
            told = {row.id: row.per for row in bank.rulebooks.on(day).services}
            assert told == {name: row["per"] for name, row in book["service"].items()}

    def check_statements(self, first: date | None, last: date | None) -> None:
        days: dict[str, Any] = {"first": first, "last": last}
        for member in self.model.members():
            for unit in KINDS_OF_UNIT.values():
                told = self.bank.members.statement(member, unit=unit, **days)
                check_statement(told, self.model.statement_of(f"L:M:{member}", unit, **days))
        for shop in self.model.shops():
            told = self.bank.shops.statement(shop, **days)
            check_statement(told, self.model.statement_of(f"L:S:{shop.upper()}", "PTS", **days))
            for good in self.model.goods():
                told = self.bank.shops.statement(shop, unit=good.upper(), **days)
                check_statement(told, self.model.statement_of(f"A:S:{shop.upper()}", good.upper(), **days))


def plain(value: Any) -> Any:
    """Lists where the entry has tuples."""
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def of_book(book: Any) -> str:
    """What tells one rulebook from another, for summing."""
    return str(id(book))


def check_statement(told: Statement, expected: tuple[int, list[tuple[int, int, int]], int]) -> None:
    """The statement is the model's, and adds up by itself."""
    lines = [(line.entry.seq, line.delta, line.after) for line in told.lines]
    assert (told.opening, lines, told.closing) == expected
    assert told.opening + sum(line.delta for line in told.lines) == told.closing
