"""The guides name every command, option, outcome, state, reason and error, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from bot import errors
from bot.__main__ import _COMMANDS, cli
from bot.commands.ask import result
from bot.dialogue import Circumstances
from bot.errors import BadBody, BotError
from bot.models import DeliveryState, Outcome, Reply
from bot.telemetry import Metrics
from tests.channels import vectors
from tests.small_answers import NOW
from webhooks import messenger_items
from webhooks import zalo as zalo_module
from webhooks.base import Channel
from webhooks.messenger import MessengerChannel
from webhooks.zalo import ZaloChannel

ROOT = Path(__file__).parents[2]
CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
OUTCOMES = (ROOT / "docs" / "outcomes.md").read_text(encoding="utf-8")
GUIDES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
}
COMMANDS = sorted(_COMMANDS)


def _command(name: str) -> click.Command:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    return command


def _options(name: str) -> list[str]:
    """The options of a command, or of all commands under it."""
    command = _command(name)
    parts = [*command.commands.values()] if isinstance(command, click.Group) else [command]
    params = [param for part in parts for param in part.params]
    return [flag for param in params for flag in param.opts if flag.startswith("--")]


def _section(name: str) -> str:
    """The part of docs/cli.md about one command."""
    found = re.search(rf"^### `bot {name}\b.*?(?=^##|\Z)", CLI, re.MULTILINE | re.DOTALL)
    assert found, f"add a section ### `bot {name}` to docs/cli.md"
    return found.group()


def _first_cells(text: str) -> set[str]:
    """The `words` in the first cells of the tables."""
    cells = (line.split("|")[1] for line in text.splitlines() if line.startswith("| `"))
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


# -- commands -------------------------------------------------------------------------------
@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained_under_its_command(name: str) -> None:
    section = _section(name)
    for option in _options(name):
        assert re.search(rf"^\| `{option}\b", section, re.MULTILINE), f"{name} {option}"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_guide_names_no_other_option(name: str) -> None:
    named = re.findall(r"^\| `(--[a-z-]+)", _section(name), re.MULTILINE)
    assert sorted(named) == sorted(_options(name))


def test_the_guide_names_no_other_command() -> None:
    assert set(re.findall(r"^### `bot ([a-z]+)", CLI, re.MULTILINE)) == set(COMMANDS)


def test_every_field_of_a_result_is_explained() -> None:
    fields = result(Reply(Outcome.CHITCHAT), Circumstances(now=NOW))
    assert set(fields) <= _first_cells(_section("ask"))


@pytest.mark.parametrize("code", ["0", "1", "2"])
def test_exit_codes_are_explained(code: str) -> None:
    assert re.search(rf"^\| {code} \| .{{4,}}", CLI, re.MULTILINE)


# -- outcomes, states, reasons ------------------------------------------------------------------
@pytest.mark.parametrize("word", [*Outcome, *DeliveryState])
def test_every_outcome_and_state_is_explained(word: str) -> None:
    assert word in _first_cells(OUTCOMES)


def _sample_reasons() -> set[str]:
    """Every reason under which a sample body of the platforms is counted."""
    channels: list[tuple[str, Channel]] = [
        ("zalo", ZaloChannel([vectors.OA], http=lambda: None)),  # type: ignore[arg-type, return-value]
        ("fb", MessengerChannel([vectors.PAGE], http=lambda: None)),  # type: ignore[arg-type, return-value]
    ]
    found = {"duplicate"}
    for platform, channel in channels:
        for name in vectors.samples(platform):
            try:
                parsed = channel.parse(vectors.payload(name))
            except BadBody:
                continue
            found |= {item.reason for item in parsed.ignored}
    return found


def test_every_reason_to_ignore_is_explained() -> None:
    listed = {*zalo_module._IGNORED.values(), *messenger_items._IGNORED.values()}
    assert (_sample_reasons() | listed) <= _first_cells(OUTCOMES)


@pytest.mark.parametrize("source", ["webhooks/zalo.py", "webhooks/messenger_items.py"])
def test_reasons_written_in_the_code_are_explained(source: str) -> None:
    code = (ROOT / source).read_text(encoding="utf-8")
    calls = re.findall(
        r"(?:_ignored|\.ignore|_signal|Ignored)\(([^()]*(?:\([^()]*\))?[^()]*)\)", code
    )
    words = {word for call in calls for word in re.findall(r'"([a-z_]{4,})"', call)}
    kinds = {"message", "postback", "none"}
    assert words - kinds
    assert words - kinds <= _first_cells(OUTCOMES)


# -- errors and metrics -----------------------------------------------------------------------
def _tree(kind: type[BotError]) -> list[type[BotError]]:
    return [kind, *(one for child in kind.__subclasses__() for one in _tree(child))]


ERRORS = sorted({kind.__name__ for kind in _tree(BotError) if kind.__module__ == errors.__name__})


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_is_explained(name: str) -> None:
    assert name in _first_cells(OUTCOMES)
    assert name in (errors.__doc__ or ""), "draw it in the tree of bot/errors.py"


def test_the_guide_names_no_other_error() -> None:
    section = OUTCOMES.partition("## Errors")[2]
    assert _first_cells(section) == set(ERRORS)


@pytest.mark.parametrize("name", Metrics().names())
def test_every_metric_is_explained(name: str) -> None:
    assert any(name in text for text in GUIDES.values())


# -- links ------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", sorted(GUIDES))
def test_links_between_the_guides_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", GUIDES[name]):
        if "://" not in target:
            assert ((ROOT / name).parent / target).exists(), target


@pytest.mark.parametrize("name", sorted(GUIDES))
def test_the_guides_call_only_commands_that_exist(name: str) -> None:
    later = {
        "zalo",
        "profile",
        "publish",
        "user",
        "report",
        "coverage",
        "diff",
        "import",
        "account",
    }
    for command in re.findall(r"(?:`|bin/)bot ([a-z]+)\b", GUIDES[name]):
        assert command in COMMANDS or command in later, command
