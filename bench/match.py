"""Speed of understanding at three sizes: `python bench/match.py [labelled.jsonl ...]`.

For 1,000, 10,000 and 100,000 phrasings (`--sizes`): how long building, normalizing, shortlisting,
scoring and the whole answer take, the memory, and beside it rapidfuzz's WRatio over all
phrasings in the same run, with how often each puts a right topic first. Messages come from the
labelled files (format of `bot eval`, default: those of tests/eval).
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from bench.grown import grown
from bot.answer import prepare
from bot.commands.common import build_desk
from bot.config import load_settings
from bot.dialogue import VIETNAM, Circumstances, Desk, Said, at_noon
from bot.match.evaluate import OUTSIDE, accepted
from bot.match.features import read_text
from bot.match.score import look, score_answers, shortlist
from bot.models import Conversation, EventKind
from bot.normalize import fold, normalize
from knowledge.loader import load_or_raise

ROOT = Path(__file__).parents[1]
TODAY = datetime(2026, 11, 22, tzinfo=VIETNAM).date()
#: WRatio over 100,000 phrasings takes most of a second a message; a part of them is enough.
_SLOW_MESSAGES = 60


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--sizes", default="1000,10000,100000")
    options = parser.parse_args()
    files = options.files or sorted((ROOT / "tests" / "eval").glob("*.jsonl"))
    rows = [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]
    rows = [row for row in rows if "text" in row]
    snapshot = load_or_raise()
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {len(rows)} messages, median "
        f"{np.median([len(row['text']) for row in rows]):.0f} letters"
    )
    for size in [int(text) for text in options.sizes.split(",")]:
        base = grown(snapshot, size)
        started = time.perf_counter()
        desk = build_desk(load_settings(), base)
        prepare(base)  # this and the next line: as the service does before it serves
        gc.freeze()
        print(
            f"\n{size} phrasings of {len(base.answers)} answers: built in "
            f"{time.perf_counter() - started:.1f} s, peak memory "
            f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
        )
        _speed(rows, desk)


def _speed(rows: Sequence[Mapping[str, Any]], desk: Desk) -> None:
    index = desk.index
    texts = [str(row["text"]) for row in rows]
    for text in texts[:30]:
        _ask(desk, text)
    spent: dict[str, list[float]] = {"normalize": [], "shortlist and score": [], "whole answer": []}
    ours: list[str] = []
    for text in texts:
        question = _timed(spent["normalize"], lambda: normalize(text, desk.lexicon, TODAY))  # noqa: B023 - called at once

        def search() -> str:
            sight = look(question, read_text(question, index.synonyms), index)  # noqa: B023 - same
            found = score_answers(sight, shortlist(sight, index), index)
            return found[0].answer_id if found else ""

        ours.append(_timed(spent["shortlist and score"], search))
        _timed(spent["whole answer"], lambda: _ask(desk, text))  # noqa: B023 - same
    for name, values in spent.items():
        _print(name, values)
    stored = [
        (fold(row.phrasing), row.answer_id)
        for row in index.rows
        if row.answer_id and not row.negative
    ]
    phrasings = [line for line, _ in stored]
    slow: list[float] = []
    step = max(1, len(rows) // _SLOW_MESSAGES)
    theirs: dict[int, str] = {}
    for at in range(0, len(rows), step):
        started = time.perf_counter()
        hit = process.extractOne(fold(texts[at]), phrasings, scorer=fuzz.WRatio)
        slow.append(time.perf_counter() - started)
        theirs[at] = stored[hit[2]][1]
    _print(f"WRatio over all ({len(slow)} messages)", slow)
    fast = float(np.median(spent["shortlist and score"]))
    print(f"  WRatio takes {np.median(slow) / fast:.1f} times as long at the median")
    inside = [at for at in theirs if str(rows[at].get("topic") or "") not in OUTSIDE]
    for name, found in (("ours", {at: ours[at] for at in theirs}), ("WRatio", theirs)):
        right = sum(_right(rows[at], found[at], desk) for at in inside)
        print(f"  right topic first, {name}: {right} of {len(inside)}")
    right = sum(
        _right(row, ours[at], desk)
        for at, row in enumerate(rows)
        if str(row.get("topic") or "") not in OUTSIDE
    )
    print(f"  right topic first, ours, all messages: {right}")


def _timed(spent: list[float], run: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    result = run()
    spent.append(time.perf_counter() - start)
    return result


def _print(name: str, values: Sequence[float]) -> None:
    p50, p99 = np.percentile(np.array(values) * 1000, [50, 99])
    print(f"  {name}: p50 {p50:.2f} ms, p99 {p99:.2f} ms, max {max(values) * 1000:.2f} ms")


def _ask(desk: Desk, text: str) -> None:
    said = Said(text=text, kind=EventKind.TEXT)
    desk.respond(said, Conversation(), Circumstances(now=at_noon(TODAY)))


def _right(row: Mapping[str, Any], answer_id: str, desk: Desk) -> bool:
    profile = desk.index.profiles.get(answer_id)
    return bool(profile) and accepted(row, profile.topic, desk.snapshot.topics)


if __name__ == "__main__":
    main()
