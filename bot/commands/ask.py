"""`bot ask`: questions through the same code as the channels; no store, network or secret."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from bot.commands.common import load_desk
from bot.dialogue import Circumstances, Desk, Said, at_noon
from bot.models import Conversation, Reply
from bot.privacy import redact


@click.command()
@click.argument("question", required=False)
@click.option("--as-of", "as_of", metavar="YYYY-MM-DD", help="the day taken as today")
@click.option("--province", metavar="TÊN", help="the place assumed when the words name none")
@click.option("--staff", is_flag=True, help="include the answers for staff only")
@click.option("--json", "as_json", is_flag=True, help="print the whole result as JSON")
@click.option(
    "--batch",
    "batch",
    metavar="FILE",
    help="read JSON Lines (- = standard input), write JSON Lines",
)
def ask(
    question: str | None,
    as_of: str | None,
    province: str | None,
    *,
    staff: bool,
    as_json: bool,
    batch: str | None,
) -> None:
    """Answer QUESTION, or every line of a batch file.

    A batch line is {"id": "...", "text": "..."}, or {"id": "...", "turns": ["...", "..."]} for a
    dialogue; "as_of", "province" and "staff" may stand in each line.
    """
    if (question is None) == (batch is None):
        raise click.UsageError('give a question in quotes, or --batch FILE: bot ask "câu hỏi"')
    desk = load_desk()
    if batch is not None:
        defaults = {"as_of": as_of, "province": province, "staff": staff}
        _batch(desk, batch, defaults)
        return
    assert question is not None  # noqa: S101 - excluded above
    try:
        [reply], at = converse(
            desk, [question], {"as_of": as_of, "province": province, "staff": staff}
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    click.echo(_dump(result(reply, at), indent=2) if as_json else reply.text)


def _batch(desk: Desk, path: str, defaults: dict[str, Any]) -> None:
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line.decode("utf-8-sig"))
            if not isinstance(row, dict):
                raise ValueError("each line must be a JSON object")
            options = {**defaults, **{k: row[k] for k in defaults if row.get(k) is not None}}
            replies, at = converse(desk, _turns(row), options)
        except (ValueError, RecursionError) as error:
            raise click.ClickException(f"{path}:{number}: {error}") from error
        out: dict[str, Any] = {"id": row.get("id")}
        if "turns" in row:
            out["replies"] = [result(reply, at) for reply in replies]
        else:
            out.update(result(replies[0], at))
        sys.stdout.write(_dump(out) + "\n")
    sys.stdout.flush()


def _dump(value: object, indent: int | None = None) -> str:
    """JSON with Vietnamese as it is; half a surrogate pair, which no file can hold, escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _turns(row: dict[str, Any]) -> list[str]:
    turns = row["turns"] if "turns" in row else [row.get("text")]
    if not isinstance(turns, list) or not all(isinstance(turn, str) for turn in turns):
        raise ValueError('a line needs "text" (a string) or "turns" (a list of strings)')
    return turns


def _lines(path: str) -> Iterator[bytes]:
    # Bytes, so that a line that is not UTF-8 is named like any other bad line.
    if path == "-":
        yield from sys.stdin.buffer
        return
    try:
        with Path(path).open("rb") as file:
            yield from file
    except OSError as error:
        raise click.ClickException(f"cannot read {path}: {error.strerror}") from error


def converse(
    desk: Desk, turns: list[str], options: Mapping[str, Any]
) -> tuple[list[Reply], Circumstances]:
    """The replies to the turns of one dialogue.

    `options` holds "as_of" (ISO date or None), "province" (a name or None) and "staff".
    Raises ValueError for an unknown province or an unreadable date.
    """
    place = ""
    if options["province"]:
        place = desk.place_id(str(options["province"]))
        if not place:
            raise ValueError(f"unknown province: {options['province']}")
    now = datetime.now(UTC)
    if options["as_of"]:
        try:
            now = at_noon(date.fromisoformat(str(options["as_of"])))
        except ValueError as error:
            raise ValueError(
                f"--as-of wants a date as YYYY-MM-DD, not {options['as_of']}"
            ) from error
    at = Circumstances(now=now, place=place, staff=bool(options["staff"]))
    conversation = Conversation()
    replies = []
    for turn in turns:
        safe = redact(turn)
        reply, conversation = desk.respond(
            Said(text=safe.text, redacted=safe.kinds), conversation, at
        )
        replies.append(reply)
    return replies, at


def result(reply: Reply, at: Circumstances) -> dict[str, Any]:
    """The JSON object of one reply, as the outside contract describes it."""
    today = at.today.isoformat()
    applies = reply.applies
    return {
        "outcome": reply.outcome.value,
        "answer_id": reply.answer_id,
        "topic": reply.topic,
        "more": [{"answer_id": a, "topic": t} for a, t in reply.more],
        "options": [
            {"answer_id": o.answer_id, "topic": o.topic, "title": o.title}
            for o in reply.options
            if o.answer_id
        ],
        "score": round(reply.score, 4),
        "text": reply.text,
        "amounts": [{"label": a.label, "vnd": a.vnd} for a in reply.amounts],
        "citations": [
            {
                "directive": c.directive,
                "locator": c.locator,
                "effective_from": c.effective_from,
                "effective_to": c.effective_to,
                "province": c.province,
            }
            for c in reply.citations
        ],
        "as_of": today,
        "applies": {
            "from": applies.first.isoformat() if applies else today,
            "to": applies.last.isoformat() if applies else today,
        },
        "province": reply.province,
        "reasons": list(reply.reasons),
    }
