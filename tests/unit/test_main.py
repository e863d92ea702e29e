"""The entry point: every command has help, and known errors end with one sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import __main__ as entry
from bot import __version__
from bot.errors import BotError, KnowledgeError

COMMANDS = sorted(entry._COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_command_has_help(name: str, option: str) -> None:
    done = CliRunner().invoke(entry.cli, [name, option])
    assert done.exit_code == 0
    assert f"Usage: cli {name}" in done.stdout
    command = entry.cli.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    assert len(command.get_short_help_str()) > 15
    for param in command.params:
        if param.param_type_name == "option":
            assert getattr(param, "help", ""), param.name


def test_the_list_of_commands() -> None:
    done = CliRunner().invoke(entry.cli, ["--help"])
    assert done.exit_code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in done.stdout


def test_commands_of_the_contract_exist() -> None:
    assert {
        "ask",
        "check",
        "eval",
        "fit",
        "forget",
        "ledger",
        "new",
        "replay",
        "serve",
    } <= set(COMMANDS)


def test_version() -> None:
    done = CliRunner().invoke(entry.cli, ["--version"])
    assert done.stdout == f"bot, version {__version__}\n"


def test_an_unknown_command_is_a_usage_error() -> None:
    done = CliRunner().invoke(entry.cli, ["sing"])
    assert done.exit_code == 2
    assert "No such command 'sing'" in done.stderr


def _main(monkeypatch: pytest.MonkeyPatch, *args: str) -> int:
    monkeypatch.setattr(sys, "argv", ["bot", *args])
    with pytest.raises(SystemExit) as ended:
        entry.main()
    return int(ended.value.code or 0)


def test_a_known_error_is_one_sentence_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise KnowledgeError("knowledge/answers/x.yaml:3: write a date as YYYY-MM-DD")

    monkeypatch.setattr("bot.commands.ask.load_desk", broken)
    assert _main(monkeypatch, "ask", "xin chào") == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "knowledge/answers/x.yaml:3: write a date as YYYY-MM-DD\n"


def test_wrong_settings_are_told_in_sentences(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOT__SERVER__PORT", "many")
    monkeypatch.setenv("BOT__NONSENSE", "1")
    assert _main(monkeypatch, "ask", "xin chào") == 1
    shown = capsys.readouterr().err
    assert "BOT__SERVER__PORT" in shown
    assert "BOT__NONSENSE" in shown
    assert "Traceback" not in shown


def test_an_unknown_error_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.commands.ask.load_desk", broken)
    monkeypatch.setattr(sys, "argv", ["bot", "ask", "xin chào"])
    with pytest.raises(ZeroDivisionError):
        entry.main()


def test_every_error_has_a_sentence() -> None:
    def tree(kind: type[BotError]) -> list[type[BotError]]:
        return [kind, *(one for child in kind.__subclasses__() for one in tree(child))]

    from bot import errors

    for kind in tree(BotError):
        if kind.__module__ == errors.__name__:
            assert str(kind()).endswith("."), kind


def test_vietnamese_is_printed_whatever_the_locale() -> None:
    """`python -m bot` in a process of its own, as a cron job or a Windows console calls it."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "ask", "--help"],
        env={"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0", "PATH": ""},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "TÊN" in done.stdout.decode("utf-8")
