"""What is refused about organisations, households, teams and periods."""

from __future__ import annotations

from timebank.errors.families import Refused, error


@error
class PeriodClosed(Refused):
    """The books of *day* are closed: every month up to and with *through* is."""

    code = "period-closed"
    day: str
    through: str


@error
class AlreadyInHousehold(Refused):
    """A member belongs to another household: one at a time."""

    code = "already-in-household"
    member: str
    household: str


@error
class AlreadyInTeam(Refused):
    """A member who joins a team is in it."""

    code = "already-in-team"
    team: str
    member: str


@error
class NotInTeam(Refused):
    """A member who leaves a team is not in it."""

    code = "not-in-team"
    team: str
    member: str


@error
class WrongKind(Refused):
    """A member of this *kind* (person, household, team) cannot take this part, which is for a *wanted_kind*."""

    code = "wrong-kind"
    member: str
    kind: str
    wanted_kind: str


@error
class LoopInTree(Refused):
    """An organisation would come to stand below itself."""

    code = "loop-in-tree"
    org: str
    to: str


@error
class LevelTooLow(Refused):
    """An organisation would come below one whose level is not above its own."""

    code = "level-too-low"
    org: str
    level: str
    to: str
    level_of_to: str


@error
class LastAdministrator(Refused):
    """The only administrator cannot give up the role: nobody could appoint another."""

    code = "last-administrator"
    operator: str


@error
class PeriodNotOver(Refused):
    """A month is closed only when its last day has passed."""

    code = "period-not-over"
    month: str
    last_day: str


@error
class PeriodNotNext(Refused):
    """Months are closed one after the other; the next one is that after *through*."""

    code = "period-not-next"
    month: str
    through: str


@error
class PeriodNotLast(Refused):
    """Only the last closed month, *through* (`-`: none is closed), can be opened again."""

    code = "period-not-last"
    month: str
    through: str
