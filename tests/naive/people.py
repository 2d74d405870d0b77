"""Organisations, operators, members, cards, households, teams, and who belonged where on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.naive.facts import Answer, Fact, Facts, No
from tests.naive.inputs import (
    as_kept,
    bad_card,
    bad_choice,
    bad_key,
    bad_member,
    bad_name,
    bad_slugs,
    given,
)

LEVELS = ["district", "street", "community", "grid", "building"]
MEMBER_KINDS = ["person", "household", "team"]
ROLES = ["clerk", "supervisor", "registrar", "auditor", "admin"]


class People(Facts):
    """Who there is."""

    # --- what is known ---

    def organisations(self) -> dict[str, Fact]:
        return {fact["org"]: fact for _, fact in self.of("organisation")}

    def members(self) -> dict[str, str]:
        """The organisation with which each member was enrolled."""
        return {fact["member"]: fact["org"] for _, fact in self.of("member")}

    def member_kind(self, member: str) -> str:
        return next(fact["member_kind"] for _, fact in self.of("member") if fact["member"] == member)

    def cards(self) -> dict[str, dict[str, str]]:
        """Each card's member and state."""
        cards: dict[str, dict[str, str]] = {}
        for _, fact in self.of("member", "card"):
            if fact.get("old"):
                cards[fact["old"]]["state"] = "replaced"
            if fact.get("blocked"):
                cards[fact["blocked"]]["state"] = "blocked"
            if fact.get("card"):
                cards[fact["card"]] = {"member": fact["member"], "state": "active"}
        return cards

    def goods(self) -> list[str]:
        return sorted(fact["good"] for _, fact in self.of("goods"))

    def shops(self) -> list[str]:
        return sorted(fact["shop"] for _, fact in self.of("shop"))

    def balance(self, member: str, **when: Any) -> dict[str, int]:
        account = f"L:M:{member}"
        return {"points": self.held(account, "PTS", **when), "minutes": self.held(account, "MIN", **when)}

    def home(self, what: str, name: str, day: date) -> str | None:
        """The organisation of a member or shop, or the one above an organisation, on *day*."""
        moved = [fact for _, fact in self.of("move") if (fact["what"], fact["id"]) == (what, name)]
        came = [fact["to"] for fact in moved if fact["from_day"] <= day]
        if came:
            return came[-1]
        if what == "organisation":
            return self.organisations()[name]["parent"]
        return next(fact["org"] for _, fact in self.of(what) if fact[what] == name)

    def tree(self, day: date) -> dict[str, str | None]:
        return {org: self.home("organisation", org, day) for org in self.organisations()}

    def household_members(self, household: str, day: date) -> list[str]:
        """In the order in which they pay."""
        lists = [fact for _, fact in self.of("household") if fact["household"] == household]
        lists = [fact for fact in lists if fact["from_day"] <= day]
        return sorted(lists, key=lambda fact: fact["from_day"])[-1]["members"] if lists else []

    def household_of(self, member: str, day: date) -> str | None:
        found = [house for house in self.members() if member in self.household_members(house, day)]
        return found[0] if found else None

    def family(self, member: str, day: date) -> list[str]:
        """All whose doings count together with the member's on *day*: their household and who is in it."""
        house = member if self.member_kind(member) == "household" else self.household_of(member, day)
        return [member] if house is None else [house, *self.household_members(house, day)]

    def team_members(self, team: str, day: date) -> list[str]:
        """Who has joined by *day* and not left by then."""
        inside: set[str] = set()
        said = [fact for _, fact in self.of("team") if fact["team"] == team and fact["day"] <= day]
        for fact in sorted(said, key=lambda fact: fact["day"]):
            (inside.add if fact["do"] == "join" else inside.discard)(fact["member"])
        return sorted(inside)

    def _unknown(self, **names: Any) -> set[str]:
        """Which of these names nobody has heard of."""
        known: dict[str, Any] = {
            "member": self.members(),
            "card": self.cards(),
            "shop": self.shops(),
            "organisation": self.organisations(),
        }
        wrong = {f"unknown-{what}" for what in known if names.get(what) and names[what] not in known[what]}
        if any(one not in self.members() for one in names.get("members", ())):
            wrong.add("unknown-member")
        if any(good not in self.goods() for good in names.get("goods", ())):
            wrong.add("unknown-good")
        return wrong | self._unknown_operators(*names["operators"])

    # --- commands: organisations and operators ---

    def organisations_add(
        self, org: Any, *, name: Any, level: Any, parent: Any = None, by: Any, key: Any = None
    ) -> Answer:
        bad = bad_slugs(org, by, *given(parent)) | bad_name(name) | bad_key(key) | bad_choice(level, *LEVELS)
        if bad:
            return No(bad)
        request = ("organisations.add", org, name, level, parent, by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(organisation=parent, operators=[by])
        if parent in self.organisations():
            above = self.organisations()[parent]["level"]
            wrong |= {"bad-code"} if LEVELS.index(level) <= LEVELS.index(above) else set()
        if wrong := wrong or self._may("organise", by):
            return No(wrong)
        if org in self.organisations():
            return No({"already-exists"})
        return self._add("organisation", by=by, org=org, level=level, parent=parent, key=key, request=request)

    def organisations_appoint(self, operator: Any, *, org: Any, role: Any, by: Any, key: Any = None) -> Answer:
        bad = bad_slugs(operator, org, by) | bad_key(key) | bad_choice(role, *ROLES)
        if bad:
            return No(bad)
        request = ("organisations.appoint", operator, org, role, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(organisation=org, operators=[by]) or self._may("organise", by):
            return No(wrong)
        admins = [name for name, had in self.operators().items() if had == "admin"]
        if admins == [operator] and role != "admin":
            return No({"last-administrator"})
        return self._add("operator", by=by, operator=operator, org=org, role=role, key=key, request=request)

    # --- commands: members and cards ---

    def members_enrol(
        self, *, org: Any, kind: Any = "person", card: Any = None, by: Any, key: Any = None, fresh: str = "?"
    ) -> Answer:
        """*fresh* is the random id that the real thing has drawn."""
        bad = bad_slugs(org, by) | bad_key(key) | bad_choice(kind, *MEMBER_KINDS)
        bad |= bad_card(card) if card is not None else set()
        if bad:
            return No(bad)
        number = None if card is None else as_kept(card)
        request = ("members.enrol", org, kind, number, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(organisation=org, operators=[by]) or self._may("enrol", by):
            return No(wrong)
        if number in self.cards():
            return No({"already-exists"})
        return self._add(
            "member", by=by, member=fresh, member_kind=kind, org=org, card=number, key=key, request=request
        )

    def cards_issue(self, member: Any, *, card: Any = None, by: Any, key: Any = None, fresh: str = "?") -> Answer:
        bad = bad_member(member) | bad_slugs(by) | bad_key(key)
        bad |= bad_card(card) if card is not None else set()
        if bad:
            return No(bad)
        number = None if card is None else as_kept(card)
        request = ("cards.issue", member, number, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(member=member, operators=[by]) or self._may("enrol", by):
            return No(wrong)
        if number in self.cards():
            return No({"already-exists"})
        return self._add("card", by=by, member=member, card=number or fresh, key=key, request=request)

    def cards_block(self, card: Any, *, by: Any, key: Any = None) -> Answer:
        bad = bad_card(card) | bad_slugs(by) | bad_key(key)
        if bad:
            return No(bad)
        number = as_kept(card)
        request = ("cards.block", number, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(card=number, operators=[by]) or self._may("block-card", by):
            return No(wrong)
        if self.cards()[number]["state"] != "active":
            return No({"card-blocked"})
        return self._add("card", by=by, blocked=number, key=key, request=request)

    def cards_replace(self, card: Any, *, new: Any = None, by: Any, key: Any = None, fresh: str = "?") -> Answer:
        bad = bad_card(card) | bad_slugs(by) | bad_key(key) | (bad_card(new) if new is not None else set())
        if bad:
            return No(bad)
        number, other = as_kept(card), None if new is None else as_kept(new)
        request = ("cards.replace", number, other, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(card=number, operators=[by]) or self._may("enrol", by):
            return No(wrong)
        if self.cards()[number]["state"] == "replaced":
            wrong.add("card-blocked")
        if other in self.cards():
            wrong.add("already-exists")
        if wrong:
            return No(wrong)
        member = self.cards()[number]["member"]
        return self._add("card", by=by, member=member, old=number, card=other or fresh, key=key, request=request)

    # --- commands: who moves where ---

    def _move(self, what: str, name: str, to: Any, from_day: Any, by: Any, key: Any) -> Answer:
        bad = bad_slugs(to, by) | (bad_member(name) if what == "member" else bad_slugs(name))
        bad |= bad_key(key) | self._bad_past(from_day)
        if bad:
            return No(bad)
        request = ("move", what, name, to, from_day, by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(organisation=to, operators=[by], members=[name] * (what == "member"))
        wrong |= self._unknown(shop=name if what == "shop" else None, operators=[])
        wrong |= self._unknown(organisation=name if what == "organisation" else None, operators=[])
        wrong = wrong or self._may("enrol" if what == "member" else "organise", by, day=from_day)
        if wrong:
            return No(wrong)
        moves = [fact for _, fact in self.of("move") if (fact["what"], fact["id"]) == (what, name)]
        if any(fact["from_day"] >= from_day for fact in moves):
            wrong.add("not-in-order")
        if what == "organisation":
            wrong |= self._misplaced(name, to, from_day)
        if wrong:
            return No(wrong)
        return self._add(
            "move",
            by=by,
            day=from_day,
            what=what,
            id=name,
            to=to,
            from_day=from_day,
            body={"what": what, "id": name, "to": to, "from": from_day.isoformat()},
            key=key,
            request=request,
        )

    def _misplaced(self, org: str, to: str, day: date) -> set[str]:
        """An organisation hangs below another of a higher level, and never below itself."""
        wrong = set()
        levels = {name: LEVELS.index(fact["level"]) for name, fact in self.organisations().items()}
        if levels[to] >= levels[org]:
            wrong.add("level-too-low")
        above: str | None = to
        while above is not None and above != org:
            above = self.tree(day)[above]
        if above == org:
            wrong.add("loop-in-tree")
        return wrong

    def organisations_move(self, org: Any, *, to: Any, from_day: Any, by: Any, key: Any = None) -> Answer:
        return self._move("organisation", org, to, from_day, by, key)

    def members_move(self, member: Any, *, to: Any, from_day: Any, by: Any, key: Any = None) -> Answer:
        return self._move("member", member, to, from_day, by, key)

    def shops_move_to(self, shop: Any, *, to: Any, from_day: Any, by: Any, key: Any = None) -> Answer:
        return self._move("shop", shop, to, from_day, by, key)

    # --- commands: households and teams ---

    def members_set_household(
        self, household: Any, members: Any, *, from_day: Any, by: Any, key: Any = None
    ) -> Answer:
        bad = bad_member(household, *members) | bad_slugs(by) | bad_key(key) | self._bad_past(from_day)
        if len(set(members)) < len(members):
            bad.add("bad-code")
        if bad:
            return No(bad)
        request = ("members.set_household", household, list(members), from_day, by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(members=[household, *members], operators=[by])
        if wrong := wrong or self._may("enrol", by, day=from_day):
            return No(wrong)
        if self.member_kind(household) != "household" or any(self.member_kind(m) != "person" for m in members):
            wrong.add("wrong-kind")
        if any(fact["household"] == household and fact["from_day"] > from_day for _, fact in self.of("household")):
            wrong.add("not-in-order")
        for one in members:
            ever = [fact for _, fact in self.of("household") if fact["household"] != household]
            after = [fact["from_day"] for fact in ever if fact["from_day"] > from_day]
            for day in [from_day, *after]:
                if self.household_of(one, day) not in (None, household):
                    wrong.add("already-in-household")
        if wrong:
            return No(wrong)
        return self._add(
            "household",
            by=by,
            day=from_day,
            household=household,
            members=list(members),
            from_day=from_day,
            body={"household": household, "members": list(members), "from": from_day.isoformat()},
            key=key,
            request=request,
        )

    def _team(self, do: str, team: Any, member: Any, day: Any, by: Any, key: Any) -> Answer:
        bad = bad_member(team, member) | bad_slugs(by) | bad_key(key) | self._bad_past(*given(day))
        if bad:
            return No(bad)
        request = ("team", do, team, member, day, by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(members=[team, member], operators=[by])
        if wrong := wrong or self._may("enrol", by, day=day):
            return No(wrong)
        when = day or self.today()
        said = [fact for _, fact in self.of("team") if (fact["team"], fact["member"]) == (team, member)]
        inside = bool(said) and said[-1]["do"] == "join"
        if self.member_kind(team) != "team" or self.member_kind(member) != "person":
            wrong.add("wrong-kind")
        if inside == (do == "join"):
            wrong.add("already-in-team" if inside else "not-in-team")
        if said and said[-1]["day"] > when:
            wrong.add("not-in-order")
        if wrong:
            return No(wrong)
        return self._add(
            "team",
            by=by,
            day=day,
            team=team,
            member=member,
            do=do,
            body={"team": team, "member": member, "do": do},
            key=key,
            request=request,
        )

    def teams_join(self, team: Any, member: Any, *, day: Any = None, by: Any, key: Any = None) -> Answer:
        return self._team("join", team, member, day, by, key)

    def teams_leave(self, team: Any, member: Any, *, day: Any = None, by: Any, key: Any = None) -> Answer:
        return self._team("leave", team, member, day, by, key)

    # --- commands: erasures ---

    def erasures_record(
        self, member: Any, *, reason: Any = "asked-for", by: Any, approved_by: Any, key: Any = None
    ) -> Answer:
        bad = bad_member(member) | bad_slugs(reason, by, *given(approved_by)) | bad_key(key)
        if bad:
            return No(bad)
        request = ("erasures.record", member, reason, by, approved_by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(members=[member], operators=[by, approved_by])
        if wrong := wrong or self._may("erase-person", by, approved_by):
            return No(wrong)
        body = {"member": member, "reason": reason}
        return self._add("erasure", by=by, ok=approved_by, **body, body=body, key=key, request=request)
