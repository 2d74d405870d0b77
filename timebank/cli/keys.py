"""The key that signs: looked at, and changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from timebank.cli.commands import (
    APPROVED_BY,
    AS_JSON,
    BY,
    FILE,
    Group,
    command,
    option,
    reading,
    writing,
)
from timebank.cli.language import error_message, say
from timebank.cli.output import (
    put,
    put_facts,
    put_json,
    put_posted,
    wants_json,
)
from timebank.errors import InvalidInput, KeyMissing
from timebank.storage.keys import KeyFile

if TYPE_CHECKING:
    from timebank.programme.keys import SigningKey

key = Group("key")


@command("show", into=key)
@FILE
@AS_JSON
def key_show(file: str) -> None:
    """Show which key signs, and who can read it."""
    with reading(file) as bank:
        in_force, keys = bank.keys.in_force(), bank.keys.all()
    key_file = KeyFile(Path(file))
    mode = None if key_file.mode is None else f"{key_file.mode:04o}"
    if wants_json():
        put_json(
            {
                "vkey": None if in_force is None else in_force.vkey,
                "since": None if in_force is None else in_force.seq,
                "key_file": str(key_file.path),
                "mode": mode,
                "warnings": _warnings(key_file, in_force),
                "keys": [{"vkey": each.vkey, "since": each.seq} for each in keys],
            }
        )
        return
    if in_force is None:
        put(say("cli", "key-none"))
    else:
        facts: list[tuple[str, object]] = [("vkey", in_force.vkey), ("since", in_force.seq)]
        facts += [] if mode is None else [("key-file", key_file.path), ("mode", mode)]
        put_facts((say("head", name), value) for name, value in facts)
    for earlier in keys[:-1]:
        put(f"{earlier.seq}  {earlier.vkey}")
    warn_of_key_file(key_file, in_force)


def _warnings(key_file: KeyFile, in_force: SigningKey | None) -> list[str]:
    """What is not as it should be with the key file, in words."""
    if in_force is None:
        return []
    said = [say("cli", "key-open", path=key_file.path)] if key_file.is_open_to_others else []
    try:
        if in_force.vkey not in [each.vkey for each in key_file.both()]:
            said.append(say("cli", "key-other", path=key_file.path))
    except KeyMissing:
        said.append(say("cli", "key-gone", path=key_file.path))
    except InvalidInput as error:
        said.append(error_message(error))
    return said


def warn_of_key_file(key_file: KeyFile, in_force: SigningKey | None) -> None:
    """A line on stderr for each thing that is not as it should be with the key file."""
    for warning in _warnings(key_file, in_force):
        click.echo(warning, err=True)


@command("rotate", into=key)
@FILE
@BY
@APPROVED_BY
@option("--destroy", is_flag=True)
def key_rotate(file: str, by: str, approved_by: str, destroy: bool) -> None:
    """Make a new signing key and let it sign from here on."""
    with writing(file) as bank:
        old = bank.keys.in_force()
        posted = bank.rotate_key(by=by, approved_by=approved_by, destroy=destroy)
        new = bank.keys.in_force()
    put_posted(posted)
    if old is not None:
        kept = KeyFile(Path(file)).old_path(old.vkey)
        put(say("cli", "key-old-destroyed") if destroy else say("cli", "key-old-kept", path=kept))
    put(say("cli", "key-new"))
    put("" if new is None else new.vkey)
    warn_of_key_file(KeyFile(Path(file)), new)
