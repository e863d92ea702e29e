"""An inverted index over weighted features: which phrasings hold a feature, and how much of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]


class Postings:
    """Feature -> (phrasing numbers, weights); scoring is one gather and one sum per question."""

    def __init__(self, bags: Sequence[Mapping[str, float]], *, bm25: bool = False) -> None:
        """Index one bag of features per phrasing.

        With `bm25` a score is BM25 over the bags; else the cosine of TF-IDF vectors, whose
        length counts features that no phrasing has, so that foreign words lower it.
        """
        self.size = len(bags)
        self._bm25 = bm25
        rows: dict[str, list[int]] = {}
        for row, bag in enumerate(bags):
            for feature in bag:
                rows.setdefault(feature, []).append(row)
        self.idf = {
            feature: math.log(1.0 + (self.size - len(held) + 0.5) / (len(held) + 0.5))
            for feature, held in rows.items()
        }
        #: What a feature weighs that no phrasing has.
        self.unseen = math.log(1.0 + (self.size + 0.5) / 0.5)
        self._rows = {key: np.array(held, dtype=np.intp) for key, held in rows.items()}
        self._weights = self._cosine_weights(bags) if not bm25 else self._bm25_weights(bags)

    def _cosine_weights(self, bags: Sequence[Mapping[str, float]]) -> dict[str, Scores]:
        norms = [self._norm(bag) for bag in bags]
        return {
            feature: np.array(
                [bags[row][feature] * self.idf[feature] / norms[row] for row in held.tolist()]
            )
            for feature, held in self._rows.items()
        }

    def _bm25_weights(
        self, bags: Sequence[Mapping[str, float]], k1: float = 1.2, b: float = 0.6
    ) -> dict[str, Scores]:
        lengths = [sum(bag.values()) for bag in bags]
        mean = sum(lengths) / max(1, len(lengths)) or 1.0
        out: dict[str, Scores] = {}
        for feature, held in self._rows.items():
            values = []
            for row in held.tolist():
                count = bags[row][feature]
                scale = k1 * (1.0 - b + b * lengths[row] / mean)
                values.append(self.idf[feature] * count * (k1 + 1.0) / (count + scale))
            out[feature] = np.array(values)
        return out

    def _norm(self, bag: Mapping[str, float]) -> float:
        idf, unseen = self.idf, self.unseen
        return math.sqrt(sum((n * idf.get(key, unseen)) ** 2 for key, n in bag.items())) or 1.0

    def full(self, bag: Mapping[str, float]) -> float:
        """The BM25 score of a phrasing that holds every feature of the bag (about)."""
        return sum(n * self.idf.get(key, self.unseen) * 1.4 for key, n in bag.items()) or 1.0

    def scores(self, bag: Mapping[str, float]) -> Scores:
        """The score of every phrasing for a question's bag."""
        rows: list[NDArray[np.intp]] = []
        parts: list[Scores] = []
        norm = 1.0 if self._bm25 else self._norm(bag)
        for feature, count in bag.items():
            held_by = self._rows.get(feature)
            if held_by is not None:
                rows.append(held_by)
                factor = count if self._bm25 else count * self.idf[feature] / norm
                parts.append(self._weights[feature] * factor)
        if not rows:
            return np.zeros(self.size)
        held, weights = np.concatenate(rows), np.concatenate(parts)
        return np.asarray(np.bincount(held, weights, minlength=self.size), dtype=np.float64)
