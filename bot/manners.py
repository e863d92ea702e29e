"""What stands around a reply whatever it says: who is answering, cautions, the question whether
it helped. Pure.

Each of these comes once: the caution about identifiers and the question about the answer once a
day, the return of the assistant once after a person has answered. What was said is kept in
`Conversation.notes`.
"""

from __future__ import annotations

from dataclasses import replace

from bot import feedback, texts
from bot.answer import MAX_TEXT
from bot.handover import BACK
from bot.models import Conversation, Outcome, Reply
from bot.turn import Circumstances, Said

#: `Conversation.notes` key: the day of the caution.
IDENTIFIERS = "identifiers"
#: What our last message asked: "feedback" or "handover". Any next turn ends it.
PENDING = "pending"


def pending(conversation: Conversation) -> tuple[str, Conversation]:
    """What our last message asked ("" for nothing), and the conversation without it."""
    asked = conversation.notes.get(PENDING, "")
    return asked, without_note(conversation, PENDING)


def note(conversation: Conversation, key: str, value: str) -> Conversation:
    """The conversation with one note more."""
    return replace(conversation, notes={**conversation.notes, key: value})


def without_note(conversation: Conversation, key: str) -> Conversation:
    """The conversation without a note."""
    if key not in conversation.notes:
        return conversation
    return replace(
        conversation, notes={name: kept for name, kept in conversation.notes.items() if name != key}
    )


def finish(
    reply: Reply, conversation: Conversation, said: Said, at: Circumstances
) -> tuple[Reply, Conversation]:
    """The reply with everything that goes around it."""
    conversation = feedback.noted(conversation, reply, at)
    today = at.today.isoformat()
    if said.redacted:
        refused = reply.outcome is Outcome.REFUSED_PERSONAL
        if refused or conversation.notes.get(IDENTIFIERS) != today:
            reply = replace(reply, parts=(*reply.parts, texts.IDENTIFIER_CAUTION))
            conversation = note(conversation, IDENTIFIERS, today)
    if not at.meets:
        return reply, conversation
    if BACK in conversation.notes:
        reply = replace(reply, parts=(texts.BOT_BACK, *reply.parts))
        conversation = without_note(conversation, BACK)
    answered = reply.outcome is Outcome.ANSWERED
    due = answered and feedback.due(conversation, at, feedback.ENOUGH)
    if due and _room(reply, texts.FEEDBACK_ASK):
        reply, conversation = feedback.ask(reply, conversation, at)
        conversation = note(conversation, PENDING, "feedback")
    return reply, conversation


def _room(reply: Reply, text: str) -> bool:
    return len(reply.text) + len(text) + 2 <= MAX_TEXT
