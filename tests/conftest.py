"""How hard Hypothesis tries: HYPOTHESIS_PROFILE is dev (the default), ci or night."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Making a ledger file is slow in Hypothesis's eyes; that is no fault of the data.
_SLOW = [HealthCheck.too_slow]

settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=_SLOW)
settings.register_profile(
    "ci", max_examples=500, deadline=None, derandomize=True, print_blob=True, suppress_health_check=_SLOW
)
settings.register_profile(
    "night", max_examples=20_000, deadline=None, print_blob=True, suppress_health_check=_SLOW
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def fewer(divisor: int, *, steps: int = 50) -> settings:
    """The profile's examples divided by *divisor* (but five at least), for what takes long: a state machine."""
    examples = max(5, settings.default.max_examples // divisor)
    return settings(max_examples=examples, stateful_step_count=steps)
