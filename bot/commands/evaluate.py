"""`bot eval`: accuracy on labelled questions, with the misses; fails below the thresholds."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bot.commands.ask import converse
from bot.commands.common import build_desk, knowledge_folder
from bot.config import Settings, load_settings
from bot.dialogue import Desk
from bot.errors import BotError
from bot.match.baselines import rankings
from bot.match.crossfit import cross_fitted
from bot.match.evaluate import Report, Response, accepted, evaluate
from bot.match.quality import see
from bot.match.thresholds import day_of
from bot.models import Reply
from bot.normalize import normalize
from bot.quality_page import DIAGRAM, diagram, page
from knowledge.loader import load_or_raise


@click.command("eval")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--misses", is_flag=True, help="list every message that was not answered right")
@click.option(
    "--record",
    type=click.Path(path_type=Path, dir_okay=False),
    help="also write the whole report (by topic, by noise, baselines, reliability) to this page",
)
def evaluate_command(files: tuple[Path, ...], *, misses: bool, record: Path | None) -> None:
    """Accuracy report on labelled questions (JSON Lines); exit 1 below the thresholds."""
    settings = load_settings()
    desk = build_desk(settings, load_or_raise(knowledge_folder(settings)))
    rows = [(file.stem, row) for file in files for row in rows_of(file)]

    def respond(row: Mapping[str, Any]) -> Sequence[Response]:
        return [_response(reply) for reply in _replies(desk, row)]

    report = evaluate([row for _, row in rows], respond, desk.snapshot.topics)
    for line in report.lines():
        click.echo(line)
    if misses:
        for row_id, text, wanted, verdict, given in report.misses:
            click.echo(f"{verdict}\t{row_id}\t{wanted}\t{given}\t{text}")
    if record:
        command = "bot eval " + " ".join(str(file) for file in files) + f" --record {record}"
        _record(record, command, rows, desk)
        click.echo(f"{record}: written")
    failed = _failed(report, settings)
    for line in failed:
        click.echo(f"below the threshold: {line}", err=True)
    sys.exit(1 if failed else 0)


def _replies(desk: Desk, row: Mapping[str, Any]) -> list[Reply]:
    options = {"as_of": row.get("as_of"), "province": None, "staff": False}
    try:
        turns = [turn["user"] for turn in row["turns"]] if "turns" in row else [row["text"]]
        return converse(desk, turns, options)[0]
    except (KeyError, TypeError, ValueError) as error:
        raise BotError(f"row {row.get('id')}: {error}") from error


def _failed(report: Report, settings: Settings) -> list[str]:
    limits = settings.evaluation
    return [
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


def _record(
    path: Path, command: str, rows: Sequence[tuple[str, Mapping[str, Any]]], desk: Desk
) -> None:
    """Write the page and its diagram."""
    index, topics = desk.index, desk.snapshot.topics
    single = [(file, row) for file, row in rows if "text" in row]
    questions = [normalize(str(row["text"]), desk.lexicon, day_of(row)) for _, row in single]
    ways = rankings(index)
    ranked = {name: [rank(one) for one in questions] for name, rank in ways.items()}
    own = list(ranked.values())[-1]
    seen = []
    for (file, row), order in zip(single, own, strict=True):
        [reply] = _replies(desk, row)
        seen.append(see(file, row, _response(reply), order, reply.score, topics))
    inside = [at for at, one in enumerate(seen) if one.inside]
    baselines: dict[str, tuple[int, int, int]] = {}
    for name, orders in ranked.items():
        first, three = (
            sum(
                any(accepted(single[at][1], topic, topics) for topic in orders[at][:most])
                for at in inside
            )
            for most in (1, 3)
        )
        baselines[name] = (first, three, len(inside))
    crossed = cross_fitted(single, index, desk.settings)
    talks = evaluate(
        [row for _, row in rows if "turns" in row],
        lambda row: [_response(reply) for reply in _replies(desk, row)],
        topics,
    )
    thresholds = desk.settings
    setting = (
        f"{datetime.now(UTC):%Y-%m-%d}, knowledge {desk.snapshot.hash[:12]}, "
        f"{len(index.profiles)} answers, {sum(index.usable.tolist())} phrasings; answer from "
        f"{thresholds.answer_threshold}, ask back from {thresholds.ask_threshold}."
    )
    path.write_text(page(command, setting, seen, crossed, baselines, talks.lines()), "utf-8")
    picture = path.parent / DIAGRAM
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_bytes(diagram(crossed))


def _response(reply: Reply) -> Response:
    return Response(
        outcome=reply.outcome.value,
        topic=reply.topic,
        more=tuple(topic for _, topic in reply.more),
        options=tuple(option.topic for option in reply.options if option.answer_id),
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
