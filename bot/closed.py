"""Topics that an operator has switched off: their answers are withheld. Pure."""

from __future__ import annotations

from bot import texts
from bot.models import Outcome, Reply
from bot.scope import hotline
from bot.turn import Circumstances
from knowledge.snapshot import Snapshot


def closed_topic(snapshot: Snapshot, answer_id: str, at: Circumstances) -> str:
    """The topic that forbids this answer now, "" when it may be given.

    A record speaks with the words of today's rule beside its own, so it falls with either.
    Staff see everything.
    """
    if at.staff or not at.topics_off:
        return ""
    file = snapshot.answers[answer_id].file
    beside = snapshot.answers.get(file.today) if file.today else None
    for one in (file, beside.file if beside else file):
        if one.topic in at.topics_off:
            return one.topic
    return ""


def withheld(snapshot: Snapshot, topic: str, at: Circumstances) -> Reply:
    """What a citizen reads instead of an answer of a closed topic."""
    text = texts.TOPIC_OFF.replace("{hotline}", hotline(snapshot, at.today))
    return Reply(outcome=Outcome.NOT_KNOWN, parts=(text,), reasons=(f"topic_off: {topic}",))
