"""The space of texts: words, pairs of words and letter groups as one sparse vector per text.

Each of the three kinds is a TF-IDF vector of length 1, counted at its share; the product of two
texts is then the weighted mean of three cosines. One matrix serves the search (column by column)
and the training of the classifier (as a whole), so a question never costs more than the
features it holds.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.match.features import Text

#: Share of words, pairs of words and letter groups in the likeness of two texts.
_SHARES = (0.4, 0.2, 0.4)
#: Most entries of the matrix that one question reads: the rarest features come first, and what
#: is left out then stands in so many texts that it tells little (measured on the labelled
#: questions: as many right, offered and wrong ones as reading all, give or take half a point).
MOST_READ = 50_000


@dataclass(frozen=True, slots=True)
class Point:
    """A text in the space: the columns of its features that any stored text has, and weights."""

    columns: NDArray[np.intp]
    weights: NDArray[np.float64]


class Space:
    """Stored texts as rows of a sparse matrix; see the module's docstring."""

    def __init__(self, texts: Iterable[Text]) -> None:
        """Read the texts one by one; none is kept, their letter groups would fill the memory."""
        self._kinds = [_Kind(share) for share in _SHARES]
        self.size = 0
        for text in texts:
            self.size += 1
            for kind, bag in zip(self._kinds, (text.terms, text.pairs, text.grams), strict=True):
                kind.read(bag)
        offset = 0
        for kind in self._kinds:
            kind.close(offset)
            offset += len(kind.columns)
        self.width = offset
        rows = sparse.hstack(
            [kind.matrix() for kind in self._kinds], format="csr", dtype=np.float32
        )
        self._by_column: sparse.csr_array = sparse.csr_array(rows.T.tocsr())
        self._lengths = np.diff(self._by_column.indptr)

    @property
    def entries(self) -> int:
        """How many weights are stored."""
        return int(self._by_column.nnz)

    def rows(self) -> sparse.csr_array:
        """The stored texts row by row, for training; made anew, since a search reads columns."""
        return sparse.csr_array(self._by_column.T.tocsr())

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

    def __init__(self, share: float) -> None:
        # The share counts on both sides of a product.
        self._scale = math.sqrt(share)
        self.columns: dict[str, int] = {}
        self._offset = 0
        self._read_columns = array("i")
        self._read_weights = array("f")
        self._ends = array("q", [0])

    def read(self, bag: Mapping[str, float]) -> None:
        """Take in one stored text."""
        columns = self.columns
        for feature, n in bag.items():
            self._read_columns.append(columns.setdefault(feature, len(columns)))
            self._read_weights.append(n)
        self._ends.append(len(self._read_columns))

    def close(self, offset: int) -> None:
        """All texts are read: how rare is each feature? `offset` is where its columns begin."""
        self._offset = offset
        size = len(self._ends) - 1
        self._found = np.frombuffer(self._read_columns, dtype=np.int32)
        held = np.bincount(self._found, minlength=len(self.columns))
        self._idf = np.log(1.0 + (size - held + 0.5) / (held + 0.5)).tolist()
        self._unseen = math.log(1.0 + (size + 0.5) / 0.5)

    def matrix(self) -> sparse.csr_array:
        """The texts as rows of length 1 times the share. Once: what was read is then let go."""
        ends = np.frombuffer(self._ends, dtype=np.int64)
        size = len(ends) - 1
        data = (
            np.frombuffer(self._read_weights, dtype=np.float32) * np.array(self._idf)[self._found]
        )
        row = np.repeat(np.arange(size), np.diff(ends))
        norms = np.sqrt(np.bincount(row, data * data, minlength=size))
        data *= self._scale / np.where(norms > 0, norms, 1.0)[row]
        found = self._found
        self._found = found[:0].copy()
        self._read_columns, self._read_weights, self._ends = array("i"), array("f"), array("q", [0])
        return sparse.csr_array((data, found, ends), shape=(size, len(self.columns)))

    def place(self, bag: Mapping[str, float], columns: list[int], weights: list[float]) -> None:
        """Append the columns and weights of a question's bag."""
        idf, unseen = self._idf, self._unseen
        total = 0.0
        first = len(columns)
        for feature, n in bag.items():
            at = self.columns.get(feature)
            if at is None:
                total += (n * unseen) ** 2
                continue
            weight = n * idf[at]
            total += weight * weight
            columns.append(self._offset + at)
            weights.append(weight)
        scale = self._scale / (math.sqrt(total) or 1.0)
        for i in range(first, len(weights)):
            weights[i] *= scale
