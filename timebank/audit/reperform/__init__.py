"""Re-performance: an auditor's working papers and leads, from the leaves alone."""

from timebank.audit.reperform.audit import USUAL, Audit, audit
from timebank.audit.reperform.lead import Lead
from timebank.audit.reperform.papers import Papers
from timebank.audit.reperform.thresholds import Thresholds

__all__ = ["USUAL", "Audit", "Lead", "Papers", "Thresholds", "audit"]
