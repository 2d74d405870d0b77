"""Peers: what people would pick instead, each in its own environment, in turn with timebank and raw.

    python -m tests.benchmarks peers                    all of them, some minutes
    python -m tests.benchmarks peers postgresql piecash these alone
    python -m tests.benchmarks peers --page docs/reference/performance.md

`peers.toml` says who they are, in which version, and what each keeps by itself. `environments` makes and caches
what they need. `adapters` has one file for each: how its own documentation has these transfers posted; `player`
runs an adapter in the peer's own interpreter. `match` plays the rounds, `books` does so for plain-text accounting,
`page` prints what came of it.
"""
