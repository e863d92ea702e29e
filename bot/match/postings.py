"""BM25: an inverted index from words to the texts that hold them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]


class Postings:
    """Word -> (text numbers, weights); scoring is one gather and one sum per question."""

    def __init__(self, bags: Sequence[Mapping[str, float]]) -> None:
        """Index one bag of words per text."""
        self.size = len(bags)
        rows: dict[str, list[int]] = {}
        for row, bag in enumerate(bags):
            for feature in bag:
                rows.setdefault(feature, []).append(row)
        self.idf = {
            feature: math.log(1.0 + (self.size - len(held) + 0.5) / (len(held) + 0.5))
            for feature, held in rows.items()
        }
        #: What a word weighs that no text has.
        self.unseen = math.log(1.0 + (self.size + 0.5) / 0.5)
        self._rows = {key: np.array(held, dtype=np.intp) for key, held in rows.items()}
        self._weights = self._weigh(bags)

    def _weigh(
        self, bags: Sequence[Mapping[str, float]], k1: float = 1.2, b: float = 0.6
    ) -> dict[str, Scores]:
        lengths = [sum(bag.values()) for bag in bags]
        mean = sum(lengths) / max(1, len(lengths)) or 1.0
        scales = [k1 * (1.0 - b + b * length / mean) for length in lengths]
        out: dict[str, Scores] = {}
        for feature, held in self._rows.items():
            idf = self.idf[feature] * (k1 + 1.0)
            values = []
            for row in held.tolist():
                count = bags[row][feature]
                values.append(idf * count / (count + scales[row]))
            out[feature] = np.array(values)
        return out

    def full(self, bag: Mapping[str, float]) -> float:
        """The score of a text that holds every word of the bag (about)."""
        return sum(n * self.idf.get(key, self.unseen) * 1.4 for key, n in bag.items()) or 1.0

    def scores(self, bag: Mapping[str, float]) -> Scores:
        """The score of every text for a question's bag."""
        held = [
            (self._rows[word], self._weights[word] * n)
            for word, n in bag.items()
            if word in self._rows
        ]
        if not held:
            return np.zeros(self.size)
        rows = np.concatenate([one for one, _ in held])
        parts = np.concatenate([one for _, one in held])
        return np.asarray(np.bincount(rows, parts, minlength=self.size), dtype=np.float64)
