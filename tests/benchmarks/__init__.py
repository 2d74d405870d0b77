"""Benchmarks: every figure is a ratio of two things run in turn (A B A B ...) in one script.

    python -m tests.benchmarks                 all of them, some minutes
    python -m tests.benchmarks --quick         smaller, under a minute
    python -m tests.benchmarks award verify    these alone

`work` makes the work W(n), `raw` is what it is measured against, `turns` runs things in turn, `table` prints.
"""
