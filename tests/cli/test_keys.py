"""Keys, witnesses and copies put back, typed."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from tests.audit.books import backup
from tests.audit.tamper import edit_leaf, raw
from tests.cli.conftest import Shell
from tests.cli.test_counter import said
from timebank.tlog.checkpoint import Checkpoint, generate_key, parse_verifier, sign_checkpoint

TWO = ("--by", "admin", "--approved-by", "committee-1")
SIZE = 20


@pytest.fixture
def own(shell: Shell) -> Shell:
    """The ledger after its first day; its key is for its owner only."""
    key(shell).chmod(0o600)
    return shell


def beside(shell: Shell, suffix: str) -> Path:
    return Path(f"{shell.file}{suffix}")


def key(shell: Shell) -> Path:
    return beside(shell, ".key")


def kept(shell: Shell, name: str, text: str) -> str:
    """The text in a file beside the ledger."""
    path = shell.file.parent / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def grow(shell: Shell, *names: str) -> None:
    for name in names:
        shell.run("organisation", "add", "FILE", name, "--name", "网格", "--level", "grid", "--parent", "yungu",
                  "--by", "admin")  # fmt: skip


def vkey(shell: Shell) -> str:
    return str(shell.json("key", "show", "FILE")["vkey"])


# --- key ---------------------------------------------------------------------------------------------------


def test_the_key_is_shown_and_changed(both: Shell) -> None:
    key(both).chmod(0o600)
    old = vkey(both)
    out = both.out("key", "rotate", "FILE", *TWO)
    said(both, out, "The book is signed by a new key.", "账本改由新密钥签名。")
    shown = both.json("key", "show", "FILE")
    assert (shown["since"], shown["mode"], shown["warnings"]) == (SIZE, "0600", [])
    assert [each["since"] for each in shown["keys"]] == [0, SIZE]
    assert shown["vkey"] in out
    assert shown["vkey"] != old
    lines = both.out("key", "show", "FILE")
    assert shown["vkey"] in lines
    assert f"0  {old}" in lines
    said(both, both.out("journal", "FILE", "--from", str(SIZE)), "signs from here on", "签名")
    parse_verifier(shown["vkey"])
    both.run("checkpoint", "FILE")
    said(both, both.out("verify", "FILE"), "No findings.", "没有审计发现")


def test_an_old_key_is_kept_or_destroyed(own: Shell) -> None:
    kept_at = own.out("key", "rotate", "FILE", *TWO).splitlines()[1].removeprefix("The old key is kept in ")
    assert stat.S_IMODE(Path(kept_at.rstrip(".")).stat().st_mode) == 0o600
    assert "overwritten" in own.out("key", "rotate", "FILE", *TWO, "--destroy")
    assert len(list(own.file.parent.glob("*.old"))) == 1


@pytest.mark.parametrize(
    ("spoil", "warning"),
    [
        (lambda path: path.chmod(0o644), "chmod 600"),
        (lambda path: path.unlink(), "cannot be signed here"),
        (lambda path: path.write_text(generate_key("yungu.example/timebank").private_text), "is not the key"),
        (lambda path: path.write_text("PRIVATE+KEY+x+12"), "PRIVATE+KEY+…"),
    ],
)
def test_a_key_file_that_is_not_as_it_should_be_is_warned_of(own: Shell, spoil: Any, warning: str) -> None:
    assert own.run("key", "show", "FILE").stderr == ""
    spoil(key(own))
    stderr = own.run("key", "show", "FILE").stderr
    assert warning in stderr
    assert "PRIVATE+KEY+x" not in stderr
    assert len(own.json("key", "show", "FILE")["warnings"]) == 1


def test_a_key_is_changed_by_those_who_may(own: Shell) -> None:
    refused = own.error("key", "rotate", "FILE", "--by", "grid-7", "--approved-by", "admin", code=3)
    assert "[role-not-allowed]" in refused
    assert "[self-approval]" in own.error(
        "key", "rotate", "FILE", "--by", "admin", "--approved-by", "admin", code=3
    )
    assert not beside(own, ".key.new").exists()


# --- restore -----------------------------------------------------------------------------------------------


@pytest.fixture
def lost(own: Shell) -> Shell:
    """The ledger is lost after 22 entries were signed; copy.timebank has 20, and late.note says 21."""
    own.run("checkpoint", "FILE")
    backup(own.file, own.file.parent / "copy.timebank")
    grow(own, "east")
    kept(own, "late.note", own.out("checkpoint", "FILE"))
    grow(own, "west")
    own.run("checkpoint", "FILE")
    own.file.rename(beside(own, ".broken"))
    for side in ("-wal", "-shm"):
        beside(own, side).unlink(missing_ok=True)
    return own


def restore(shell: Shell) -> tuple[str, ...]:
    return ("restore", str(shell.file.parent / "copy.timebank"), "FILE")


EPOCH = ("--new-epoch", "--reason", "disk-broken", *TWO)


def files(shell: Shell) -> dict[str, bytes]:
    sides = ("-shm", "-wal")  # left behind by whoever reads a database
    return {path.name: path.read_bytes() for path in shell.file.parent.iterdir() if not path.name.endswith(sides)}


def test_a_copy_that_lacks_nothing_is_put_in_place(own: Shell) -> None:
    note = kept(own, "a.note", own.out("checkpoint", "FILE"))
    backup(own.file, own.file.parent / "copy.timebank")
    own.file.unlink()
    for side in ("-wal", "-shm"):
        beside(own, side).unlink(missing_ok=True)
    assert f"is in place: {SIZE} entries" in own.out(*restore(own), "--checkpoint", note)
    assert "No findings." in own.out("verify", "FILE", "--checkpoint", note)
    assert own.json("journal", "FILE")["size"] == SIZE
    grow(own, "east")
    own.run("checkpoint", "FILE")


def test_a_copy_that_is_too_old_is_put_in_place_with_a_new_epoch_only(lost: Shell) -> None:
    late = str(lost.file.parent / "late.note")
    before = files(lost)
    refused = lost.error(*restore(lost), "--checkpoint", late, code=3)
    assert "[copy-too-old]" in refused
    assert "--new-epoch" in refused
    assert f"{SIZE + 2} were signed ({lost.file}.signed)" in refused
    assert files(lost) == before
    out = lost.out(*restore(lost), "--checkpoint", late, *EPOCH)
    assert (
        f"Epoch 1 begins with entry {SIZE}: entries {SIZE} to {SIZE + 1} that were signed are declared lost."
        in out
    )
    note = kept(lost, "new.note", out[out.index("yungu.example/timebank\n") :])
    for notes in (("--checkpoint", late), ("--checkpoint", note), ("--checkpoint", late, "--checkpoint", note)):
        assert "No findings." in lost.out("verify", "FILE", *notes)
    shown = lost.json("verify", "FILE", "--checkpoint", late)
    assert [(each["code"], each["seq"]) for each in shown["notices"]] == [
        ("epoch-opened", SIZE),
        ("lost-tail", SIZE),
    ]
    assert late in shown["notices"][1]["message"]
    grow(lost, "north", "south")
    lost.run("checkpoint", "FILE")
    assert "No findings." in lost.out("verify", "FILE", "--checkpoint", late, "--checkpoint", note)
    in_chinese = lost.in_chinese().out("verify", "FILE", "--checkpoint", late)
    assert "须知 2 项" in in_chinese


def test_the_signer_goes_on_after_the_epoch_and_not_from_the_lost_file(lost: Shell) -> None:
    lost.run(*restore(lost), *EPOCH)
    grow(lost, "north")
    lost.run("checkpoint", "FILE")
    lost.file.unlink()
    beside(lost, ".broken").rename(lost.file)
    for side in ("-wal", "-shm"):
        beside(lost, side).unlink(missing_ok=True)
    grow(lost, "again")
    assert "[log-diverged]" in lost.error("checkpoint", "FILE", code=4)


def test_a_copy_without_the_epoch_is_still_not_signed(lost: Shell) -> None:
    """Who puts the copy there by hand goes on without anybody being told: the signer refuses."""
    backup(lost.file.parent / "copy.timebank", lost.file)
    grow(lost, "north", "south", "middle")
    assert "[log-diverged]" in lost.error("checkpoint", "FILE", code=4)


def test_without_its_key_a_copy_is_put_in_place_and_signed_later(lost: Shell) -> None:
    away = key(lost).rename(lost.file.parent / "safe.key")
    result = lost.run(*restore(lost), *EPOCH)
    assert "It is not signed yet" in result.stderr
    away.rename(key(lost))
    lost.run("checkpoint", "FILE")
    assert "No findings." in lost.out("verify", "FILE", "--checkpoint", str(lost.file.parent / "late.note"))


def test_refusals_leave_nothing(lost: Shell) -> None:
    copy = lost.file.parent / "copy.timebank"
    fork = sign_checkpoint(
        Checkpoint("yungu.example/timebank", 10, b"f" * 32), generate_key("yungu.example/timebank")
    )
    other = sign_checkpoint(Checkpoint("other.example/a", 99, b"f" * 32), generate_key("other.example/a"))
    before = files(lost)

    def check(code: int, error: str, *words: str) -> None:
        assert f"[{error}]" in lost.error(*words, code=code)
        assert {name: data for name, data in files(lost).items() if name in before} == before
        assert not lost.file.exists()

    check(2, "file-missing", "restore", str(copy) + "x", "FILE")
    check(2, "not-a-ledger", "restore", str(lost.file.parent / "late.note"), "FILE")
    check(2, "file-missing", *restore(lost), "--checkpoint", "no.note")
    check(2, "bad-note", *restore(lost), "--checkpoint", str(key(lost)))
    check(3, "self-approval", *restore(lost), *EPOCH[:3], "--by", "admin", "--approved-by", "admin")
    check(3, "role-not-allowed", *restore(lost), *EPOCH[:3], "--by", "grid-7", "--approved-by", "admin")
    check(2, "bad-code", *restore(lost), "--new-epoch", "--reason", "No Code", *TWO)
    check(2, "usage", *restore(lost), "--new-epoch", *TWO)
    before |= {Path(kept(lost, name, text)).name: text.encode() for name, text in (("f", fork), ("o", other))}
    check(4, "copy-damaged", *restore(lost), "--checkpoint", str(lost.file.parent / "f"), *EPOCH)
    check(4, "copy-damaged", *restore(lost), "--checkpoint", str(lost.file.parent / "o"), *EPOCH)
    edit_leaf(copy, 5, lambda members: members.update(nonce="A" * 22))
    before["copy.timebank"] = copy.read_bytes()
    check(4, "copy-damaged", *restore(lost), *EPOCH)


def test_a_ledger_that_is_there_is_not_replaced_and_nothing_lost_opens_no_epoch(lost: Shell) -> None:
    lost.run(*restore(lost), *EPOCH)
    assert "[file-exists]" in lost.error(*restore(lost), *EPOCH, code=2)
    backup(lost.file, lost.file.parent / "fresh.timebank")
    lost.file.unlink()
    for side in ("-wal", "-shm"):
        beside(lost, side).unlink(missing_ok=True)
    fresh = ("restore", str(lost.file.parent / "fresh.timebank"), "FILE")
    assert "[nothing-lost]" in lost.error(*fresh, *EPOCH, code=3)
    assert f"{SIZE + 1} entries" in lost.out(*fresh)


def test_an_older_copy_is_brought_up_to_date(lost: Shell) -> None:
    with raw(lost.file.parent / "copy.timebank") as connection:
        for table in ("erasure", "epoch", "signing_key"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name >= 'step_0009'")
        connection.execute("PRAGMA user_version = 8")
    lost.run(*restore(lost), *EPOCH)
    assert lost.json("key", "show", "FILE")["since"] == 0
    assert "No findings." in lost.out("verify", "FILE", "--checkpoint", str(lost.file.parent / "late.note"))


# --- witness -----------------------------------------------------------------------------------------------


def begun(shell: Shell, name: str = "street") -> tuple[str, str]:
    """A witness's memory and its public key."""
    state = str(shell.file.parent / f"{name}.witness")
    out = shell.out("witness", "init", state, "--name", f"{name}.example/w")
    return state, out.splitlines()[1]


