"""The fitted numbers of matching: a weight per kind of evidence, and the calibration.

Both are small linear models that a person can read. `bot fit` fits them on labelled questions
and writes `knowledge/lexicon/calibration.yaml`; without that file the built-in numbers serve.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Evidence for one answer -> weight in its rank score.
RANK: Mapping[str, float] = {
    "trained": 4.2,
    "topic": 0.0,
    "whole": 0.0,
    "cosine": 3.7,
    "top3": 1.7,
    "bm25": 1.3,
    "token_set": 0.7,
    "token_sort": 0.6,
    "covers_question": 1.0,
    "covers_phrasing": 0.8,
    "covers_answer": 0.0,
    "kinds": 0.0,
    "audience": 0.3,
    "verbs": 0.7,
    "slots": 0.1,
    "record": -0.3,
    "negative": -4.0,
    "elsewhere": -1.5,
}
#: Evidence about the best answer as a whole -> weight in the calibration (log-odds).
CALIBRATION: Mapping[str, float] = {
    "bias": -2.8,
    "rank": 0.4,
    "margin": 0.0,
    "share": 0.5,
    "family": 0.0,
    "trained": 1.3,
    "topic": 0.0,
    "token_set": 0.0,
    "token_sort": 0.0,
    "covers_answer": 0.0,
    "audience": 0.0,
    "product": 0.0,
    "none": -1.0,
    "nearest_none": 0.0,
    "off_topic": 0.0,
    "unknown_words": -0.5,
    "accents_differ": -0.3,
    "short": -0.6,
}


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by name of evidence."""

    rank: Mapping[str, float] = field(default_factory=lambda: RANK)
    calibration: Mapping[str, float] = field(default_factory=lambda: CALIBRATION)

    @classmethod
    def from_mapping(cls, raw: Mapping[str, Any] | None) -> Model:
        """Read what `to_mapping` wrote; None gives the built-in numbers.

        Raises ValueError when a weight is no number.
        """
        if not raw:
            return cls()
        return cls(
            rank={name: float(raw["rank"].get(name, 0.0)) for name in RANK},
            calibration={name: float(raw["calibration"].get(name, 0.0)) for name in CALIBRATION},
        )

    def to_mapping(self) -> dict[str, dict[str, str]]:
        """The weights as strings with four decimals, as the knowledge folder stores scalars."""
        return {
            "rank": {name: f"{value:.4f}" for name, value in self.rank.items()},
            "calibration": {name: f"{value:.4f}" for name, value in self.calibration.items()},
        }

    def rank_score(self, evidence: Mapping[str, float]) -> float:
        """The rank score of an answer from its evidence."""
        # A list, not a generator: this runs for every answer of every question.
        return sum([weight * evidence.get(name, 0.0) for name, weight in self.rank.items()])

    def probability(self, evidence: Mapping[str, float]) -> float:
        """The calibrated probability 0..1 that the best answer is right."""
        odds = sum(weight * evidence.get(name, 0.0) for name, weight in self.calibration.items())
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))
