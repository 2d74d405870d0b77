"""Awards: what the rulebook in force gives for a service, by whom it is paid, and that no cap is passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from timebank.audit.programme.books import SECOND, amounts
from timebank.audit.programme.terms import UNLIMITED
from timebank.audit.programme.usage import items_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.programme.books import Books
    from timebank.audit.programme.budgets import Budgets
    from timebank.audit.programme.claims import Claims
    from timebank.audit.programme.points import Points
    from timebank.audit.programme.terms import Service, Terms
    from timebank.audit.programme.usage import Item, Usage
    from timebank.audit.replay import Members

_PLAIN: Final = frozenset(("service", "minutes", "occasions", "request"))
Moves = list[list[Any]]


class Awards:
    """Awards of one service to one member, or to each member of a claim."""

    def __init__(self, books: Books, usage: Usage, budgets: Budgets, claims: Claims, points: Points) -> None:
        self._books = books
        self._usage = usage
        self._budgets = budgets
        self._claims = claims
        self._points = points
        self.folds: dict[str, Callable[[int, Members], None]] = {"award": self._award}

    def _award(self, seq: int, members: Members) -> None:
        body, moves, day = members["body"], members["move"], members["day"]
        terms = self._books.terms(day)
        service = None if terms is None else terms.services.get(body["service"])
        if terms is not None and service is not None and self._is_plain(members, terms, service):
            return
        items = items_of(members)
        org = _org_of(moves)
        wanted = self._wanted(members, terms, service, items, org)
        if moves != wanted:
            found, expected = (amounts((unit, amount) for _, _, unit, amount in legs) for legs in (moves, wanted))
            if found != expected:
                self._books.findings.add("award-wrong", seq, expected=expected, found=found)
                return
            self._books.wrong(seq, "award: not from an organisation to one member")
        self._check_names(seq, org, moves, items)
        self._check_approver(seq, members, service)
        if terms is None or service is None:
            return
        if "ref" in members:
            self._claims.post(seq, members, items, org)
        else:
            if terms.notice_days:
                self._books.broken(seq, "claim-needed")
            if "evidence" in body:
                self._claims.show_evidence(seq, body["evidence"])
        self._check_payer(seq, body, service, items)
        self._check_measures(seq, members, terms, service, items)
        for passed in self._usage.passed(terms, members) if service.caps else ():
            self._books.broken(seq, passed)
        if org and self._budgets.are_set:
            self._budgets.check(seq, members, org)

    def _is_plain(self, members: Members, terms: Terms, service: Service) -> bool:
        """Whether it is what most awards are, and in order: one member's, under no conditions but caps.

        It says yes only where all that follows has nothing to find, and may always say no.
        """
        body, moves, tables = members["body"], members["move"], self._books.tables
        if not service.is_plain or self._budgets.are_set or "ref" in members or not body.keys() <= _PLAIN:
            return False
        minutes = body.get("minutes", 0)
        points = terms.points(body["service"], body, members["day"])
        payer, account, _, _ = moves[0]
        org, member = payer.rpartition(":")[2], account[4:]
        wanted = [[f"X:AWARDED:{org}", account, "PTS", points]] if points else []
        if minutes:
            wanted.append([f"X:SERVICE:{org}", account, "MIN", minutes])
        return (
            moves == wanted
            and account[:4] == "L:M:"
            and (member,) in tables["member"]
            and (org.lower(),) in tables["organisation"]
            and self._books.role(members.get("ok")) in service.approvers
            and not (self._books.ledger.has_debts and self._books.ledger.is_known((f"A:DEBT:{member}", "PTS")))
            and not (service.caps and any(self._usage.passed(terms, members)))
        )

    def _wanted(
        self, members: Members, terms: Terms | None, service: Service | None, items: list[Item], org: str
    ) -> Moves:
        """The transfers that the award should have, member after member."""
        body, day, name = members["body"], members["day"], members["body"]["service"]
        people = len(items) if "items" in body else 1
        first = members["move"][0][1]
        wanted: Moves = []
        for member, measure in items:
            account = f"L:M:{member}" if "items" in body else first
            points = -1 if terms is None else terms.points(name, measure, day, people)
            minutes = measure.get("minutes", 0)
            if not points and service is not None and service.shared:
                points = -1
            if service is None or service.payer == "programme":
                payers = [f"X:AWARDED:{org}", f"X:SERVICE:{org}"]
            else:
                payer = f"L:POOL:{org}" if service.payer == "pool" else f"L:M:{body['recipient']}"
                payers = [payer, f"X:SERVICE:{org}"] if service.pays == "points" else [f"X:AWARDED:{org}", payer]
            if points:
                wanted.append([payers[0], account, "PTS", points])
            if minutes:
                wanted.append([payers[1], account, "MIN", minutes])
            if terms is not None and terms.hold_most < UNLIMITED and minutes:
                held = self._books.before(members, (account, "MIN"))[0] + minutes - terms.hold_most
                if held > 0:
                    wanted.append([account, f"L:POOL:{org}", "MIN", min(held, minutes)])
            debt = (f"A:DEBT:{account[4:]}", "PTS")
            if points > 0 and self._books.ledger.is_known(debt):
                owed = self._books.before(members, debt)[0]
                if owed > 0:
                    wanted.append([account, debt[0], "PTS", min(points, owed)])
        return wanted

    def _check_names(self, seq: int, org: str, moves: Moves, items: list[Item]) -> None:
        if org and (org.lower(),) not in self._books.tables["organisation"]:
            self._books.known(seq, "organisation", org.lower())
        account = moves[0][1]
        if not account.startswith("L:M:"):
            self._books.wrong(seq, f"award: {account} is no member's account")
        for member, _ in items:
            self._books.known(seq, "member", member)

    def _check_approver(self, seq: int, members: Members, service: Service | None) -> None:
        """Who approves is one of those whom the rulebook names; a claim was looked at when it was reviewed."""
        ok = members.get("ok")
        if ok is None or "ref" in members:
            return
        if self._books.role(ok) not in (SECOND if service is None else service.approvers):
            self._books.findings.add("not-allowed", seq, operator=ok, act="record-service")

    def _check_payer(self, seq: int, body: dict[str, Any], service: Service, items: list[Item]) -> None:
        recipient = body.get("recipient")
        if (recipient is not None) != (service.payer == "recipient"):
            self._books.wrong(seq, "award: paid by another than the rulebook says")
        elif recipient is not None:
            self._books.known(seq, "member", recipient)
            self._points.check_swept(seq, recipient)
        if "people" in body and body["people"] != len(items):
            self._books.wrong(seq, "award: shared by another number of people")

    def _check_measures(
        self, seq: int, members: Members, terms: Terms, service: Service, items: list[Item]
    ) -> None:
        day = members["day"]
        for member, measure in items:
            minutes: Any = measure.get("minutes")
            start: Any = measure.get("start")
            if minutes is not None and not service.least <= minutes <= service.most:
                self._books.broken(seq, f"duration {minutes}")
            if start is None:
                if terms.start == "required" and service.per == "hour":
                    self._books.broken(seq, "start-missing")
            elif self._usage.overlaps(member, day, start, minutes) and terms.overlap == "refused":
                self._books.broken(seq, f"times-overlap {start}")


def _org_of(moves: Moves) -> str:
    """The organisation that an award's transfers name; the empty text where a member pays for all of it."""
    for debit, credit, _, _ in moves:
        if debit.startswith("L:M:"):
            if credit.startswith("L:POOL:"):
                return str(credit.rpartition(":")[2])
            continue
        return str(debit.rpartition(":")[2])
    return ""
