"""Run by a peer's own interpreter: does what it is told, line by line, and answers how long it took.

    python player.py ADAPTER PLAN DIRECTORY [PLACE]

This file and the adapters import nothing but Python's library and the peer. A line is a list in JSON:
`["prepare", KIND, FIRST, LAST]` takes a share of the plan and makes the peer's own arguments of it; `["go"]`
does it and answers seconds; `["balances"]` answers debits less credits of every account. What the peer prints
goes to stderr.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from time import perf_counter


def adapter_at(path):
    """The module of the file *path*, under a name that hides no package."""
    spec = importlib.util.spec_from_file_location("adapter_of_this_peer", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Player:
    """A peer with its accounts founded."""

    def __init__(self, peer, plan):
        self.peer = peer
        self.plan = plan
        self.prepared = None

    def prepare(self, kind, first, last):
        """Take a share of the plan; nothing of it is timed."""
        if kind == "balance":
            self.prepared = (kind, self.plan["asked"][first:last])
        else:
            self.prepared = (kind, self.peer.prepared(self.plan["commands"][first:last]))
        return "ready"

    def go(self):
        """Do what was prepared, and answer its seconds."""
        kind, share = self.prepared
        if kind == "bulk":
            start = perf_counter()
            self.peer.bulk(share)
            return perf_counter() - start
        act = {"post": self.peer.post, "balance": self.peer.balance}[kind]
        start = perf_counter()
        for each in share:
            act(each)
        return perf_counter() - start

    def balances(self):
        """Debits less credits of each account, in the plan's order."""
        return [int(self.peer.balance(number)) for number in range(len(self.plan["accounts"]))]


def main(adapter, plan_path, directory, place=None):
    """Found the accounts, then do what stdin says until it ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    with open(plan_path, encoding="utf-8") as file:
        plan = json.load(file)
    module = adapter_at(adapter)
    peer = module.Peer(plan["accounts"], directory, place)
    peer.bulk(peer.prepared([[move] for move in plan["founding"]]))
    player = Player(peer, plan)

    def answer(value):
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    answer(module.versions())
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        answer({"prepare": player.prepare, "go": player.go, "balances": player.balances}[name](*arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
