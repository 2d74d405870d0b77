"""The programme's rules and records, done again in plain Python from the leaves: the auditor's second path."""

from timebank.audit.programme.replay import ProgrammeReplay

__all__ = ["ProgrammeReplay"]