def test_a_witness_cosigns_and_its_note_counts(both: Shell) -> None:
    state, published = begun(both)
    assert stat.S_IMODE(Path(state).stat().st_mode) == 0o600
    parent = both.file.parent
    both.run("witness", "request", "FILE", "--old", "0", "--out", str(parent / "r"))
    both.run("witness", "cosign", state, str(parent / "r"), "--key", vkey(both), "--out", str(parent / "c"))
    out = both.out("witness", "add", "FILE", str(parent / "c"), "--witness", published)
    said(
        both,
        out,
        f"The first {SIZE} entries are cosigned by street.example/w",
        f"前 {SIZE} 条分录已由 street.example/w 见证",
    )
    shown = both.out("verify", "FILE", "--witness", published)
    said(both, shown, "No findings.", "没有审计发现")
    said(both, shown, f"street.example/w cosigned the first {SIZE} entries", f"见证了前 {SIZE} 条分录")
    grow(both, "east")
    request = kept(both, "r2", both.out("witness", "request", "FILE", "--old", str(SIZE)))
    answer = kept(both, "c2", both.out("witness", "cosign", state, request))
    both.run("witness", "add", "FILE", answer, "--witness", kept(both, "published", published + "\n"))
    assert both.json("verify", "FILE", "--witness", published)["notices"][0]["facts"]["size"] == SIZE + 1
    books = both.json("witness", "show", state)["books"]
    assert [(each["origin"], each["entries"]) for each in books] == [("yungu.example/timebank", SIZE + 1)]
    assert "yungu.example/timebank" in both.out("witness", "show", state)
    assert published in both.out("witness", "show", state)


