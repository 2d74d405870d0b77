"""Goods and shops: prices, stock, limits, redemptions, returns, reservations, settlements."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.naive.awards import period_of
from tests.naive.facts import Again, Answer, Fact, No, change, holder, turned
from tests.naive.inputs import (
    as_kept,
    bad_amount,
    bad_basket,
    bad_card,
    bad_choice,
    bad_day,
    bad_good,
    bad_key,
    bad_name,
    bad_slugs,
    given,
)
from tests.naive.orders import Orders

Lines = list[tuple[str, int, int]]


class Shops(Orders):
    """What points buy."""

    # --- what is known ---

    def is_merchant(self, shop: str) -> bool:
        return any(fact["shop"] == shop and fact["type"] == "merchant" for _, fact in self.of("shop"))

    def prices(self, shop: str, day: date) -> dict[str, int]:
        """Points for one piece of each good on *day*; prices only come one after the other."""
        return {
            fact["good"]: fact["points"]
            for _, fact in self.of("price")
            if fact["shop"] == shop and fact["from_day"] <= day
        }

    def stock(self, shop: str, *, day: date | None = None) -> dict[str, int]:
        """Pieces of every good there is, also of those that ran out or had not come by *day*."""
        return {good: self.held(holder("A:S", shop), good.upper(), day=day) for good in self.goods()}

    def takings(self, shop: str, *, day: date | None = None) -> int:
        return self.held(holder("L:S", shop), "PTS", day=day)

    def reservations(self) -> dict[int, str]:
        """The state of each reservation."""
        return {
            seq: {None: "held", "post": "collected", "void": "released"}[
                None if (end := self.reversed_by(seq)) is None else self.facts[end]["kind"]
            ]
            for seq, _ in self.of("hold")
        }

    def returned(self, seq: int) -> dict[str, int]:
        """Pieces of each good that came back of the redemption at *seq*."""
        back: dict[str, int] = {}
        for _, fact in self.answers(seq, "return"):
            for good, pieces, _price in fact["goods"]:
                back[good] = back.get(good, 0) + pieces
        return back

    def limit_on(self, shop: str, good: str, day: date) -> Fact | None:
        """The latest limit for a good in force on *day*; a shop's own before everybody's."""
        for place in (shop, None):
            said = [fact for _, fact in self.of("limit") if (fact["shop"], fact["good"]) == (place, good)]
            said = [fact for fact in said if fact["from_day"] <= day]
            latest = sorted(said, key=lambda fact: fact["from_day"])[-1:]
            if latest:
                return None if latest[0]["lifted"] else latest[0]
        return None

    def pieces_taken(self, limit: Fact, member: str, day: date) -> int:
        """What counts against a limit: handed out or set aside, and not come back."""
        group = [member] if limit["per"] == "member" else self.family(member, day)
        used = 0
        for seq, fact in self.of("redemption", "hold"):
            end = self.reversed_by(seq)
            gone = end is not None and self.facts[end]["kind"] != "post"
            same = fact["member"] in group and limit["shop"] in (None, fact["shop"])
            if same and not gone and period_of(fact["day"], limit["in"]) == period_of(day, limit["in"]):
                used += sum(pieces for good, pieces, _ in fact["goods"] if good == limit["good"])
                used -= self.returned(seq).get(limit["good"], 0)
        return used

    def earned(self, member: str, day: date) -> int:
        """Points of all awards ever that stand; of a household: with those of its members on *day*."""
        group = [member, *self.household_members(member, day)]
        return sum(points for one in group for _, _, _, points in self.awards_of(one))

    def settled_through(self, shop: str) -> date | None:
        return max((fact["last"] for _, fact in self.of("settlement") if fact["shop"] == shop), default=None)

    # --- commands: goods, shops, prices, limits ---

    def goods_add(self, good: Any, *, name: Any, name_en: Any, by: Any, key: Any = None) -> Answer:
        bad = bad_good(good) | bad_name(name) | bad_name(name_en) | bad_slugs(by) | bad_key(key)
        if bad:
            return No(bad)
        request = ("goods.add", good, name, name_en, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(operators=[by]) or self._may("organise", by):
            return No(wrong)
        if good in self.goods():
            return No({"already-exists"})
        return self._add("goods", by=by, good=good, key=key, request=request)

    def shops_open(
        self,
        shop: Any,
        *,
        org: Any,
        name: Any,
        kind: Any = "supermarket",
        hours: Any = None,
        by: Any,
        key: Any = None,
    ) -> Answer:
        bad = bad_slugs(shop, org, by) | bad_name(name) | bad_key(key)
        bad |= bad_choice(kind, "supermarket", "merchant") | (set() if hours is None else bad_name(hours))
        if bad:
            return No(bad)
        request = ("shops.open", shop, org, name, kind, hours, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(organisation=org, operators=[by]) or self._may("organise", by):
            return No(wrong)
        if shop in self.shops():
            return No({"already-exists"})
        return self._add("shop", by=by, shop=shop, org=org, type=kind, hours=hours, key=key, request=request)

    def shops_set_price(
        self, shop: Any, good: Any, *, points: Any, from_day: Any, by: Any, key: Any = None
    ) -> Answer:
        bad = bad_slugs(shop, by) | bad_good(good) | bad_key(key) | bad_day(from_day)
        bad |= bad_amount(points, 1_000_000)
        if bad:
            return No(bad)
        request = ("shops.set_price", shop, good, points, from_day, by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(shop=shop, goods=[good], operators=[by])
        if wrong := wrong or self._may("set-price", by):
            return No(wrong)
        for _, fact in self.of("price"):
            if (fact["shop"], fact["good"]) == (shop, good) and fact["from_day"] >= from_day:
                return No({"not-in-order"})
        return self._add(
            "price", by=by, shop=shop, good=good, points=points, from_day=from_day, key=key, request=request
        )

    def shops_limit(
        self,
        good: Any,
        *,
        shop: Any = None,
        most: Any = None,
        per: Any = "member",
        period: Any = "month",
        least_earned: Any = None,
        from_day: Any,
        by: Any,
        key: Any = None,
    ) -> Answer:
        bad = bad_good(good) | bad_slugs(by, *given(shop)) | bad_key(key) | bad_day(from_day)
        bad |= bad_choice(per, "member", "household") | bad_choice(period, "day", "month", "year")
        bad |= set().union(*(bad_amount(amount, 1_000_000) for amount in given(most, least_earned)))
        if most is not None and least_earned is not None:
            bad |= {"bad-code", "limit-unclear", "bad-amount"}
        if bad:
            return No(bad)
        request = ("shops.limit", good, shop, most, per, period, least_earned, from_day, by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(shop=shop, goods=[good], operators=[by])
        if wrong := wrong or self._may("set-limit", by):
            return No(wrong)
        start = from_day.isoformat()
        body = {"good": good} | ({"shop": shop} if shop is not None else {})
        if most is not None:
            body |= {"per": per, "in": period, "most": most, "from": start}
        elif least_earned is not None:
            body |= {"least_earned": least_earned, "from": start}
        else:
            body |= {"lifted": True, "from": start}
        return self._add(
            "limit",
            by=by,
            **{"good": good, "shop": shop, "per": per, "in": period, "most": most, "least_earned": least_earned},
            lifted=most is None and least_earned is None,
            from_day=from_day,
            body=body,
            key=key,
            request=request,
        )

    # --- commands: the stockroom ---

    def _stock_command(
        self,
        act: str,
        shop: Any,
        goods: Any,
        moves: Any,
        *,
        more: Any = (),
        day: Any,
        by: Any,
        ok: Any,
        key: Any,
        request: Any,
        bad: set[str],
        orgs: Any = None,
        other: Any = None,
        body: Any = None,
        sure: bool = True,
    ) -> Answer:
        """What the ways of goods into and out of a shop share; *moves* makes the moves when all is well."""
        bad = bad | bad_slugs(shop, by, *given(ok, other)) | bad_key(key) | self._bad_past(*given(day))
        if bad:
            return No(bad)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(shop=shop, organisation=orgs, goods=goods, operators=[by, ok])
        wrong |= self._unknown(shop=other, operators=[])
        if wrong := wrong or self._may(act, by, ok, day=day):
            return No(wrong)
        if any(self.is_merchant(place) for place in given(shop, other)):
            return No({"not-for-merchant"})
        made = moves()
        if sure and (wrong := self._below_zero(made)):
            return No(wrong)
        return self._add(
            "stock", by=by, ok=ok, day=day, shop=shop, moves=made, body=body(), key=key, request=request, do=act
        )

    def shops_receive(
        self,
        shop: Any,
        goods: Any,
        *,
        donor: Any = None,
        bought_by: Any = None,
        best_before: Any = None,
        day: Any = None,
        by: Any,
        approved_by: Any,
        key: Any = None,
    ) -> Answer:
        bad = bad_basket(goods) | bad_slugs(*given(donor, bought_by))
        bad |= bad_day(*(best_before or {}).values())
        if not set(best_before or {}) <= set(goods):
            bad |= {"bad-code", "unknown-good"}
        if (donor is None) == (bought_by is None):
            bad.add("source-unclear")
        source = holder("I:DONATED", str(donor)) if bought_by is None else holder("E:BOUGHT", str(bought_by))
        shelf = holder("A:S", str(shop))

        def body() -> Any:
            keep = [[good, last.isoformat()] for good, last in sorted((best_before or {}).items())]
            return {"shop": shop, "do": "receive"} | ({"best_before": keep} if keep else {})

        return self._stock_command(
            "receive-goods",
            shop,
            goods,
            lambda: [(shelf, source, good.upper(), pieces) for good, pieces in sorted(goods.items())],
            day=day,
            by=by,
            ok=approved_by,
            key=key,
            request=("receive", shop, goods, donor, bought_by, best_before, day, by, approved_by),
            bad=bad,
            orgs=bought_by,
            body=body,
        )

    def shops_move(
        self, shop: Any, to: Any, goods: Any, *, day: Any = None, by: Any, approved_by: Any, key: Any = None
    ) -> Answer:
        bad = bad_basket(goods) | bad_slugs(to)
        if shop == to:
            bad |= {"bad-move"}
        shelf, other = holder("A:S", str(shop)), holder("A:S", str(to))
        return self._stock_command(
            "move-goods",
            shop,
            goods,
            lambda: [(other, shelf, good.upper(), pieces) for good, pieces in sorted(goods.items())],
            day=day,
            by=by,
            ok=approved_by,
            key=key,
            request=("move", shop, to, goods, day, by, approved_by),
            bad=bad,
            other=to,
            body=lambda: {"shop": shop, "do": "move", "to": to},
        )

    def shops_write_off(
        self, shop: Any, goods: Any, *, reason: Any, day: Any = None, by: Any, approved_by: Any, key: Any = None
    ) -> Answer:
        lost, shelf = holder("X:LOST", str(shop)), holder("A:S", str(shop))
        return self._stock_command(
            "write-off",
            shop,
            goods,
            lambda: [(lost, shelf, good.upper(), pieces) for good, pieces in sorted(goods.items())],
            day=day,
            by=by,
            ok=approved_by,
            key=key,
            request=("write-off", shop, goods, reason, day, by, approved_by),
            bad=bad_basket(goods) | bad_slugs(reason),
            body=lambda: {"shop": shop, "do": "write-off", "reason": reason},
        )

    def shops_count(
        self, shop: Any, counted: Any, *, day: Any = None, by: Any, approved_by: Any, key: Any = None
    ) -> Answer:
        bad = {"no-goods"} if not counted else set()
        bad = bad.union(*(bad_good(good) | bad_amount(pieces, 1_000_000, 0) for good, pieces in counted.items()))
        lost, found = holder("X:LOST", str(shop)), holder("I:FOUND", str(shop))
        shelf = holder("A:S", str(shop))

        def lines() -> list[tuple[str, int, int]]:
            return [
                (good, pieces, self.held(shelf, good.upper(), day=day)) for good, pieces in sorted(counted.items())
            ]

        def moves() -> list[Any]:
            short = [(good, booked - pieces) for good, pieces, booked in lines()]
            return [
                (lost, shelf, good.upper(), less) if less > 0 else (shelf, found, good.upper(), -less)
                for good, less in short
                if less
            ]

        return self._stock_command(
            "count-stock",
            shop,
            counted,
            moves,
            day=day,
            by=by,
            ok=approved_by,
            key=key,
            request=("count", shop, counted, day, by, approved_by),
            bad=bad,
            body=lambda: {"shop": shop, "do": "count", "counted": [list(line) for line in lines()]},
        )

    # --- commands: the counter ---

    def _release_overdue(self, by: str, *, shop: str | None = None, member: str | None = None) -> None:
        """End the reservations past their day: of the shop and of the member, or all."""
        for seq, state in self.reservations().items():
            fact = self.facts[seq]
            meant = (shop is None and member is None) or fact["shop"] == shop or fact["member"] == member
            if state == "held" and fact["until"] < self.today() and meant:
                self._release(seq, by, "expired")

    def _release(self, seq: int, by: str, why: str, **names: Any) -> Any:
        fact = self.facts[seq]
        moves, body = turned(fact["moves"]), {"shop": fact["shop"], "why": why}
        return self._add("void", by=by, ref=seq, moves=moves, body=body, shop=fact["shop"], **names)

    def _past_limits(self, shop: str, member: str, goods: Lines, day: date) -> set[str]:
        wrong = set()
        for good, pieces, _ in goods:
            limit = self.limit_on(shop, good, day)
            if limit is None:
                continue
            if limit["most"] is not None and self.pieces_taken(limit, member, day) + pieces > limit["most"]:
                wrong.add("limit-passed")
            if limit["least_earned"] is not None and self.earned(member, day) < limit["least_earned"]:
                wrong.add("earned-too-little")
        return wrong

    def _priced(self, shop: str, goods: Any, day: date) -> Lines:
        prices = self.prices(shop, day)
        return [(good, pieces, prices[good]) for good, pieces in sorted(goods.items())]

    def _at_the_counter(
        self, shop: Any, card: Any, goods: Any, day: Any, by: Any, key: Any, request: Any, bad: set[str]
    ) -> Answer | tuple[str, Lines]:
        """What redeeming and reserving check alike: a refusal, or the member and the goods at their prices."""
        bad = bad | bad_slugs(shop, by) | bad_card(card) | bad_basket(goods) | bad_key(key)
        bad |= self._bad_past(*given(day))
        if bad:
            return No(bad)
        if before := self._before(key, request):
            return before
        number, when = as_kept(card), day or self.today()
        wrong = self._unknown(shop=shop, card=number, goods=goods, operators=[by])
        wrong |= {"no-price" for good in goods if good not in self.prices(shop, when)}
        if wrong := wrong or self._may("redeem", by, day=day):
            return No(wrong)
        if self.cards()[number]["state"] != "active":
            return No({"card-blocked"})
        return self.cards()[number]["member"], self._priced(shop, goods, when)

    def _short_shelf(self, shop: str, lines: Lines) -> bool:
        stock = self.stock(shop)
        return not self.is_merchant(shop) and any(pieces > stock[good] for good, pieces, _ in lines)

    def _given_from(self, shop: str) -> str:
        return holder("I:OFFERED" if self.is_merchant(shop) else "A:S", shop)

    def shops_redeem(
        self, shop: Any, *, card: Any, goods: Any, day: Any = None, by: Any, key: Any = None
    ) -> Answer:
        number = as_kept(card) if isinstance(card, str) else card
        request = ("shops.redeem", shop, number, sorted(goods.items(), key=str), day, by)
        checked = self._at_the_counter(shop, card, goods, day, by, key, request, set())
        if not isinstance(checked, tuple):
            return checked
        (member, lines), size, when = checked, len(self.facts), day or self.today()
        payers = [member]
        if self.member_kind(member) == "household":
            payers += self.household_members(member, when)
        self._release_overdue(by, shop=shop, member=member)
        wrong = self._past_limits(shop, member, lines, when)
        cost = sum(pieces * price for _, pieces, price in lines)
        paid, left, asked = [], cost, []
        for payer in payers:
            if not left:
                break
            asked.append(payer)
            part = min(left, self.balance(payer)["points"] - self.due(payer, self.today())[0])
            paid += [(payer, part)] if part else []
            left -= part
        for payer in sorted(asked):
            self._lapse(payer, by)
        if not wrong and left:
            wrong = {"not-enough-points"}
        if not wrong and self._short_shelf(shop, lines):
            wrong = {"not-enough-stock"}
        if wrong:
            del self.facts[size:]
            return No(wrong)
        moves = [(f"L:M:{payer}", holder("L:S", shop), "PTS", part) for payer, part in paid]
        moves += [
            (holder("X:GIVEN", shop), self._given_from(shop), good.upper(), pieces) for good, pieces, _ in lines
        ]
        body = {"shop": shop, "card": number, "goods": [list(line) for line in lines]}
        if [payer for payer, _ in paid] != [member]:
            body["paid"] = [list(part) for part in paid]
        return self._add(
            "redemption",
            by=by,
            day=day,
            shop=shop,
            member=member,
            goods=lines,
            paid=paid,
            moves=moves,
            body=body,
            key=key,
            request=request,
        )

    def reservations_reserve(
        self, shop: Any, *, card: Any, goods: Any, until: Any, by: Any, key: Any = None
    ) -> Answer:
        number = as_kept(card) if isinstance(card, str) else card
        request = ("reservations.reserve", shop, number, sorted(goods.items(), key=str), until, by)
        bad = bad_day(until)
        if not bad and until < self.today():
            # It is judged against today, which a command that comes again with its key need not pass.
            bad = set() if isinstance(self._before(key, request), (Again, No)) else {"bad-code"}
        checked = self._at_the_counter(shop, card, goods, None, by, key, request, bad)
        if not isinstance(checked, tuple):
            return checked
        (member, lines), size = checked, len(self.facts)
        self._release_overdue(by, shop=shop, member=member)
        self._lapse(member, by)
        wrong = self._past_limits(shop, member, lines, self.today())
        cost = sum(pieces * price for _, pieces, price in lines)
        if not wrong and cost > self.balance(member)["points"]:
            wrong = {"not-enough-points"}
        if not wrong and self._short_shelf(shop, lines):
            wrong = {"not-enough-stock"}
        if wrong:
            del self.facts[size:]
            return No(wrong)
        moves = [(f"L:M:{member}", f"L:H:{member}", "PTS", cost)]
        if not self.is_merchant(shop):
            moves += [
                (holder("A:H", shop), holder("A:S", shop), good.upper(), pieces) for good, pieces, _ in lines
            ]
        body = {
            "shop": shop,
            "card": number,
            "goods": [list(line) for line in lines],
            "until": until.isoformat(),
        }
        return self._add(
            "hold",
            by=by,
            shop=shop,
            card=number,
            member=member,
            goods=lines,
            until=until,
            moves=moves,
            body=body,
            key=key,
            request=request,
        )

    def _end(self, do: str, seq: Any, by: Any, key: Any) -> Answer:
        bad = bad_slugs(by) | bad_key(key)
        if bad:
            return No(bad)
        request = ("reservation", do, seq, by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(operators=[by])
        if seq not in self.reservations():
            wrong.add("unknown-reservation")
        if wrong := wrong or self._may("redeem", by):
            return No(wrong)
        if self.reservations()[seq] != "held":
            return No({"already-resolved"})
        fact = self.facts[seq]
        if do == "release":
            why = "expired" if self.today() > fact["until"] else "released"
            return self._release(seq, by, why, key=key, request=request)
        if self.today() > fact["until"]:
            return No({"reservation-over"})
        if self.cards()[fact["card"]]["state"] == "blocked":
            return No({"card-blocked"})
        shop, source = fact["shop"], holder("A:H", fact["shop"])
        if self.is_merchant(shop):
            source = self._given_from(shop)
        cost = sum(pieces * price for _, pieces, price in fact["goods"])
        moves = [(f"L:H:{fact['member']}", holder("L:S", shop), "PTS", cost)]
        moves += [(holder("X:GIVEN", shop), source, good.upper(), pieces) for good, pieces, _ in fact["goods"]]
        body = {"shop": shop, "goods": [list(line) for line in fact["goods"]]}
        return self._add("post", by=by, ref=seq, shop=shop, moves=moves, body=body, key=key, request=request)

    def reservations_collect(self, seq: Any, *, by: Any, key: Any = None) -> Answer:
        return self._end("collect", seq, by, key)

    def reservations_release(self, seq: Any, *, by: Any, key: Any = None) -> Answer:
        return self._end("release", seq, by, key)

    def reservations_release_overdue(self, *, by: Any) -> Answer | list[int]:
        if bad := bad_slugs(by):
            return No(bad)
        if wrong := self._unknown(operators=[by]) or self._may("redeem", by):
            return No(wrong)
        size = len(self.facts)
        self._release_overdue(by)
        return list(range(size, len(self.facts)))

    def shops_return_goods(
        self, seq: Any, goods: Any, *, day: Any = None, by: Any, approved_by: Any, key: Any = None
    ) -> Answer:
        bad = bad_basket(goods) | bad_slugs(by, *given(approved_by)) | bad_key(key) | self._bad_past(*given(day))
        if bad:
            return No(bad)
        request = ("shops.return", seq, sorted(goods.items()), day, by, approved_by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(operators=[by, approved_by])
        if not 0 <= seq < len(self.facts) or self.facts[seq]["kind"] != "redemption":
            wrong.add("unknown-redemption")
        if wrong := wrong or self._may("return-goods", by, approved_by, day=day):
            return No(wrong)
        if self.reversed_by(seq) is not None:
            return No({"already-resolved"})
        fact, before_now = self.facts[seq], self.returned(seq)
        shop, prices = fact["shop"], {good: price for good, _, price in fact["goods"]}
        handed = {good: pieces - before_now.get(good, 0) for good, pieces, _ in fact["goods"]}
        if any(pieces > handed.get(good, 0) for good, pieces in goods.items()):
            return No({"return-too-much"})
        lines = [(good, pieces, prices[good]) for good, pieces in sorted(goods.items())]
        total = sum(pieces * price for _, pieces, price in lines)
        if total > self.takings(shop):
            return No({"not-enough-takings"})
        moves: list[Any] = []
        for payer, part in reversed(fact["paid"]):
            account = f"L:M:{payer}"
            back = sum(
                change(move, account, "PTS") for _, other in self.answers(seq, "return") for move in other["moves"]
            )
            points = min(total, part - back)
            total -= points
            moves.append((holder("L:S", shop), account, "PTS", points))
        moves += [
            (self._given_from(shop), holder("X:GIVEN", shop), good.upper(), pieces) for good, pieces, _ in lines
        ]
        return self._add(
            "return",
            by=by,
            ok=approved_by,
            day=day,
            ref=seq,
            shop=shop,
            goods=lines,
            moves=moves,
            body={"shop": shop, "goods": [list(line) for line in lines]},
            key=key,
            request=request,
        )

    # --- commands: settlements ---

    def settlements_settle(self, shop: Any, *, last: Any, by: Any, approved_by: Any, key: Any = None) -> Answer:
        bad = bad_slugs(shop, by, *given(approved_by)) | bad_key(key) | bad_day(last)
        request = ("settlements.settle", shop, last, by, approved_by)
        if not bad_day(last) and last >= self.today() and not isinstance(self._before(key, request), Again):
            bad.add("settlement-too-early")
        if bad:
            return No(bad)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(shop=shop, operators=[by, approved_by])
        if wrong := wrong or self._may("settle", by, approved_by, day=last):
            return No(wrong)
        through = self.settled_through(shop)
        if through is not None and last <= through:
            return No({"settled-already"})
        account = holder("L:S", shop)
        paid = min(self.takings(shop, day=last), self.takings(shop))
        if paid <= 0:
            return No({"nothing-to-settle"})
        lines = self.lines(account, "PTS")
        first = lines[0][0] if through is None else through + timedelta(days=1)
        inside = [
            delta
            for when, seq, delta in lines
            if first <= when <= last and self.facts[seq]["kind"] != "settlement"
        ]
        taken, returned = sum(x for x in inside if x > 0), -sum(x for x in inside if x < 0)
        org = self.home("shop", shop, last)
        return self._add(
            "settlement",
            by=by,
            ok=approved_by,
            day=last,
            shop=shop,
            first=first,
            last=last,
            taken=taken,
            returned=returned,
            late=paid - (taken - returned),
            paid=paid,
            moves=[(account, holder("E:SETTLED", str(org)), "PTS", paid)],
            body={
                "shop": shop,
                "org": org,
                "first": first.isoformat(),
                "last": last.isoformat(),
                "taken": taken,
                "returned": returned,
                "paid": paid,
            },
            key=key,
            request=request,
        )
