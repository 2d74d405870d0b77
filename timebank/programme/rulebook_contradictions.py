"""What cannot hold together in a rulebook although every key of it is well written."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from timebank.programme.rulebook_terms import WHOLE

if TYPE_CHECKING:
    from timebank.programme.rulebook_source import Source
    from timebank.programme.rulebook_terms import Cap, GiftRules, Multiplier, RatingRules, Rulebook, Rules, Service


def find_contradictions(book: Rulebook, source: Source) -> None:
    """Note each contradiction of *book*, read without problems from *source*, at its line."""
    _check_rules(book.rules, source)
    services = {service.id: service for service in book.services}
    for service in book.services:
        _check_service(service, source)
    for place, cap in enumerate(book.caps):
        _check_cap(cap, place, services, source)
    for (one, cap), (other, next_cap) in combinations(enumerate(book.caps), 2):
        _check_caps(cap, one, next_cap, other, source)
    for place, multiplier in enumerate(book.multipliers):
        _check_multiplier(multiplier, place, services, source)
    for (one, multiplier), (other, next_multiplier) in combinations(enumerate(book.multipliers), 2):
        if _meet(multiplier, next_multiplier):
            source.wrong(("multiplier", other), "multipliers-overlap", "first", other=one + 1)
    if book.gift is not None:
        _check_gift(book.gift, source)
    _check_rating(book.rating, source)


def _check_rules(rules: Rules, source: Source) -> None:
    if rules.expiry == "months" and rules.expiry_months is None:
        source.wrong(("rules",), "months-missing", "expiry")
    if rules.expiry != "months" and rules.expiry_months is not None:
        source.wrong(("rules",), "months-surplus", "expiry_months")
    if any(step >= following for step, following in pairwise(rules.stars)):
        source.wrong(("rules",), "not-rising", "stars", name="stars")


def _check_service(service: Service, source: Source) -> None:
    section = ("service", service.id)
    if service.least_minutes > service.most_minutes:
        least, most = service.least_minutes, service.most_minutes
        source.wrong(section, "least-over-most", "least_minutes", least=least, most=most)
    if service.shared and service.per != "occasion":
        source.wrong(section, "shared-without-occasion", "shared")
    elif service.shared and not service.points:
        source.wrong(section, "shared-nothing", "points")
    if service.pays == "minutes" and service.payer == "programme":
        source.wrong(section, "pays-without-payer", "pays")
    elif service.pays == "minutes" and service.per != "hour":
        source.wrong(section, "pays-no-minutes", "pays", name=service.payer)


def _check_cap(cap: Cap, place: int, services: dict[str, Service], source: Source) -> None:
    section = ("cap", place)
    if cap.service is not None and cap.service not in services:
        source.wrong(section, "no-such-service", "service", name=cap.service, known=", ".join(services))
        return
    if cap.of == "occasions" and cap.service is not None and services[cap.service].per == "hour":
        source.wrong(section, "cap-of-occasions", "of", name=cap.service)
    if cap.of == "minutes":
        for service in services.values():
            # Without minutes, which only those by the hour must have, a service passes a cap on all of them.
            if (
                cap.most < service.least_minutes
                and (service.per == "hour" or cap.service)
                and cap.covers(service.id)
            ):
                least = service.least_minutes
                source.wrong(section, "cap-under-least", "most", most=cap.most, name=service.id, least=least)


def _check_caps(cap: Cap, place: int, other: Cap, other_place: int, source: Source) -> None:
    if (cap.of, cap.period, cap.service) != (other.of, other.period, other.service):
        return
    if cap.per == other.per:
        source.wrong(("cap", other_place), "cap-twice", other=place + 1)
        return
    household, member = (cap, other) if cap.per == "household" else (other, cap)
    if household.most < member.most:
        which = place if household is cap else other_place
        source.wrong(("cap", which), "household-under-member", "most", least=member.most, most=household.most)


def _check_multiplier(multiplier: Multiplier, place: int, services: dict[str, Service], source: Source) -> None:
    section = ("multiplier", place)
    for name in multiplier.services:
        if name not in services:
            source.wrong(section, "no-such-service", "services", name=name, known=", ".join(services))
    if multiplier.last < multiplier.first:
        first, last = multiplier.first, multiplier.last
        source.wrong(section, "last-before-first", "last", first=first, last=last)


def _meet(one: Multiplier, other: Multiplier) -> bool:
    """Whether both change what one service earns on one day."""
    if one.last < other.first or other.last < one.first:
        return False
    return not one.services or not other.services or not set(one.services).isdisjoint(other.services)


def _check_gift(gift: GiftRules, source: Source) -> None:
    if "relative" in gift.to and not gift.relations:
        source.wrong(("gift",), "relations-missing", "to")
    if "relative" not in gift.to and gift.relations:
        source.wrong(("gift",), "relations-surplus", "relations")


def _check_rating(rating: RatingRules, source: Source) -> None:
    total = rating.residents + sum(weight for _, weight in rating.reviewers)
    if total != WHOLE:
        source.wrong(("rating",), "weights-not-100", "reviewers", total=total)
    if any(name == "residents" for name, _ in rating.reviewers):
        source.wrong(("rating",), "named-twice", "reviewers", name="reviewers")
    if any(step <= following for step, following in pairwise(rating.grades)):
        source.wrong(("rating",), "not-falling", "grades", name="grades")
