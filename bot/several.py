"""Answers to several questions of one message, put into one reply. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.answer import MAX_AMOUNTS, MAX_TEXT
from bot.models import Amount, Citation, Option, Outcome, Reply

#: Further questions of one message are left for the next turn.
MOST = 3


def join(replies: Sequence[Reply]) -> Reply | None:
    """One reply with every different answer among `replies`, in the order of asking.

    The first answer gives the reply its main answer, period and place; the others stand in
    `more`. An answer that would outgrow the outside contract (4,000 characters, 24 amounts) is
    left out. None when nothing was answered.
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
    if len(told) == 1:
        return first
    ids = {reply.answer_id for reply in told}
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
    return replace(
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


def _fits(replies: Sequence[Reply]) -> bool:
    amounts = {amount.vnd for reply in replies for amount in reply.amounts}
    length = len("\n\n".join(reply.parts[0] for reply in replies))
    return length <= MAX_TEXT and len(amounts) <= MAX_AMOUNTS
