"""How commands are declared here: help in two languages, `--lang` everywhere, and errors turned into exit codes.

The help of a command, of an option and of a group is a message id of the sections [help] and [option].
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

from timebank.bank import Bank, open_bank
from timebank.cli import typed
from timebank.cli.language import LANGUAGE, say
from timebank.cli.output import JSON, put_error, put_problem, show_everything
from timebank.errors import Busy, Damaged, InvalidInput, Refused, TimebankError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from timebank.programme.members import Member

EXIT_CODES: Final[dict[type[TimebankError], int]] = {InvalidInput: 2, Refused: 3, Damaged: 4, Busy: 5}
EXIT_USAGE: Final = 2
EXIT_INTERRUPTED: Final = 130
_LANGUAGES: Final = {"zh": "zh_CN", "zh_CN": "zh_CN", "en": "en"}


class Option(click.Option):
    """An option whose help is a sentence of [option]: of its name, or the one that `help` names."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.message_id = self.help or self.human_readable_name.replace("_", "-")

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The option and its help, in the running command's language."""
        self.help = say("option", self.message_id)
        spec = super().get_help_record(ctx)
        return spec and (spec[0], spec[1].replace("[required]", say("usage", "required")))


def _chosen_language(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value:
        context.meta[LANGUAGE] = _LANGUAGES[value]


def _chosen_json(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.meta[JSON] = value


def _lang_option() -> Option:
    choice = click.Choice(list(_LANGUAGES))
    return Option(
        ["--lang"], type=choice, metavar="zh|en", is_eager=True, expose_value=False, callback=_chosen_language
    )


class _Spoken(click.Command):
    """A command that takes `--lang` and whose help is a sentence of [help]."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(_lang_option())

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """`--help`, explained in the running command's language."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = say("option", "help")
        return option

    def get_short_help_str(self, limit: int = 45) -> str:
        """One line for the list of commands."""
        return say("help", self.help or "")

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """How the command is typed."""
        prefix = say("usage", "usage")
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What the command does."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(say("help", self.help or ""))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's options; a group's commands follow."""
        options = (param for param in self.get_params(ctx) if isinstance(param, click.Option))
        records = [option.get_help_record(ctx) for option in options]
        with formatter.section(say("usage", "options")):
            formatter.write_dl([record for record in records if record])
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)


class Command(_Spoken):
    """A command."""


class Group(_Spoken, click.Group):
    """A group of commands."""

    def __init__(self, name: str, **settings: Any) -> None:
        super().__init__(name, help=name, **settings)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of a first day, not of the alphabet."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, each with its line."""
        rows = [(name, self.commands[name].get_short_help_str()) for name in self.list_commands(ctx)]
        with formatter.section(say("usage", "commands")):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that *args* begin with, or a usage error in the user's language."""
        if not args[0].startswith("-") and args[0] not in self.commands:
            raise click.UsageError(say("usage", "no-such-command", name=args[0]), ctx)
        return super().resolve_command(ctx, args)


class GroupWithDefault(Group):
    """A group whose command `of` is meant where no other one is named: `audit FILE` beside `audit compare`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that *args* begin with, else `of` with all of them."""
        if args[0] not in self.commands:
            args = ["of", *args]
        return super().resolve_command(ctx, args)


class Root(Group):
    """`timebank` itself: every error of a command leaves it as a sentence and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a TimebankError becomes a sentence on stderr and its family's exit code."""
        show_everything()
        try:
            return super().invoke(ctx)
        except TimebankError as error:
            put_error(error)
            ctx.exit(next(code for family, code in EXIT_CODES.items() if isinstance(error, family)))
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx else ctx.command_path
            put_problem("usage", usage_message(error), {"command": path})
            ctx.exit(EXIT_USAGE)
        except KeyboardInterrupt:
            click.echo("\n" + say("cli", "interrupted"), err=True)
            ctx.exit(EXIT_INTERRUPTED)


def usage_message(error: click.UsageError) -> str:
    """What was wrong with the way a command was typed, and where its help is."""
    path = error.ctx.command_path if error.ctx else "timebank"
    if isinstance(error, click.MissingParameter) and error.param is not None:
        what = say("usage", "missing", name=_name_of(error.param))
    elif isinstance(error, click.NoSuchOption):
        what = say("usage", "no-such-option", name=error.option_name)
    elif isinstance(error, click.BadOptionUsage):
        what = say("usage", "needs-value", name=error.option_name)
    elif isinstance(error, click.BadParameter) and error.param is not None:
        what = say("usage", "bad-value", name=_name_of(error.param), reason=error.message)
    else:
        what = error.message
    return say("usage", "see-help", what=what, command=path)


def _name_of(param: click.Parameter) -> str:
    return param.opts[0] if isinstance(param, click.Option) else param.make_metavar(click.Context(Command("-")))


def command(name: str, *, into: Group | None = None) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function the command *name*, in a group of commands if one is given."""
    if into is None:
        return click.command(name, cls=Command, help=name)
    return into.command(name, cls=Command, help=f"{into.name}-{name}")


def option(*names: str, **settings: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An option explained in two languages."""
    return click.option(*names, cls=Option, **settings)


def argument(name: str, **settings: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A required argument, shown in upper case."""
    return click.argument(name, **{"metavar": name.upper(), **settings})


FILE = argument("file")
BY = option("--by", required=True, envvar="TIMEBANK_BY", metavar="OPERATOR")
APPROVED_BY = option("--approved-by", required=True, envvar="TIMEBANK_APPROVED_BY", metavar="OPERATOR")
KEY = option("--key", metavar="KEY")
ON_DAY = option("--day", type=typed.day("day"), metavar="YYYY-MM-DD", help="day")
CARD_OPTION = option("--card", type=typed.narrow, metavar="CARD")
MEMBER_OPTION = option("--member", metavar="MEMBER")
AS_JSON = option("--json", is_flag=True, is_eager=True, expose_value=False, callback=_chosen_json)


@contextmanager
def reading(file: str) -> Iterator[Bank]:
    """The ledger *file*, opened for reading only."""
    with open_bank(file, readonly=True) as bank:
        yield bank


@contextmanager
def writing(file: str) -> Iterator[Bank]:
    """The ledger *file*, opened for a command."""
    with open_bank(file) as bank:
        yield bank


def one_of(**choices: object) -> None:
    """Raise a usage error unless exactly one of *choices* was given."""
    if sum(value is not None for value in choices.values()) != 1:
        names = ", ".join("--" + name.replace("_", "-") for name in choices)
        raise click.UsageError(say("usage", "one-of", names=names), click.get_current_context())


def holder(bank: Bank, *, card: str | None, member: str | None) -> Member:
    """The member named by an active card or by id."""
    return bank.members.get(member or "") if card is None else bank.members.by_card(card)
