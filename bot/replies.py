"""Replies of the question stage: an answer, a question back, or "not known". Pure."""

from __future__ import annotations

from dataclasses import replace

from bot import texts
from bot.answer import MAX_TEXT
from bot.models import Answer, Candidate, Decision, Option, Outcome, Reply, Slots
from bot.offers import numbered
from bot.specials import ASK


def answered(
    found: Answer,
    slots: Slots,
    decision: Decision | None,
    most: int,
    cases: tuple[Option, ...] = (),
) -> Reply:
    """An applied answer with its choices; `decision` is None for a choice.

    `cases` are the likeliest special cases; follow-ups fill the list up to `most`, and one of
    them always finds room.
    """
    room = max(1, most - len(cases))
    # What leads to a question of ours stands last: the others lead to an answer.
    asks = tuple(case for case in cases if case.tap.endswith(f"={ASK}"))
    told = tuple(case for case in cases if case not in asks)
    options = (*told, *found.follow_ups[:room], *asks)
    head = texts.SPECIAL_CASES if cases else texts.FOLLOW_UPS
    parts = [found.text]
    if options:
        parts.append(numbered(head, options))
    if len("\n\n".join(parts)) > MAX_TEXT:
        parts, options = [found.text], ()  # the caution needs its room, too
    return Reply(
        outcome=Outcome.ANSWERED,
        parts=tuple(parts),
        options=options,
        answer_id=found.answer_id,
        topic=found.topic,
        score=decision.score if decision else 1.0,
        amounts=found.amounts,
        citations=found.citations,
        applies=found.applies,
        province=found.province,
        slots=slots,
        versions={found.answer_id: found.version},
        used=found.used,
        reasons=reasons(decision) if decision else ("chosen from an offer",),
    )


def again(reply: Reply) -> Reply:
    """The same answer a second time, which says so: a parrot is worse than a reminder."""
    text = f"{texts.AGAIN}\n\n{reply.parts[0]}"
    return replace(reply, parts=(text, *reply.parts[1:]))


def with_line(reply: Reply, line: str) -> Reply:
    """The reply with a sentence right behind the answer itself; left out when it gets long."""
    parts = (reply.parts[0], line, *reply.parts[1:])
    return replace(reply, parts=parts) if len("\n\n".join(parts)) <= MAX_TEXT else reply


def asked_back(options: tuple[Option, ...], decision: Decision, slots: Slots) -> Reply:
    """Which of these does the citizen mean?"""
    return Reply(
        outcome=Outcome.ASKED_BACK,
        parts=(numbered(texts.ASK_BACK, options),),
        options=options,
        score=decision.score,
        slots=slots,
        reasons=reasons(decision),
    )


def offered_again(options: tuple[Option, ...], slots: Slots) -> Reply:
    """The open offer once more, after a number that is no choice of it."""
    return Reply(
        outcome=Outcome.ASKED_BACK,
        parts=(numbered(texts.ASK_BACK, options),),
        options=options,
        slots=slots,
        reasons=("a number that is no choice of the offer",),
    )


def not_known(text: str, options: tuple[Option, ...], decision: Decision) -> Reply:
    """`text` says whom to ask; the nearest answers follow it."""
    parts = [text]
    if options:
        parts.append(numbered(texts.NOT_KNOWN_NEAR, options))
    return Reply(
        outcome=Outcome.NOT_KNOWN,
        parts=tuple(parts),
        options=options,
        score=decision.score,
        reasons=reasons(decision),
    )


def reasons(decision: Decision) -> tuple[str, ...]:
    """Why: the best candidates with their phrasing and vetoes, the first one with its evidence."""
    return tuple(
        _reason(candidate, told=at == 0) for at, candidate in enumerate(decision.candidates[:5])
    )


def _reason(candidate: Candidate, *, told: bool) -> str:
    # Stored with every message, so only what was decided on; the console weighs the others anew.
    evidence = [f"{name} {value:.2f}" for name, value in candidate.evidence.items()] if told else []
    weighed = f" ({', '.join(evidence)})" if evidence else ""
    vetoes = f"; vetoed: {', '.join(candidate.vetoes)}" if candidate.vetoes else ""
    return (
        f"{candidate.answer_id}: {candidate.score:.2f} by «{candidate.phrasing}»{weighed}{vetoes}"
    )
