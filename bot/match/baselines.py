"""Simple ways to choose an answer from the same phrasings, to hold the real one against."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from bot.match.decide import judge
from bot.match.features import read_text
from bot.match.index import Index
from bot.match.score import Sight, look
from bot.models import Question
from bot.normalize import fold

#: A question -> topics, best first.
Ranking = Callable[[Question], list[str]]


def rankings(index: Index) -> Mapping[str, Ranking]:
    """Name -> how that baseline ranks topics; the last one is the desk's own ranking."""
    own = [
        (fold(row.phrasing), index.profiles[row.answer_id].topic)
        for row in index.rows
        if row.answer_id and not row.negative
    ]
    lines = [line for line, _ in own]

    def wratio(question: Question) -> list[str]:
        hits = process.extract(fold(question.text), lines, scorer=fuzz.WRatio, limit=50)
        return list(dict.fromkeys(own[at][1] for _, _, at in hits))

    def of_rows(choose: Callable[[Sight], NDArray[np.float64]]) -> Ranking:
        def rank(question: Question) -> list[str]:
            scores = np.where(index.usable, choose(_look(question, index)), -1.0)
            order = np.argsort(-scores, kind="stable")[:200]
            ids = [index.rows[int(at)].answer_id for at in order if scores[at] > 0]
            return list(dict.fromkeys(index.profiles[name].topic for name in ids))

        return rank

    def trained(question: Question) -> list[str]:
        order = np.argsort(-_look(question, index).trained, kind="stable")
        names = [index.classifier.names[int(at)] for at in order]
        topics = [index.profiles[name].topic for name in names if name in index.profiles]
        return list(dict.fromkeys(topics))

    def served(question: Question) -> list[str]:
        fitting = judge(question, index).fitting
        return list(dict.fromkeys(index.profiles[one.answer_id].topic for one in fitting))

    return {
        "rapidfuzz WRatio over all phrasings": wratio,
        "BM25 over words": of_rows(lambda sight: sight.bm25),
        "nearest phrasing (words, pairs, letter groups)": of_rows(lambda sight: sight.cosine),
        "linear classifier alone": trained,
        "the desk": served,
    }


def _look(question: Question, index: Index) -> Sight:
    return look(question, read_text(question, index.synonyms), index)
