"""Trying a change before anybody approves it: the check, the questions, how it will read.

Loading knowledge and building its index takes seconds of pure computing, so it runs in a
process of its own at low priority: citizens are answered meanwhile as if nothing happened.

    console  --pickled Trial-->  python -m bot.change_trial  --JSON-->  console
"""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn

from bot.dialogue import Desk
from bot.errors import BotError
from bot.match import MatchSettings
from bot.models import Conversation, EventKind, Outcome
from bot.split import split
from bot.turn import Circumstances, Said, at_noon
from knowledge.check import check
from knowledge.loader import load_files
from knowledge.package import ROOT
from knowledge.source import base_of, content_hash
from webhooks.base import Channel, buttons
from webhooks.messenger import MessengerChannel
from webhooks.zalo import ZaloChannel

#: A trial of the shipped knowledge takes some seconds; a busy machine gets this many.
LONGEST_SECONDS = 180.0
#: Most questions that are tried.
MOST_QUESTIONS = 40


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried."""

    #: All files of the knowledge with the change in it.
    files: Mapping[str, bytes]
    #: Paths that the change touches.
    touched: Sequence[str]
    #: [{"text", "answer"}], see `bot.store.changes`.
    questions: Sequence[Mapping[str, str]]
    settings: MatchSettings
    today: date


def try_out(trial: Trial) -> dict[str, Any]:
    """How the changed knowledge does. Pure.

    Returns, ready for JSON: {"hash", "day", "problems": [{path, line, level, text}],
    "questions": [{text, answer, outcome, got, options}], "previews": [{answer, title,
    channels: [{name, parts, buttons}]}]}. With errors among the problems nothing else is known.
    """
    base = base_of(ROOT, trial.files)
    paths = {f"{ROOT}/{path}" for path in trial.touched}
    problems = [
        {"path": one.path, "line": one.line, "level": one.level, "text": one.text}
        for one in check(base, trial.today)
        # What is due elsewhere is not this change's business; an error anywhere is.
        if one.level == "error" or one.path in paths
    ]
    told: dict[str, Any] = {
        "hash": content_hash(trial.files),
        "day": trial.today.isoformat(),
        "problems": problems,
        "questions": [],
        "previews": [],
    }
    snapshot, _ = load_files(ROOT, trial.files)
    if snapshot is None or any(one["level"] == "error" for one in problems):
        return told
    desk = Desk(snapshot, trial.settings)
    told["questions"] = list(asked(desk, trial.questions, trial.today))
    touched = [id_ for id_, stored in snapshot.answers.items() if stored.path in paths]
    told["previews"] = [preview(desk, id_, trial.today) for id_ in touched]
    return told


def asked(
    desk: Desk, questions: Sequence[Mapping[str, str]], today: date
) -> Iterator[dict[str, Any]]:
    """What a citizen gets who asks each question first thing."""
    for one in questions[:MOST_QUESTIONS]:
        at = Circumstances(now=at_noon(today))
        reply, _ = desk.respond(Said(text=one["text"]), Conversation(), at)
        offered = reply.outcome is not Outcome.ANSWERED
        yield {
            "text": one["text"],
            "answer": one["answer"],
            "outcome": reply.outcome.value,
            "got": reply.answer_id or "",
            "options": [o.answer_id for o in reply.options if o.answer_id] if offered else [],
        }


def preview(desk: Desk, answer_id: str, today: date) -> dict[str, Any]:
    """An answer as each channel shows it to who chose it, cut and with its buttons."""
    file = desk.snapshot.answers[answer_id].file
    at = Circumstances(now=at_noon(today), staff=file.visibility == "staff")
    said = Said(kind=EventKind.TAP, payload=f"answer:{answer_id}")
    reply, _ = desk.respond(said, Conversation(), at)
    choices = (*reply.options, *reply.buttons)
    return {
        "answer": answer_id,
        "title": file.title,
        "staff": file.visibility == "staff",
        "channels": [
            {
                "name": channel.name,
                "parts": split(reply.text, channel.limits.text_length) if reply.text else [],
                "buttons": [title for title, _ in buttons(choices, channel.limits)],
            }
            for channel in _channels()
        ],
    }


async def run(trial: Trial) -> dict[str, Any]:
    """`try_out` in a process of its own. Raises `BotError` when it breaks or takes too long."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.change_trial",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        given = pickle.dumps(trial, pickle.HIGHEST_PROTOCOL)
        out, _ = await asyncio.wait_for(process.communicate(given), LONGEST_SECONDS)
    except TimeoutError as error:
        raise BotError("The trial took too long.") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise BotError("The trial broke off.")
    found: dict[str, Any] = json.loads(out)
    return found


def _channels() -> tuple[Channel, ...]:
    """Both channels without accounts: their limits are all that is needed."""

    def http() -> NoReturn:
        raise AssertionError("a preview sends nothing")

    return ZaloChannel((), http=http), MessengerChannel((), http=http)


def main() -> None:
    """Read a trial, write how it went."""
    os.nice(10)
    trial: Trial = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the service that started us
    sys.stdout.write(json.dumps(try_out(trial), ensure_ascii=True))


if __name__ == "__main__":
    main()
