"""Mutation testing: does a test fail when a line is made wrong? `python -m tests.mutation tlog` (needs mutmut)."""