def test_a_witness_refuses_what_does_not_go_on(own: Shell) -> None:
    state, _ = begun(own)
    first = kept(own, "r", own.out("witness", "request", "FILE", "--old", "0"))
    assert "[log-unknown]" in own.error("witness", "cosign", state, first, code=2)
    own.run("witness", "cosign", state, first, "--key", vkey(own))
    before = Path(state).read_bytes()
    assert f"--old {SIZE}" in own.error("witness", "cosign", state, first, code=3)
    grow(own, "east")
    text = own.out("witness", "request", "FILE", "--old", str(SIZE))
    broken = kept(own, "b", text.replace(text.split("\n")[1], "A" * 43 + "="))
    assert "[proof-wrong]" in own.error("witness", "cosign", state, broken, code=4)
    assert "[request-wrong]" in own.error("witness", "cosign", state, kept(own, "n", "old 1\n"), code=2)
    assert "[signature-wrong]" in own.error(
        "witness",
        "cosign",
        state,
        kept(own, "s", text),
        "--key",
        generate_key("yungu.example/timebank").vkey,
        code=4,
    )
    assert Path(state).read_bytes() == before


def test_a_fork_is_seen(own: Shell, tmp_path: Path) -> None:
    state, _ = begun(own)
    own.run("witness", "cosign", state, kept(own, "r", own.out("witness", "request", "FILE", "--old", "0")),
            "--key", vkey(own))  # fmt: skip
    signer = generate_key("yungu.example/timebank")
    note = sign_checkpoint(Checkpoint("yungu.example/timebank", SIZE, b"f" * 32), signer)
    forged = kept(own, "f", f"old {SIZE}\n\n{note}")
    assert "[fork-seen]" in own.error("witness", "cosign", state, forged, "--key", signer.vkey, code=4)


