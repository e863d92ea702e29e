"""References between files: every id that is named must exist, and no chain may bite its tail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from knowledge.marked import Key, nearest
from knowledge.problems import Problem
from knowledge.schema import CitationRef, Row
from knowledge.source import Base, Item

_WHAT = {
    "directives": "directive",
    "values": "value",
    "places": "place",
    "answers": "answer",
    "topics": "topic",
    "audiences": "audience",
}


def check_references(base: Base) -> Iterator[Problem]:
    """Unknown ids and circles, in every kind of file."""
    for directive in base.directives.values():
        model = directive.model
        yield from _place(base, directive, model.place)
        for index, supersession in enumerate(model.supersedes):
            at: tuple[Key, ...] = ("supersedes", index, "directive")
            yield from _ids(base, "directives", directive, [supersession.directive], *at)
        for field in ("amends", "based_on"):
            yield from _ids(base, "directives", directive, getattr(model, field), field)
    for value in base.values.values():
        yield from _rows(base, value, value.model.rows, "rows")
    for place in base.places.values():
        yield from _of_place(base, place)
    for topic in base.topics.values():
        yield from _ids(base, "topics", topic, topic.model.accepts, "accepts")
    for audience in base.audiences.values():
        yield from _ids(base, "audiences", audience, audience.model.parents, "parents")
    for answer in base.answers.values():
        yield from _of_answer(base, answer)
    yield from _circles(base)


def _of_place(base: Base, place: Item[Any]) -> Iterator[Problem]:
    model = place.model
    yield from _ids(base, "places", place, [model.merged_into or ""], "merged_into")
    yield from _ids(base, "places", place, model.merged_from, "merged_from")
    yield from _cited(base, place, model.merger_citation, "merger_citation")
    yield from _rows(base, place, model.support, "support")
    for index, row in enumerate(model.support):
        at: tuple[Key, ...] = ("support", index, "continues_after_merger")
        yield from _cited(base, place, row.continues_after_merger, *at)


def _of_answer(base: Base, answer: Item[Any]) -> Iterator[Problem]:
    model = answer.model
    yield from _ids(base, "topics", answer, [model.topic], "topic")
    yield from _ids(base, "audiences", answer, [model.audience], "audience")
    yield from _place(base, answer, model.place)
    yield from _ids(base, "answers", answer, [model.today or ""], "today")
    yield from _ids(base, "answers", answer, model.follow_ups, "follow_ups")
    for index, citation in enumerate(model.citations):
        yield from _cited(base, answer, citation, "citations", index)
    for name, fact in model.facts.items():
        yield from _cited(base, answer, fact.citation, "facts", name, "citation")


def _rows(base: Base, item: Item[Any], rows: Iterable[Row], field: str) -> Iterator[Problem]:
    for index, row in enumerate(rows):
        yield from _ids(base, "audiences", item, [row.audience], field, index, "audience")
        yield from _cited(base, item, row.citation, field, index, "citation")


def _cited(
    base: Base, item: Item[Any], citation: CitationRef | None, *at: Key
) -> Iterator[Problem]:
    if citation:
        yield from _ids(base, "directives", item, [citation.directive], *at, "directive")


def _place(base: Base, item: Item[Any], place: str) -> Iterator[Problem]:
    if place != "national":
        yield from _ids(base, "places", item, [place], "place")


def _ids(base: Base, kind: str, item: Item[Any], ids: Iterable[str], *at: Key) -> Iterator[Problem]:
    """Problems for those of `ids` that do not exist; "" stands for none and is fine."""
    for index, id_ in enumerate(ids):
        if id_ and not base.has(kind, id_):
            where = (*at, index) if item.line(*at, index) != item.line(*at) else at
            hint = nearest(id_, getattr(base, kind))
            yield item.problem(f'there is no {_WHAT[kind]} "{id_}"{hint}', *where)


def _circles(base: Base) -> Iterator[Problem]:
    """Chains that would never end: mergers, audience parents, supersessions."""

    def merged(id_: str) -> list[str]:
        into = base.places[id_].model.merged_into
        return [into] if into else []

    def parents(id_: str) -> list[str]:
        return list(base.audiences[id_].model.parents)

    def superseded(id_: str) -> list[str]:
        return [s.directive for s in base.directives[id_].model.supersedes]

    yield from _circle(base.places, merged, "merged_into")
    yield from _circle(base.audiences, parents, "parents")
    yield from _circle(base.directives, superseded, "supersedes")


def _circle(
    items: dict[str, Item[Any]], following: Callable[[str], list[str]], field: str
) -> Iterator[Problem]:
    for id_, item in sorted(items.items()):
        seen: set[str] = set()
        queue = following(id_)
        while queue:
            here = queue.pop()
            if here == id_:
                yield item.problem(f'"{field}" of "{id_}" leads back to itself', field)
                break
            if here not in seen and here in items:
                seen.add(here)
                queue += following(here)
