"""From where on something is worth a look: every number that decides about a lead, with its reason."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Thresholds:
    """What leads are measured by. Shares are of 1. A caller may change any of them (`attrs.evolve`)."""

    ring_entries: int = 10
    """Fewer approvals among a few people say nothing: ten is a month of a small shop."""
    ring_each_way: int = 3
    """Approvals that make two people a link of a ring; once or twice somebody only stood in."""
    ring_inside: float = 0.9
    """Of all that a ring proposes and approves, what stays in it. Supervisors who also check others stay below."""
    ring_most_operators: int = 6
    """A larger circle is an office in which everybody checks everybody."""

    night_begins: int = 22
    night_ends: int = 6
    """The local hours outside of which no counter and no committee is open."""
    night_entries: int = 3
    """Once or twice somebody has finished a list late."""
    usual_hour_share: float = 0.02
    """An hour in which somebody does less than this of their entries is none of their usual ones."""
    usual_hours_apart: int = 4
    """Hours between an entry and the nearest usual one; half a working day, so that overtime is not reported."""
    usual_hours_entries: int = 100
    """Before an operator has made so many entries there are no usual hours."""
    unusual_entries: int = 3
    """As at night."""

    own_till_redemptions: int = 5
    own_till_awards: int = 3
    """Fewer visits or services of one member can meet one operator by chance, whatever the shares are."""
    nearly_all: float = 0.9
    """One exception in ten is allowed where something is said to be nearly always so."""
    one_till_redemptions: int = 10
    """Less than a year of monthly visits: fewer say nothing about a habit."""
    one_till_others: int = 10
    """Redemptions of others at the same shop, without which nothing is known about who mostly serves there."""
    chance: float = 0.0001
    """How likely chance alone may be: one member in ten thousand, so that a district of 5,000 sees none of it."""

    limit_share: float = 0.05
    """How far below a limit is just under it: 24 minutes of eight hours."""
    limit_awards: int = 5
    """Fewer are a coincidence."""
    limit_part: float = 0.5
    """More than this part of somebody's awards are just under a limit."""
    limit_others: float = 0.25
    """If more than this part of everybody else's are too, it is how long such a service takes."""
    limit_members: int = 3
    """Members of whom an approver's awards are; with fewer it is the member who is looked at."""

    reversed_soon_seconds: int = 600
    """Ten minutes: what is taken back while somebody still stands at the counter."""
    reversed_soon: int = 5
    """Fewer are slips of the pen."""
    reversals: int = 10
    """Fewer are a month's corrections."""
    reversals_times_others: int = 3
    """So many times what others take back for each entry they make."""

    same_measure_days: int = 10
    """The same minutes on so many days in a row: two working weeks."""
    same_measure_gap_days: int = 3
    """Days in a row may leave out a weekend."""
    round_measures: int = 20
    """Measures of an operator before anything is said about how round they are."""
    round_part: float = 0.95
    round_others: float = 0.5
    """Nearly all of one operator's are whole hours, and no more than half of those that others write down."""
    round_minutes: int = 60

    backdated_days: int = 45
    """A list of last month is typed in this month; what is older was forgotten, or made up."""
    backdated_entries: int = 1
    """One that is so old is worth a question."""

    gathered_givers: int = 5
    """Fewer are a family."""
    given_away: float = 0.8
    """Of what a giver was awarded, what went on as gifts."""

    evidence_awards: int = 20
    evidence_part: float = 0.8
    """A service of which most awards show evidence; the others are then the exception."""

    shortages: int = 3
    shortage_counts_by_others: int = 3
    """Twice can be chance; and without counts by others there is nobody to compare with."""

    hasty_seconds: int = 10
    """Nobody has read a claim and looked at its evidence in less."""
    hasty_reviews: int = 5
    hasty_part: float = 0.5
    """As with limits: some, and most of what this person approves."""
