"""Benchmarks: every figure is a ratio of two things run in turn (A B A B ...) in one script.

    python -m tests.benchmarks                 all with a row in performance.md, some minutes
    python -m tests.benchmarks --quick         smaller: a minute or two
    python -m tests.benchmarks award verify    these alone
    python -m tests.benchmarks growth          books of 10 thousand to 10 million entries; only by its name
    python -m tests.benchmarks writers         threads and processes on one file; only by its name
    python -m tests.benchmarks peers           timebank beside what people would pick instead
    python -m tests.benchmarks profile         where the time goes, function by function

With `--figures` growth and writers keep what they measure, and draw it, in docs/reference/figures;
`python -m tests.docs.written` then writes their pages.

`work` makes the work W(n), `raw` is what it is measured against, `turns` runs things in turn, `table` prints,
`years` keeps large books between runs, `figures` keeps what was measured and draws it, `marks` are where
commands write on pages.
"""
