"""The rulebook as a form that can hang on a wall: everything it says, in words and tables, in either language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from timebank.locale import sentence, word
from timebank.programme.rulebook_terms import MOST_MINUTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from timebank.programme.rulebook_terms import Cap, Deduction, Multiplier, OrderKind, Rulebook, Service

_FEN_PER_YUAN: Final = 100
_COMMA: Final = {"en": ", ", "zh_CN": "、"}


@frozen
class Part:
    """A table of the form under its *title*; a head that begins with `>` is over a column of numbers."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@frozen
class Wall:
    """The form: its *title*, since when it holds, its tables, and its rules as sentences."""

    title: str
    in_force: str
    parts: tuple[Part, ...]
    rules_title: str
    rules: tuple[str, ...]


def wall_form(book: Rulebook, language: str, *, from_day: str | None) -> Wall:
    """*book* for the wall in *language* ("en" or "zh_CN"); *from_day* None: it is not in force."""
    form = _Form(book, language)
    in_force = form.say("not-in-force") if from_day is None else form.say("in-force", from_day=from_day)
    parts = (form.services(), form.multipliers(), form.caps(), form.deductions(), form.orders())
    return Wall(
        title=form.called(book),
        in_force=in_force,
        parts=tuple(part for part in parts if part.rows),
        rules_title=form.say("rules"),
        rules=tuple(form.rules()),
    )


@frozen
class _Form:
    """A rulebook and the language it is written out in."""

    book: Rulebook
    language: str

    def say(self, message_id: str, **facts: Any) -> str:
        return sentence(self.language, "wall", message_id, facts)

    def words(self, section: str, codes: Iterable[str]) -> str:
        return _COMMA[self.language].join(word(self.language, section, code) for code in codes)

    def called(self, row: Rulebook | Service | Deduction | OrderKind) -> str:
        return row.zh if self.language == "zh_CN" else row.en

    def service_called(self, service: str) -> str:
        return next(self.called(row) for row in self.book.services if row.id == service)

    def part(self, name: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Part:
        return Part(self.say(name), tuple(map(self._head, heads)), tuple(rows))

    def _head(self, head: str) -> str:
        _, mark, name = head.rpartition(">")
        return mark + self.say(f"head-{name}")

    # --- the tables ---

    def services(self) -> Part:
        """What earns, how much, for how long at a time, and who pays where it is not the programme."""
        rows = (
            (self.called(row), word(self.language, "per", row.per), self._points(row), self._notes(row))
            for row in self.book.services
        )
        return self.part("services", ("service", "per", ">points", "notes"), rows)

    def _points(self, row: Service) -> str:
        if row.per == "grade":
            return self.grades(row)
        return str(row.points)

    def grades(self, row: Service) -> str:
        grades = (self.say("grade-points", grade=grade, points=points) for grade, points in row.grades)
        return _COMMA[self.language].join(grades)

    def _notes(self, row: Service) -> str:
        notes = []
        if not row.points and not row.grades:
            notes.append(self.say("only-time"))
        if row.shared:
            notes.append(self.say("shared"))
        if (row.least_minutes, row.most_minutes) != (1, MOST_MINUTES):
            notes.append(self.say("minutes", least=row.least_minutes, most=row.most_minutes))
        if row.payer != "programme":
            notes.append(self.say(f"{row.payer}-pays-{row.pays}"))
        if row.approvers != self.book.rules.approvers:
            notes.append(self.say("approved-by", role=", ".join(row.approvers)))
        return self.say("semicolon").join(notes)

    def multipliers(self) -> Part:
        """On which days services earn more, or less."""
        heads = ("first", "last", "service", ">percent")
        return self.part("multipliers", heads, map(self._times, self.book.multipliers))

    def _times(self, row: Multiplier) -> tuple[str, ...]:
        services = _COMMA[self.language].join(map(self.service_called, row.services)) or self.say("all-services")
        return row.first.isoformat(), row.last.isoformat(), services, f"{row.percent} %"

    def caps(self) -> Part:
        """How much of what counts."""
        return self.part("caps", ("service", "whom", ">most"), map(self._cap, self.book.caps))

    def _cap(self, cap: Cap) -> tuple[str, ...]:
        service = self.say("all-services") if cap.service is None else self.service_called(cap.service)
        whom = self.say(f"each-{cap.per}-{cap.period}")
        return service, whom, self.say(f"most-{cap.of}", most=cap.most)

    def deductions(self) -> Part:
        """The negative list."""
        rows = ((self.called(row), f"-{row.points}") for row in self.book.deductions)
        return self.part("deductions", ("deduction", ">points"), rows)

    def orders(self) -> Part:
        """What residents can order."""
        rows = (
            (
                self.called(row),
                "" if row.days is None else self.say("days", days=row.days),
                self.say("wish") if row.wish else "",
            )
            for row in self.book.orders
        )
        return self.part("orders", ("order", ">within", "notes"), rows)

    # --- the sentences ---

    def rules(self) -> list[str]:
        """What holds for all of it."""
        rules, said = self.book.rules, self.say
        sentences = [said(f"rounding-{rules.rounding}")] if self._has_points() else []
        sentences += [
            said("notice", days=rules.notice_days) if rules.notice_days else said("no-notice"),
            said("approvers", role=", ".join(rules.approvers)),
        ]
        if rules.start == "required":
            sentences.append(said("start"))
        if rules.overlap == "refused":
            sentences.append(said("overlap"))
        if self._has_points():
            sentences.append(said(f"expiry-{rules.expiry}", months=rules.expiry_months))
            sentences.append(said("value", yuan=_yuan(rules.point_value_fen)))
        if rules.hold_at_most_minutes is not None:
            sentences.append(said("hold", hours=_hours(rules.hold_at_most_minutes)))
        if self.book.deductions:
            sentences.append(said("appeal", days=rules.appeal_days))
        sentences += [
            self._gifts(),
            said("stars", hours=_COMMA[self.language].join(map(str, rules.stars))),
            self._rating(),
        ]
        return sentences

    def _has_points(self) -> bool:
        """Whether anything earns points; where nothing does, only time is kept."""
        return any(row.points or row.grades for row in self.book.services)

    def _gifts(self) -> str:
        gift = self.book.gift
        if gift is None:
            return self.say("no-gifts")
        to = gift.relations + (("pool",) if "pool" in gift.to else ())
        return self.say("gifts", units=self.words("gift-unit", gift.units), to=self.words("relation", to))

    def _rating(self) -> str:
        rating = self.book.rating
        parts = (
            self.say("weight", party=party, percent=weight)
            for party, weight in (("residents", rating.residents), *rating.reviewers)
        )
        five, four, three, two = rating.grades
        weights = _COMMA[self.language].join(parts)
        return self.say("rating", weights=weights, five=five, four=four, three=three, two=two)


def _yuan(fen: int) -> str:
    return f"{fen // _FEN_PER_YUAN}.{fen % _FEN_PER_YUAN:02}"


def _hours(minutes: int) -> str:
    """Hours, with minutes after them where they are not whole: 1500, 1500:30."""
    hours, rest = divmod(minutes, 60)
    return f"{hours}:{rest:02}" if rest else str(hours)
