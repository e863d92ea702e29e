"""The space of texts: words, pairs of words and letter groups as one sparse vector per text.

Each of the three kinds is a TF-IDF vector of length 1, counted at its share; the product of two
texts is then the weighted mean of three cosines. One matrix serves the search (column by column)
and the training of the classifier (as a whole), so a question never costs more than the
features it holds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.match.features import Text

#: Share of words, pairs of words and letter groups in the likeness of two texts.
_SHARES = (0.4, 0.2, 0.4)
#: Most entries of the matrix that one question reads: the rarest features come first, and what
#: is left out then stands in so many texts that it tells little (measured on the labelled
#: questions: 0.3 points fewer right answers than reading all, as many wrong ones).
MOST_READ = 80_000


@dataclass(frozen=True, slots=True)
class Point:
    """A text in the space: the columns of its features that any stored text has, and weights."""

    columns: NDArray[np.intp]
    weights: NDArray[np.float64]


class Space:
    """Stored texts as rows of a sparse matrix; see the module's docstring."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self.size = len(texts)
        self._kinds = [
            _Kind(share, [bag(text) for text in texts])
            for share, bag in zip(_SHARES, (_terms, _pairs, _grams), strict=True)
        ]
        offset = 0
        for kind in self._kinds:
            kind.offset = offset
            offset += len(kind.columns)
        self.width = offset
        points = [self.point(text) for text in texts]
        starts = np.cumsum([0, *(len(point.columns) for point in points)])
        self.rows: sparse.csr_array = sparse.csr_array(
            (
                # Half the bytes to read per question; the scores need no more digits.
                _joined([point.weights for point in points], np.float64).astype(np.float32),
                _joined([point.columns for point in points], np.intp),
                starts,
            ),
            shape=(self.size, self.width),
        )
        self._by_column: sparse.csr_array = self.rows.T.tocsr()
        self._lengths = np.diff(self._by_column.indptr)

    def point(self, text: Text) -> Point:
        """A text in the space. Words that no stored text has lower the weight of the others."""
        columns: list[int] = []
        weights: list[float] = []
        for kind, bag in zip(self._kinds, (text.terms, text.pairs, text.grams), strict=True):
            kind.place(bag, columns, weights)
        return Point(np.array(columns, dtype=np.intp), np.array(weights))

    def likeness(self, point: Point, most: int | None = None) -> NDArray[np.float64]:
        """How alike a text is to every stored one, 0..1, in their order.

        `most` bounds the entries read; None stands for `MOST_READ`.
        """
        columns, weights = point.columns, point.weights
        lengths = self._lengths[columns]
        most = MOST_READ if most is None else most
        if int(lengths.sum()) > most:
            rare = np.argsort(lengths, kind="stable")
            rare = rare[: max(1, int((np.cumsum(lengths[rare]) <= most).sum()))]
            columns, weights = columns[rare], weights[rare]
        found = weights.astype(np.float32) @ self._by_column[columns]
        return np.asarray(found, dtype=np.float64)


class _Kind:
    """One kind of feature: its columns and how rare each is."""

    def __init__(self, share: float, bags: Sequence[Mapping[str, float]]) -> None:
        # The share counts on both sides of a product.
        self._scale = math.sqrt(share)
        self.offset = 0
        counts: dict[str, int] = {}
        for bag in bags:
            for feature in bag:
                counts[feature] = counts.get(feature, 0) + 1
        size = len(bags)
        self.columns = {feature: at for at, feature in enumerate(counts)}
        self._idf = {
            feature: math.log(1.0 + (size - n + 0.5) / (n + 0.5)) for feature, n in counts.items()
        }
        self._unseen = math.log(1.0 + (size + 0.5) / 0.5)

    def place(self, bag: Mapping[str, float], columns: list[int], weights: list[float]) -> None:
        idf, unseen = self._idf, self._unseen
        total = 0.0
        first = len(columns)
        for feature, n in bag.items():
            at = self.columns.get(feature)
            if at is None:
                total += (n * unseen) ** 2
                continue
            weight = n * idf[feature]
            total += weight * weight
            columns.append(self.offset + at)
            weights.append(weight)
        scale = self._scale / (math.sqrt(total) or 1.0)
        for i in range(first, len(weights)):
            weights[i] *= scale


def _terms(text: Text) -> Mapping[str, float]:
    return text.terms


def _pairs(text: Text) -> Mapping[str, float]:
    return text.pairs


def _grams(text: Text) -> Mapping[str, float]:
    return text.grams


def _joined(arrays: Sequence[NDArray[np.generic]], kind: type[np.generic]) -> NDArray[np.generic]:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype=kind)
