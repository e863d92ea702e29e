"""Speed of understanding at three sizes: `python -m bench.match [labelled.jsonl ...]`.

For 1,000, 10,000 and 100,000 phrasings (`--sizes`): how long building, normalizing, shortlisting,
scoring and the whole answer take, the memory, and beside it rapidfuzz's WRatio over all
phrasings in the same run, with how often each puts a right topic first. Messages come from the
labelled files (format of `bot eval`, default: those of tests/eval).
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from bench.grown import grown
from bench.record import MATCHING, MATCHING_HEAD, Line, machine, record
from bot.answer import prepare
from bot.commands.common import build_desk
from bot.config import load_settings
from bot.dialogue import VIETNAM, Circumstances, Desk, Said, at_noon
from bot.interpreter import settle
from bot.match.evaluate import OUTSIDE, accepted
from bot.match.features import read_text
from bot.match.score import look, score_answers, shortlist
from bot.models import Conversation, EventKind
from bot.normalize import fold, normalize
from knowledge.loader import load_or_raise
from knowledge.snapshot import Snapshot

ROOT = Path(__file__).parents[1]
TODAY = datetime(2026, 11, 22, tzinfo=VIETNAM).date()
#: WRatio over 100,000 phrasings takes most of a second a message; a part of them is enough.
_SLOW_MESSAGES = 60
#: The sizes for which something is asked.
_FLOOR_SIZE, _LARGE = 10_000, 100_000


def main() -> None:
    """Measure, print, and record with `--record`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--record", action="store_true", help="write docs/matching.md")
    options = parser.parse_args()
    files = options.files or sorted((ROOT / "tests" / "eval").glob("*.jsonl"))
    rows = [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]
    rows = [row for row in rows if "text" in row]
    median = np.median([len(row["text"]) for row in rows])
    lines = [Line("messages, letters at the median", f"{len(rows)}, {median:.0f}")]
    snapshot = load_or_raise()
    print(f"{machine()}{lines[0].plain()}")
    searched: dict[int, float] = {}
    for size in [int(text) for text in options.sizes.split(",")]:
        found = _one_size(rows, snapshot, size, searched)
        for line in found:
            print(line.plain(), flush=True)
        lines += found
    if {_FLOOR_SIZE, _LARGE} <= searched.keys():
        times = searched[_LARGE] / searched[_FLOOR_SIZE]
        line = Line(f"{_LARGE} phrasings take, times {_FLOOR_SIZE}", f"{times:.1f}", "4", "",
                    times <= 4)  # fmt: skip
        print(line.plain())
        lines.append(line)
    if options.record:
        command = f"-m bench.match --sizes {options.sizes} --record"
        record("Speed", command, lines, path=MATCHING, head=MATCHING_HEAD)


def _one_size(
    rows: Sequence[Mapping[str, Any]], snapshot: Snapshot, size: int, searched: dict[int, float]
) -> list[Line]:
    base = grown(snapshot, size)
    started = time.perf_counter()
    desk = build_desk(load_settings(), base)
    prepare(base)  # this and the next line: as the service does before it serves
    settle()
    built = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Line(f"{size} phrasings of {len(base.answers)} answers"),
        Line("built in, peak memory of the process", f"{built:.1f} s, {peak:.0f} MB"),
        *_speed(rows, desk, size, searched),
    ]


def _speed(
    rows: Sequence[Mapping[str, Any]], desk: Desk, size: int, searched: dict[int, float]
) -> list[Line]:
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
    lines = []
    for name, values in spent.items():
        p99 = float(np.percentile(values, 99)) * 1000
        asked = name == "whole answer" and size == _FLOOR_SIZE
        lines.append(
            Line(f"{name}, p50 / p99 / max", _row(values), "p99 5 ms", "", p99 <= 5)
            if asked
            else Line(f"{name}, p50 / p99 / max", _row(values))
        )
    searched[size] = float(np.median(spent["shortlist and score"]))
    return lines + _beside(rows, texts, ours, desk, size, searched[size])


def _beside(
    rows: Sequence[Mapping[str, Any]],
    texts: Sequence[str],
    ours: Sequence[str],
    desk: Desk,
    size: int,
    median: float,
) -> list[Line]:
    """rapidfuzz's WRatio over all phrasings, on a part of the messages."""
    stored = [
        (fold(row.phrasing), row.answer_id)
        for row in desk.index.rows
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
    times = float(np.median(slow)) / median
    inside = [at for at in theirs if str(rows[at].get("topic") or "") not in OUTSIDE]
    right = {
        name: sum(_right(rows[at], found[at], desk) for at in inside)
        for name, found in (("ours", {at: ours[at] for at in theirs}), ("WRatio", theirs))
    }
    asked = size == _FLOOR_SIZE
    return [
        Line(f"WRatio over all ({len(slow)} messages), p50 / p99 / max", _row(slow)),
        Line("WRatio takes, times shortlist and score at the median", f"{times:.1f}",
             "20" if asked else "", "", times >= 20 if asked else None),
        Line(f"right topic first of {len(inside)}, ours / WRatio",
             f"{right['ours']} / {right['WRatio']}", "no worse" if asked else "", "",
             right["ours"] >= right["WRatio"] if asked else None),
    ]  # fmt: skip


def _timed(spent: list[float], run: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    result = run()
    spent.append(time.perf_counter() - start)
    return result


def _row(seconds: Sequence[float]) -> str:
    p50, p99 = np.percentile(np.array(seconds) * 1000, [50, 99])
    return f"{p50:.2f} / {p99:.2f} / {max(seconds) * 1000:.2f} ms"


def _ask(desk: Desk, text: str) -> None:
    said = Said(text=text, kind=EventKind.TEXT)
    desk.respond(said, Conversation(), Circumstances(now=at_noon(TODAY)))


def _right(row: Mapping[str, Any], answer_id: str, desk: Desk) -> bool:
    profile = desk.index.profiles.get(answer_id)
    return bool(profile) and accepted(row, profile.topic, desk.snapshot.topics)


if __name__ == "__main__":
    main()
