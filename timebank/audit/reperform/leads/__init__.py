"""Where an auditor may want to ask: each module looks for one kind of thing, and reports leads, never findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.audit.reperform.leads.dates import Dates
from timebank.audit.reperform.leads.evidence import Evidences
from timebank.audit.reperform.leads.gathered import Gathered
from timebank.audit.reperform.leads.haste import Haste
from timebank.audit.reperform.leads.hours import Hours
from timebank.audit.reperform.leads.limits import Limits
from timebank.audit.reperform.leads.measures import Measures
from timebank.audit.reperform.leads.reversals import Reversals
from timebank.audit.reperform.leads.rings import Rings
from timebank.audit.reperform.leads.shortages import Shortages
from timebank.audit.reperform.leads.tills import Tills

if TYPE_CHECKING:
    from timebank.audit.reperform.leads.links import Links
    from timebank.audit.reperform.leads.looking import Looking
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.reperform.thresholds import Thresholds


def all_looking(setting: Setting, thresholds: Thresholds, links: Links) -> tuple[Looking, ...]:
    """Everything that looks for leads, in the order in which they are reported."""
    others = (Rings, Tills, Gathered, Haste, Limits, Measures, Evidences, Shortages, Reversals, Dates, Hours)
    return (links, *(each(setting, thresholds) for each in others))
