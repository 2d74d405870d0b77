"""The whole programme against the naive model: one mixin of commands per area, and the machine is their sum."""
