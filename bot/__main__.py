"""The command line: `bot` or `python -m bot`. Thin: each command lives in `bot.commands`.

Commands are imported when called, so that `bot ask` does not load the web server.
"""

from __future__ import annotations

import importlib
import io
import sys

import click

from bot import __version__
from bot.errors import BotError

_COMMANDS = {
    "ask": ("bot.commands.ask", "answer one question, or a file of them"),
    "check": ("bot.commands.knowledge", "validate the knowledge base"),
    "coverage": ("bot.commands.coverage", "what the knowledge base covers, and its holes"),
    "diff": ("bot.commands.coverage", "which answers read differently on two days"),
    "eval": ("bot.commands.evaluate", "accuracy report on labelled questions"),
    "fit": ("bot.commands.fit", "fit matching on labelled questions"),
    "forget": ("bot.commands.operate", "delete one citizen's data"),
    "ledger": ("bot.commands.operate", "the balancing ledger of a day"),
    "new": ("bot.commands.knowledge", "scaffold an answer, directive, place or value"),
    "profile": ("bot.commands.profile", "push the Messenger profile"),
    "publish": ("bot.commands.publish", "check and activate the knowledge, or roll back"),
    "replay": ("bot.commands.operate", "put dead-lettered deliveries back"),
    "report": ("bot.commands.report", "the report of a week"),
    "serve": ("bot.commands.serve", "run the service"),
    "switch": ("bot.commands.switch", "turn a channel, account or topic off and on"),
    "user": ("bot.commands.user", "users of the staff console"),
    "zalo": ("bot.commands.zalo", "log an Official Account in"),
}

#: Where a command's function cannot be named like the command.
_NAMES = {"eval": "evaluate_command"}


class _Lazy(click.Group):
    """A group whose commands are imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(_COMMANDS[cmd_name][0])
        command = getattr(module, _NAMES.get(cmd_name, cmd_name))
        assert isinstance(command, click.Command)  # noqa: S101 - a programming error, not input
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][1]) for name in sorted(_COMMANDS)])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="bot")
def cli() -> None:
    """Answer desk for Vietnamese health insurance: dated, placed, cited answers."""


def main() -> None:
    """Entry point. Known errors print one sentence and end with exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Vietnamese whatever the locale.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        cli()
    except BotError as error:
        click.echo(str(error), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
