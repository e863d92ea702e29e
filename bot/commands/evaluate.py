"""`bot eval`: accuracy on labelled questions, with the misses; fails below the thresholds."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from bot.commands.ask import converse
from bot.commands.common import build_desk, knowledge_folder
from bot.config import load_settings
from bot.errors import BotError
from bot.match.evaluate import Response, evaluate
from bot.models import Reply
from knowledge.loader import load_or_raise


@click.command("eval")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--misses", is_flag=True, help="list every message that was not answered right")
def evaluate_command(files: tuple[Path, ...], *, misses: bool) -> None:
    """Accuracy report on labelled questions (JSON Lines); exit 1 below the thresholds."""
    settings = load_settings()
    desk = build_desk(settings, load_or_raise(knowledge_folder(settings)))

    def respond(row: Mapping[str, Any]) -> Sequence[Response]:
        options = {"as_of": row.get("as_of"), "province": None, "staff": False}
        try:
            turns = [turn["user"] for turn in row["turns"]] if "turns" in row else [row["text"]]
            replies, _ = converse(desk, turns, options)
        except (KeyError, TypeError, ValueError) as error:
            raise BotError(f"row {row.get('id')}: {error}") from error
        return [_response(reply) for reply in replies]

    report = evaluate(
        [row for file in files for row in rows_of(file)], respond, desk.snapshot.topics
    )
    for line in report.lines():
        click.echo(line)
    if misses:
        for row_id, text, wanted, verdict, given in report.misses:
            click.echo(f"{verdict}\t{row_id}\t{wanted}\t{given}\t{text}")
    limits = settings.evaluation
    failed = [
        f"{name}: {100 * figure:.1f} %, {word} {100 * limit:.1f} % wanted"
        for name, figure, word, limit, ok in (
            (
                "right or offered",
                report.right_or_offered,
                "at least",
                limits.min_right_or_offered,
                report.right_or_offered >= limits.min_right_or_offered,
            ),
            (
                "wrong in scope",
                report.wrong,
                "at most",
                limits.max_wrong,
                report.wrong <= limits.max_wrong,
            ),
            (
                "answered out of scope",
                report.outside_answered,
                "at most",
                limits.max_outside_answered,
                report.outside_answered <= limits.max_outside_answered,
            ),
        )
        if not ok
    ]
    for line in failed:
        click.echo(f"below the threshold: {line}", err=True)
    sys.exit(1 if failed else 0)


def _response(reply: Reply) -> Response:
    return Response(
        outcome=reply.outcome.value,
        topic=reply.topic,
        more=tuple(topic for _, topic in reply.more),
        options=tuple(option.topic for option in reply.options),
    )


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """The labelled rows of a file. Raises `BotError` with file and line."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise BotError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BotError(f"{path}: not UTF-8: {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BotError(f"{path}:{number}: not JSON: {error}") from error
        if not isinstance(row, dict) or not ("text" in row or "turns" in row):
            raise BotError(f'{path}:{number}: a row needs "text" or "turns"')
        yield row