def test_bad_files_and_keys_are_named(own: Shell) -> None:
    state, published = begun(own)
    assert "[file-exists]" in own.error("witness", "init", state, "--name", "a", code=2)
    assert "[bad-note]" in own.error("witness", "init", state + "2", "--name", "a b", code=2)
    assert not Path(state + "2").exists()
    assert "[bad-code]" in own.error("witness", "show", kept(own, "x", "{}"), code=2)
    assert "[file-missing]" in own.error("witness", "show", "no-such-file", code=2)
    assert "[request-wrong]" in own.error("witness", "request", "FILE", "--old", "21", code=2)
    assert "[bad-amount]" in own.error("witness", "request", "FILE", "--old", "x", code=2)
    answer = kept(own, "c", "no line\n")
    assert "[request-wrong]" in own.error("witness", "add", "FILE", answer, "--witness", published, code=2)
    assert "[bad-code]" in own.error("witness", "add", "FILE", answer, "--witness", vkey(own), code=2)
    assert "[file-missing]" in own.error("witness", "add", "no-file", answer, "--witness", published, code=2)
    assert "[bad-code]" in own.error("verify", "FILE", "--witness", vkey(own), code=2)
    assert "cosignature-missing" in own.run("verify", "FILE", "--witness", published, code=4).stdout
