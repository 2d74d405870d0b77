"""What is refused about awards, claims, caps, deductions and appeals."""

from __future__ import annotations

from timebank.errors.families import InvalidInput, Refused, error
from timebank.errors.inputs import Unknown


@error
class UnknownClaim(Unknown):
    """No entry of this place in the journal submitted a claim."""

    code = "unknown-claim"


@error
class UnknownAppeal(Unknown):
    """Nobody appealed against the entry of this place in the journal."""

    code = "unknown-appeal"


@error
class RecipientWrong(InvalidInput):
    """A recipient is missing where one pays, named where none does, or is one of those who served."""

    code = "recipient-wrong"
    service: str
    payer: str


@error
class StartMissing(InvalidInput):
    """The rulebook wants to know at what time a service by the hour began."""

    code = "start-missing"
    service: str


@error
class DurationMissing(InvalidInput):
    """A service is said to have begun at *start*, but not how many minutes it took."""

    code = "duration-missing"
    service: str
    start: str


@error
class MeasuresTwice(InvalidInput):
    """A claim gives each member's own measure, and one for all beside them."""

    code = "measures-twice"
    service: str


@error
class ClaimNeeded(Refused):
    """The rulebook wants *notice_days* of public notice: the service is claimed, reviewed, and then posted."""

    code = "claim-needed"
    service: str
    notice_days: int


@error
class ClaimNotOpen(Refused):
    """The claim is in a state in which this cannot be done."""

    code = "claim-not-open"
    claim: int
    state: str


@error
class NoticeBackdated(Refused):
    """The approval of a claim is said to be of an earlier day, which would shorten its public notice."""

    code = "notice-backdated"
    claim: int
    day: str
    today: str


@error
class NoticeRunning(Refused):
    """The public notice lasts through the day *until*; the claim can be posted from the day after."""

    code = "notice-running"
    claim: int
    until: str
    today: str


@error
class NoticeOver(Refused):
    """The public notice ended with the day *until*: objections are too late."""

    code = "notice-over"
    claim: int
    until: str
    today: str


@error
class EvidenceSeen(Refused):
    """The same evidence belongs to the entry *claim*: a claim, or an award recorded without one."""

    code = "evidence-seen"
    evidence: str
    claim: int


@error
class CapPassed(Refused):
    """The rulebook caps what is recorded: minutes, points or occasions, of a member or household, in a period.

    *used* counts awards that stand, and those before this one in the same claim; *wanted* is what comes to them.
    """

    code = "cap-passed"
    service: str
    of: str
    per: str
    period: str
    most: int
    used: int
    wanted: int


@error
class DurationWrong(Refused):
    """The rulebook allows the service no shorter or longer time."""

    code = "duration-wrong"
    service: str
    minutes: int
    least_minutes: int
    most_minutes: int


@error
class TimesOverlap(Refused):
    """The member was at another service, recorded by entry *seq* and begun at *start*, at the same time."""

    code = "times-overlap"
    member: str
    seq: int
    start: str


@error
class NothingToAward(Refused):
    """The service would give the member neither points nor minutes."""

    code = "nothing-to-award"
    service: str
    member: str


@error
class AnswerTooEarly(Refused):
    """What answers the entry *seq*, which is of *first_day*, would belong to an earlier day."""

    code = "answer-too-early"
    seq: int
    day: str
    first_day: str


@error
class AppealTooLate(Refused):
    """A deduction (the entry *seq*) could be appealed through *last_day*."""

    code = "appeal-too-late"
    seq: int
    last_day: str


@error
class AppealNotOpen(Refused):
    """The appeal against *deduction* was decided before."""

    code = "appeal-not-open"
    deduction: int
    state: str
