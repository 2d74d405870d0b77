"""A client: its threads send commands with keys, read, write their history, and go on after a kill."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from random import Random
from typing import Any, Final

import timebank
from tests.histories import acts, broken, written
from tests.histories.book import Clock

MOST_ATTEMPTS: Final = 60
BUSY_SECONDS: Final = 0.1
FAMILIES: Final = (timebank.Busy, timebank.Refused, timebank.InvalidInput)
"""After an error of these nothing was written."""


class Before:
    """What this client's history says when it starts: how far each thread was, what is unknown, what it has."""

    def __init__(self, path: Path, threads: int) -> None:
        self.next = [0] * threads
        self.attempts: dict[str, int] = {}
        self.answered: list[dict[str, list[int]]] = [{} for _ in range(threads)]
        open_ends: dict[str, dict[str, Any]] = {}
        for line in written.lines(path):
            if "op" not in line:
                continue
            name, attempt = line["op"].rsplit(".", 1)
            thread, number = (int(each) for each in name.split(".")[1:])
            if line["e"] == "invoke":
                open_ends[name] = line
                self.next[thread] = max(self.next[thread], number + 1)
                self.attempts[name] = int(attempt) + 1
                continue
            asked = open_ends.pop(name)
            if line["e"] == "ok" and "seq" in line["answer"]:
                self.answered[thread].setdefault(asked["request"]["do"], []).append(line["answer"]["seq"])
        self.unknown = [asked for asked in open_ends.values() if "key" in asked]


class Client:
    """One process's client, as *config* says."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.meta = json.loads(Path(config["meta"]).read_text(encoding="utf-8"))
        history = Path(config["history"])
        self.before = Before(history, config["threads"])
        self.history = written.Written(history)
        self.clock = Clock(self.meta["started"])
        self.bank: timebank.Bank

    def run(self) -> None:
        """Do all that is left to do, on all threads."""
        self.bank = self._open()
        broken.break_it(self.config["broken"], self.bank, self.history)
        for asked in self.before.unknown:
            name, attempt = asked["op"].rsplit(".", 1)
            answered = self.before.answered[int(name.split(".")[1])]
            self._send(name, asked["key"], asked["request"], int(attempt) + 1, answered)
        crew = [threading.Thread(target=self._work, args=(each,)) for each in range(self.config["threads"])]
        for each in crew:
            each.start()
        for each in crew:
            each.join()
        self.bank.close()

    def _open(self) -> timebank.Bank:
        for _ in range(MOST_ATTEMPTS):
            try:
                return timebank.open(self.config["book"], busy_seconds=BUSY_SECONDS, clock=self.clock)
            except (timebank.Busy, timebank.errors.CannotOpen) as error:
                self.history.line("not-opened", code=error.code)
                self._tick()
        raise SystemExit("the book could not be opened")

    def _work(self, thread: int) -> None:
        answered = self.before.answered[thread]
        chooser = acts.Chooser(self.meta, answered)
        for number in range(self.before.next[thread], self.config["operations"]):
            try:
                self._operate(thread, number, chooser, answered)
            except Exception as error:
                self.history.line("crash", thread=thread, number=number, error=f"{type(error).__name__}: {error}")
                os._exit(70)

    def _operate(self, thread: int, number: int, chooser: acts.Chooser, answered: dict[str, list[int]]) -> None:
        client, seed = self.config["client"], self.config["seed"]
        rng = Random(f"{seed}/{client}/{thread}/{number}")
        name, key = f"{client}.{thread}.{number}", f"c/{client}/{thread}/{number}"
        if rng.random() < 0.01:
            self.clock.off_seconds = rng.choice((-259_200, -3_600, -1, 0, 1, 3_600, 86_400, 259_200))
            self.history.line("clock", off_seconds=self.clock.off_seconds)
        kind = rng.choices(
            ("read", "command", "both", "batch", "again", "other"), weights=(35, 40, 10, 6, 5, 4), k=1
        )[0]
        if kind == "read":
            self._read(name, chooser.read(rng))
        elif kind == "both":
            self._send(name, *self._shared(thread, number, chooser), 0, answered)
        elif kind == "batch":
            self._send(name, key, chooser.batch(rng, key), 0, answered)
        else:
            request = chooser.plain(rng) if kind == "other" else chooser.command(rng)
            self._send(name, key, request, 0, answered)
            if kind != "command":
                again = acts.other_content(request) if kind == "other" else request
                self._send(name, key, again, self.attempts_of(name), answered)

    def _shared(self, thread: int, number: int, chooser: acts.Chooser) -> tuple[str, acts.Request]:
        """A key that another client sends too, at about the same time; now and then with other content."""
        client, seed = self.config["client"], self.config["seed"]
        place = f"{client // 2}/{thread}/{number // 8}"
        request = chooser.plain(Random(f"{seed}/both/{place}"))
        if Random(f"{seed}/{client}/differs/{place}").random() < 0.2:
            request = acts.other_content(request)
        return f"both/{place}", request

    def attempts_of(self, name: str) -> int:
        """How often the operation *name* was tried."""
        return self.before.attempts.get(name, 0)

    def _send(
        self, name: str, key: str, request: acts.Request, attempt: int, answered: dict[str, list[int]]
    ) -> None:
        """Send a command until it is done or refused; what is busy is sent again with the same key."""
        for number in range(attempt, attempt + MOST_ATTEMPTS):
            op = f"{name}.{number}"
            self.before.attempts[name] = number + 1
            self.history.line("invoke", op=op, key=key, request=request)
            try:
                answer = acts.do(self.bank, request, key)
            except timebank.TimebankError as error:
                self._failed(op, error)
                if not isinstance(error, timebank.Busy):
                    return
            else:
                self.history.line("ok", op=op, answer=answer)
                self._tick()
                if "seq" in answer:
                    answered.setdefault(request["do"], []).append(answer["seq"])
                return

    def _read(self, name: str, request: acts.Request) -> None:
        self.history.line("invoke", op=f"{name}.0", request=request)
        try:
            answer = acts.look(self.bank, request)
        except timebank.TimebankError as error:
            self._failed(f"{name}.0", error)
        else:
            self.history.line("ok", op=f"{name}.0", answer=answer)
            self._tick()

    def _failed(self, op: str, error: timebank.TimebankError) -> None:
        family = next((each.__name__ for each in FAMILIES if isinstance(error, each)), "")
        event = "fail" if family else "info"
        self.history.line(event, op=op, code=error.code, family=family, facts=error.facts())
        self._tick()

    def _tick(self) -> None:
        """Tell whoever makes the faults that something was answered."""
        os.write(1, b".")


if __name__ == "__main__":
    Client(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))).run()
