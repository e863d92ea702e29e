"""Speed and accuracy of understanding: `python bench/match.py [labelled.jsonl ...]`.

Prints build time, and how long normalizing and deciding take, on the shipped knowledge. With
labelled files (format of `bot eval`) their messages are used and accuracy is printed too, for
the nearest phrasing alone, the trained part alone, and both as served.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from bot.commands.common import match_settings
from bot.config import load_settings
from bot.match import Index, decide
from bot.match.decide import judge
from bot.match.evaluate import OUTSIDE, Response, accepted, evaluate
from bot.match.features import read_text
from bot.match.score import look
from bot.normalize import normalize
from knowledge.loader import load_or_raise

TODAY = date(2026, 11, 22)


def main(paths: Sequence[str]) -> None:
    """Measure and print."""
    snapshot = load_or_raise()
    started = time.perf_counter()
    index = Index.build(snapshot)
    built = time.perf_counter() - started
    print(f"{len(index.profiles)} answers, {len(index.rows)} phrasings, built in {built:.2f} s")
    rows = [json.loads(line) for path in paths for line in Path(path).read_text().splitlines()]
    rows = [row for row in rows if "text" in row]
    texts = [row["text"] for row in rows] or [row.phrasing for row in index.rows]
    _speed(texts, index)
    if rows:
        _accuracy(rows, index)


def _speed(texts: Sequence[str], index: Index) -> None:
    settings = match_settings(load_settings())
    reading: list[float] = []
    whole: list[float] = []
    for text in texts:
        start = time.perf_counter()
        question = normalize(text, index.lexicon, TODAY)
        middle = time.perf_counter()
        decide(question, index, settings)
        reading.append(middle - start)
        whole.append(time.perf_counter() - start)
    for name, values in (("normalize", reading), ("normalize + decide", whole)):
        p50, p99 = np.percentile(np.array(values) * 1000, [50, 99])
        print(f"{name}: p50 {p50:.2f} ms, p99 {p99:.2f} ms, max {max(values) * 1000:.2f} ms")


def _accuracy(rows: Sequence[Mapping[str, Any]], index: Index) -> None:
    topics = index.snapshot.topics
    inside = [row for row in rows if str(row.get("topic") or "") not in OUTSIDE]
    ways: dict[str, Callable[[str], list[str]]] = {
        "nearest phrasing": lambda text: _nearest(text, index),
        "trained part": lambda text: _trained(text, index),
        "as served": lambda text: _served(text, index),
    }
    for name, rank in ways.items():
        found = [
            [accepted(row, topic, topics) for topic in rank(str(row["text"]))[:3]] for row in inside
        ]
        first = sum(bool(hits and hits[0]) for hits in found) / len(found)
        three = sum(any(hits) for hits in found) / len(found)
        print(f"{name}: top-1 {100 * first:.1f} %, top-3 {100 * three:.1f} %")
    report = evaluate(rows, lambda row: [_respond(str(row["text"]), index)], topics)
    print("\n".join(report.lines()))


def _topics(ids: Sequence[str], index: Index) -> list[str]:
    return list(dict.fromkeys(index.profiles[i].topic for i in ids))


def _nearest(text: str, index: Index) -> list[str]:
    question = normalize(text, index.lexicon, TODAY)
    sight = look(question, read_text(question, index.synonyms), index)
    order = np.argsort(-sight.cosine, kind="stable")
    ids = [index.rows[int(at)].answer_id for at in order if not index.rows[int(at)].negative]
    return _topics([i for i in ids if i in index.profiles], index)


def _trained(text: str, index: Index) -> list[str]:
    question = normalize(text, index.lexicon, TODAY)
    sight = look(question, read_text(question, index.synonyms), index)
    names = [index.classifier.names[int(at)] for at in np.argsort(-sight.trained, kind="stable")]
    return _topics([name for name in names if name in index.profiles], index)


def _served(text: str, index: Index) -> list[str]:
    judged = judge(normalize(text, index.lexicon, TODAY), index)
    return _topics([one.answer_id for one in judged.fitting], index)


def _respond(text: str, index: Index) -> Response:
    settings = match_settings(load_settings())
    decision = decide(normalize(text, index.lexicon, TODAY), index, settings)
    ids = [one.answer_id for one in decision.candidates if not one.vetoes]
    topics = [index.profiles[i].topic for i in ids]
    if decision.outcome == "answered":
        return Response("answered", topics[0])
    return Response(str(decision.outcome), options=tuple(topics[: settings.options]))


if __name__ == "__main__":
    main(sys.argv[1:])
