"""The trained part of matching: which answer a question belongs to, learned from all phrasings.

Kernel ridge regression, one column per answer, over the cosine between texts. Training solves
one linear system when the index is built; a question costs one vector-matrix product. On the
labelled sample it finds the right topic 6 to 8 points more often than the nearest phrasing
(see `bench/match.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: Strength of the ridge: the phrasings of one answer agree loosely, so it is high.
_RIDGE = 1.0
#: 0 = each phrasing counts alike, 1 = each answer counts alike.
_BALANCE = 0.5


class Classifier:
    """Answer scores from a row of cosines to every training text."""

    def __init__(self, kernel: NDArray[np.float64], labels: Sequence[str]) -> None:
        """Train on the cosines between all texts and the answer each belongs to.

        `labels` may hold "" for texts that belong to no answer; they get a column of their own.
        """
        self.names = tuple(sorted(set(labels)))
        column = {name: at for at, name in enumerate(self.names)}
        members = np.array([column[label] for label in labels], dtype=np.intp)
        targets = np.zeros((len(labels), len(self.names)))
        targets[np.arange(len(labels)), members] = 1.0
        sizes = targets.sum(axis=0)
        weight = (sizes.max() / sizes[members]) ** _BALANCE
        system = (kernel + kernel.T) / 2.0 + _RIDGE * np.diag(1.0 / weight)
        # Half the bytes to read per question; the scores need no more digits.
        self._weights = np.asarray(np.linalg.solve(system, targets), dtype=np.float32)

    def scores(self, row: NDArray[np.float64]) -> NDArray[np.float64]:
        """One score per name, about 1 for a sure member and 0 for a stranger."""
        return np.asarray(row.astype(np.float32) @ self._weights, dtype=np.float64)
