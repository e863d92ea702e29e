"""Answers by themselves and among each other: titles, phrasings, records, visibility."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.check.templates import Used
from knowledge.problems import Problem
from knowledge.schema import AnswerFile
from knowledge.source import Base, Item
from knowledge.text import folded

MIN_PHRASINGS = 10


def check_answers(base: Base, used: dict[str, Used]) -> Iterator[Problem]:
    """Faults that need no date; `used` is what each answer's templates use."""
    for answer in base.answers.values():
        model = answer.model
        if any(c.isnumeric() for c in model.title):
            yield answer.problem("title: no figures; a title outlives them", "title")
        different = len({" ".join(p.lower().split()) for p in model.phrasings})
        if model.visibility == "citizen" and different < MIN_PHRASINGS:
            yield answer.problem(
                f"phrasings: {different} different ones; write at least {MIN_PHRASINGS}",
                "phrasings",
            )
        if model.kind == "record" and not used[answer.id].facts:
            yield answer.problem(
                "a record states facts of its document: list them under facts and print them with "
                "f()",
                "reply",
            )
        if model.effective_to == "unknown" and model.confirmed_until is None:
            text = 'effective_to "unknown" needs confirmed_until'
            yield answer.problem(text, "effective_to")
        yield from _links(base, answer)
    yield from _same_phrasings(base)


def _links(base: Base, answer: Item[AnswerFile]) -> Iterator[Problem]:
    model = answer.model
    for index, id_ in enumerate(model.follow_ups):
        other = base.answers.get(id_)
        if id_ == answer.id:
            yield answer.problem("an answer cannot follow itself", "follow_ups", index)
        elif other and model.visibility == "citizen" and other.model.visibility == "staff":
            text = f'"{id_}" is for staff only; citizens may not be offered it'
            yield answer.problem(text, "follow_ups", index)
    now = base.answers.get(model.today or "")
    if now and model.visibility == "citizen" and now.model.visibility == "staff":
        yield answer.problem(f'today: "{now.id}" is for staff only', "today")
    if now and now.model.kind == "record":
        text = f'today: "{now.id}" is a record itself; name the rule or howto that holds now'
        yield answer.problem(text, "today")


def _same_phrasings(base: Base) -> Iterator[Problem]:
    """One way of asking may lead to one answer only (accents and case make no difference)."""
    owners: dict[str, tuple[Item[AnswerFile], int]] = {}
    for answer in sorted(base.answers.values(), key=lambda item: item.path):
        own: dict[str, int] = {}
        for index, phrasing in enumerate(answer.model.phrasings):
            key = folded(phrasing)
            if not key:
                yield answer.problem("phrasings: this one is empty", "phrasings", index)
                continue
            own.setdefault(key, index)
            owner, at = owners.setdefault(key, (answer, index))
            if owner is not answer:
                place = f"{owner.path}:{owner.line('phrasings', at)}"
                text = f'"{phrasing}" already leads to "{owner.id}" ({place}); keep it in one'
                yield answer.problem(text, "phrasings", index)
        for index, phrasing in enumerate(answer.model.negative_phrasings):
            if folded(phrasing) in own:
                line = answer.line("phrasings", own[folded(phrasing)])
                text = f'"{phrasing}" also stands among the phrasings, in line {line}'
                yield answer.problem(text, "negative_phrasings", index)
