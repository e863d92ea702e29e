"""`bot coverage` and `bot diff`: what the knowledge covers, and how it reads on two days."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

import click

from bot.commands.common import knowledge_folder
from bot.commands.knowledge import day_or_today
from bot.config import load_settings
from bot.normalize import Lexicon, fold, normalize
from knowledge.coverage import coverage as survey
from knowledge.coverage_lines import Coverage, DateLine
from knowledge.diff import Difference, changed_lines, differences, texts_of
from knowledge.loader import SHIPPED, load_or_raise
from knowledge.snapshot import Snapshot

_TESTS = Path("tests/knowledge")


# -- coverage -----------------------------------------------------------------------------
@click.command()
@click.option("--today", "today", metavar="YYYY-MM-DD", help="the day to look at; default: today")
@click.option("--json", "as_json", is_flag=True, help="print everything as JSON")
def coverage(today: str | None, *, as_json: bool) -> None:
    """Show topics x audiences x places x dates, with holes; exit 1 when one is not declared."""
    folder = knowledge_folder(load_settings()) or SHIPPED
    found = survey(folder, day_or_today(today, "--today"), _TESTS if _TESTS.is_dir() else None)
    if as_json:
        click.echo(json.dumps(_plain(found), ensure_ascii=False, indent=2))
    else:
        for line in _in_words(found):
            click.echo(line)
    sys.exit(1 if any(not hole.declared for hole in found.holes) else 0)


def _in_words(found: Coverage) -> Iterator[str]:
    yield f"Coverage on {found.today}: topics, groups, dates, holes."
    yield ""
    yield from _table(
        ["topic", "answers", "staff", "phrasings", "tests", "asked", "places", "", "groups"],
        [
            [
                t.id,
                t.answers,
                t.staff_answers,
                t.phrasings,
                t.test_questions,
                t.asked,
                len(t.places),
                "thin" if t.thin else "",
                _some(t.audiences),
            ]
            for t in found.topics
        ],
    )
    yield ""
    yield from _table(
        ["group", "topics", "places: share known", "declared unknown", "no row"],
        [
            # Places are surveyed for the groups they may add something to; others stay empty.
            [a.id, len(a.topics), *(counts if any(counts) else ("", "", ""))]
            for a in found.audiences
            for counts in [(a.places_known, a.places_unknown, a.places_missing)]
        ],
    )
    yield ""
    yield from _table(
        [
            "from",
            "values stated",
            "declared unknown",
            "contributions",
            "places x groups: known",
            "declared unknown",
            "no row",
        ],
        [
            [
                d.on,
                d.stated,
                d.declared,
                f"{d.rates}/{d.forms}",
                d.places_known,
                d.places_unknown,
                d.places_missing,
            ]
            for d in _changes(found.dates, found.today)
        ],
    )
    yield ""
    undeclared = [hole for hole in found.holes if not hole.declared]
    declared = [hole for hole in found.holes if hole.declared]
    for name, holes in (("Undeclared holes", undeclared), ("Declared holes", declared)):
        yield f"{name}: {len(holes) or 'none'}"
        for hole in holes:
            yield f"  {hole.kind} {hole.subject}: {hole.text}"
    weak = [topic.id for topic in found.topics if topic.thin]
    yield f"Thin topics (asked about more than prepared for): {', '.join(weak) or 'none'}"


def _some(names: Sequence[str], most: int = 4) -> str:
    rest = len(names) - most
    return ", ".join([*names[:most], *([f"{rest} more"] if rest > 0 else [])])


def _changes(days: Sequence[DateLine], today: date) -> Iterator[DateLine]:
    """The days on which contributions or places change, and today: the others are in --json."""
    before: tuple[int, ...] = ()
    for day in days:
        now = (day.rates, day.places_known, day.places_unknown, day.places_missing)
        if now != before or day.on == today:
            yield day
        before = now


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Columns as wide as their widest cell: names to the left, numbers to the right."""
    cells = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(head))]
    for row in cells:
        first, *rest = (
            cell.ljust(width) if n == 0 or head[n] in ("", "groups") else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join([first, *rest]).rstrip()


# -- diff ---------------------------------------------------------------------------------
@click.command()
@click.option("--from", "first", required=True, metavar="YYYY-MM-DD", help="the earlier day")
@click.option("--to", "second", required=True, metavar="YYYY-MM-DD", help="the later day")
@click.option("--province", metavar="TÊN", help="also as read with this place named")
@click.option("--json", "as_json", is_flag=True, help="print the whole texts as JSON")
def diff(first: str, second: str, province: str | None, *, as_json: bool) -> None:
    """Show which answers read differently on two days, and by what."""
    days = day_or_today(first, "--from"), day_or_today(second, "--to")
    snapshot = load_or_raise(knowledge_folder(load_settings()))
    places = ("", _place(snapshot, province)) if province else ("",)
    old, new = (texts_of(snapshot, day, places) for day in days)
    found = differences(old, new)
    if as_json:
        answers = [_as_json(one) for one in found]
        body = {"from": days[0].isoformat(), "to": days[1].isoformat(), "answers": answers}
        click.echo(json.dumps(body, ensure_ascii=False, indent=2))
        return
    for one in found:
        click.echo(f"{one.title} ({_where(one, snapshot)})")
        for line in changed_lines(one):
            click.echo(f"  {line}")
        click.echo()
    differing, count = len({one.answer_id for one in found}), len(snapshot.answers)
    click.echo(f"{differing} of {count} answers read differently on {days[0]} and {days[1]}.")


def _where(one: Difference, snapshot: Snapshot) -> str:
    parts = [one.answer_id]
    if one.place:
        parts.append(snapshot.places[one.place].name)
    for told, when in ((one.old, "before"), (one.new, "after")):
        if told and told.withheld:
            parts.append(f"withheld {when}")
    return ", ".join(parts)


def _as_json(one: Difference) -> dict[str, Any]:
    old, new = one.old, one.new
    return {
        "answer_id": one.answer_id,
        "topic": one.topic,
        "title": one.title,
        "place": one.place or None,
        "old": old.text if old else None,
        "new": new.text if new else None,
        "withheld_old": bool(old and old.withheld),
        "withheld_new": bool(new and new.withheld),
    }


def _place(snapshot: Snapshot, name: str) -> str:
    """The id of a place by its name in any spelling. Raises `UsageError` for an unknown one."""
    lexicon = Lexicon.from_snapshot(snapshot)
    exact = lexicon.place_ids.get(fold(name).strip())
    # The day matters to no name; any will do.
    found = exact or normalize(f"tỉnh {name}", lexicon, date(2000, 1, 1)).slots.place
    if not found:
        raise click.UsageError(f"--province: there is no place {name}")
    return found


# -- JSON ---------------------------------------------------------------------------------
def _plain(data: Any) -> Any:
    """Dataclasses, dates and tuples as JSON knows them."""
    if is_dataclass(data) and not isinstance(data, type):
        return _plain(asdict(data))
    if isinstance(data, dict):
        return {str(_plain(key)): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(item) for item in data]
    if isinstance(data, date):
        return data.isoformat()
    return data.value if isinstance(data, Enum) else data
