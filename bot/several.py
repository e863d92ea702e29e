"""Answers to several questions of one message, put into one reply. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote, unquote

from bot import texts
from bot.answer import MAX_AMOUNTS, MAX_TEXT
from bot.models import Amount, Citation, Option, Outcome, Reply
from bot.offers import numbered

#: From this many questions on the citizen says which comes first.
MANY = 3
#: Further questions of one message are left for the next turn.
MOST = 5
_PREFIX = "ask:"
#: Longest question that a button carries, in characters; a longer one keeps its end.
_CARRIED_CHARACTERS = 120
#: A longer question is named, not quoted.
_QUOTED_CHARACTERS = 80


def which_first(
    asked: Sequence[str], nearest: Sequence[Option | None], hotline: str
) -> Reply | None:
    """Asks which of many questions comes first; None when there is no choice to be made.

    Args:
        asked: the questions.
        nearest: for each of the first questions the answer nearest to it, None when unknown.
        hotline: whom to ask about a question that is not known.

    A choice carries its question, so that months, years and groups it named still count, also
    when the button is tapped much later.
    """
    offer: dict[str, Option] = {}
    notes: dict[str, None] = {}
    for at, question in enumerate(asked):
        near = nearest[at] if at < len(nearest) else None
        if near:
            offer.setdefault(near.answer_id, replace(near, payload=_payload(question)))
        else:
            sentence = texts.PART_NOT_KNOWN if at < len(nearest) else texts.PART_LATER
            notes[sentence.format(question=_named(question), hotline=hotline)] = None
    if len(offer) < 2:
        return None
    options = tuple(offer.values())
    return Reply(
        Outcome.ASKED_BACK,
        (numbered(texts.WHICH_FIRST, options), *notes),
        options=options,
        reasons=(f"{len(asked)} questions in one message",),
    )


def _payload(question: str) -> str:
    return _PREFIX + quote(question[-_CARRIED_CHARACTERS:].strip(), safe="")


def carried(payload: str) -> str:
    """The question behind a choice of `which_first`, "" when the payload is none."""
    return unquote(payload.removeprefix(_PREFIX)) if payload.startswith(_PREFIX) else ""


def with_rest(reply: Reply, offer: Sequence[Option], taken: str) -> Reply:
    """An answer to one of many questions, with the other ones offered under it."""
    rest = tuple(one for one in offer if carried(one.payload) and one.payload != taken)
    if not rest or reply.outcome is not Outcome.ANSWERED:
        return reply
    listed = numbered(texts.STILL_ASKED, rest)
    # The first part is the answer; its own follow-ups give way to what was asked already.
    if len(f"{reply.parts[0]}\n\n{listed}") > MAX_TEXT:
        return reply
    return replace(reply, parts=(reply.parts[0], listed), options=rest)


def join(asked: Sequence[str], replies: Sequence[Reply], hotline: str) -> Reply | None:
    """One reply with every different answer among `replies`, in the order of asking.

    Args:
        asked: the questions; those beyond `replies` were not looked at.
        replies: one for each of the first questions.
        hotline: whom to ask about a question that is not known.

    The first answer gives the reply its main answer, period and place; the others stand in
    `more`. An answer that would outgrow the outside contract (4,000 characters, 24 amounts) is
    left out. A sentence names each question that is not answered. None when nothing was.
    """
    answered: dict[str, Reply] = {}
    for reply in replies:
        if reply.outcome is Outcome.ANSWERED and reply.answer_id:
            answered.setdefault(reply.answer_id, reply)
    if not answered:
        return None
    first, *others = answered.values()
    told = [first]
    for other in others:
        if _fits([*told, other]):
            told.append(other)
    ids = {reply.answer_id for reply in told}
    notes = _notes(asked, replies, ids, hotline)
    if len(told) == 1:
        return _with_notes(first, notes)
    # The first part is the answer; a list of follow-ups may stand behind it.
    parts = tuple(reply.parts[0] for reply in told)
    amounts: dict[int, Amount] = {}
    citations: dict[tuple[str, str], Citation] = {}
    options: dict[str, Option] = {}
    for reply in told:
        for amount in reply.amounts:
            amounts.setdefault(amount.vnd, amount)
        for citation in reply.citations:
            citations.setdefault((citation.directive, citation.locator), citation)
        for option in reply.options:
            options.setdefault(option.answer_id, option)
    joined = replace(
        first,
        parts=parts,
        options=tuple(o for o in options.values() if o.answer_id not in ids),
        more=tuple((reply.answer_id or "", reply.topic or "") for reply in told[1:]),
        score=min(reply.score for reply in told),
        amounts=tuple(amounts.values()),
        citations=tuple(citations.values()),
        province=next((reply.province for reply in told if reply.province), None),
        versions={id_: version for reply in told for id_, version in reply.versions.items()},
        used=tuple(dict.fromkeys(row for reply in told for row in reply.used)),
        reasons=tuple(reason for reply in told for reason in reply.reasons),
    )
    return _with_notes(joined, notes)


def _notes(
    asked: Sequence[str], replies: Sequence[Reply], told: set[str | None], hotline: str
) -> list[str]:
    """One sentence for each question that the reply does not answer."""
    notes: dict[str, None] = {}
    for at, question in enumerate(asked):
        reply = replies[at] if at < len(replies) else None
        if reply and reply.answer_id in told:
            continue
        sentence = texts.PART_LATER
        if reply and reply.outcome is Outcome.NOT_KNOWN:
            sentence = texts.PART_NOT_KNOWN
        elif reply and reply.outcome is Outcome.ASKED_BACK:
            sentence = texts.PART_UNCLEAR
        notes[sentence.format(question=_named(question), hotline=hotline)] = None
    return list(notes)


def _named(question: str) -> str:
    """The question in its own words; one with figures is not quoted, for they are not ours."""
    words = question.strip(" ?.!")
    if len(words) > _QUOTED_CHARACTERS or any(sign.isnumeric() for sign in words):
        return texts.PART_OTHER
    return texts.PART_QUOTED.format(words=words)


def _with_notes(reply: Reply, notes: Sequence[str]) -> Reply:
    """The sentences behind the answers, before the follow-ups, which go when it gets long."""
    if not notes:
        return reply
    count = 1 + len(reply.more)
    parts = (*reply.parts[:count], *notes, *reply.parts[count:])
    if len("\n\n".join(parts)) <= MAX_TEXT:
        return replace(reply, parts=parts)
    parts = (*reply.parts[:count], *notes)
    if len("\n\n".join(parts)) > MAX_TEXT:
        return reply
    return replace(reply, parts=parts, options=())


def _fits(replies: Sequence[Reply]) -> bool:
    amounts = {amount.vnd for reply in replies for amount in reply.amounts}
    length = len("\n\n".join(reply.parts[0] for reply in replies))
    return length <= MAX_TEXT and len(amounts) <= MAX_AMOUNTS
