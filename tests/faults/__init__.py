"""Faults that are made on purpose: power cuts, rebuilt write by write from what a real run told the system."""
