"""Fitting the numbers of matching on labelled questions (`bot fit`).

Two small logistic models: one weighs the evidence that ranks answers, one turns the best
answer's evidence into the probability that it is right. Plain gradient descent on a convex
loss from fixed starting points: the same rows give the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.match.decide import judge
from bot.match.evaluate import OUTSIDE, accepted
from bot.match.index import Index
from bot.match.model import CALIBRATION, RANK, Model
from bot.models import Question
from bot.normalize import normalize
from knowledge.snapshot import Snapshot

#: How strongly the weights are held near the built-in ones (rank) and near 0 (calibration, where
#: each fact is measured in its own spread).
_RANK_PULL = 0.005
_CALIBRATION_PULL = 0.001
_STEPS = 1500
#: A fact that hardly differs between rows has no spread to measure it in.
_FLAT = 1e-6
_RATE = 0.03
#: Evidence whose weight may not change sign: nearer phrasings never speak against an answer.
_NOT_NEGATIVE = frozenset(RANK) - {"record", "negative", "elsewhere"}
#: Facts that never speak for the best answer; all others never speak against it.
_DOUBTS = frozenset(
    {"none", "nearest_none", "off_topic", "unknown_words", "accents_differ", "short"}
)

Array = NDArray[np.float64]


#: Evidence of the fitting answers of one row (one line each), and which of them are right.
Group = tuple[Array, Array]


def fit(rows: Iterable[Mapping[str, Any]], snapshot: Snapshot, index: Index | None = None) -> Model:
    """The model that fits labelled rows best.

    Args:
        rows: as `bot.match.evaluate` reads them; dialogues are left out.
        snapshot: the knowledge that the rows are asked against.
        index: built from that snapshot, to save building it again.
    """
    index = index or Index.build(snapshot)
    labelled = [row for row in rows if "text" in row]
    rank = solve_rank(rank_groups(labelled, index))
    index = replace(index, model=Model(rank=rank, calibration=index.model.calibration))
    return Model(rank=rank, calibration=solve_calibration(*best_facts(labelled, index)))


def rank_groups(rows: Iterable[Mapping[str, Any]], index: Index) -> list[Group]:
    """The evidence to learn ranking from: rows in scope that have right and wrong answers."""
    names = list(RANK)
    groups: list[Group] = []
    for row in rows:
        if str(row.get("topic") or "") in OUTSIDE:
            continue
        judged = judge(_question(row, index), index)
        right = np.array([_right(row, one.answer_id, index) for one in judged.fitting])
        if right.any() and not right.all():
            matrix = [[one.evidence.get(name, 0.0) for name in names] for one in judged.fitting]
            groups.append((np.array(matrix), right.astype(np.float64)))
    return groups


def solve_rank(groups: Sequence[Group]) -> dict[str, float]:
    """Weights under which right answers rank before wrong ones (a softmax over each row)."""
    names = list(RANK)
    start = np.array([RANK[name] for name in names])
    positive = np.array([name in _NOT_NEGATIVE for name in names])
    if not groups:
        return dict(zip(names, start.tolist(), strict=True))
    matrix = np.concatenate([group[0] for group in groups])
    right = np.concatenate([group[1] for group in groups])
    first = np.cumsum([0, *(len(group[1]) for group in groups)])[:-1]
    member = np.repeat(np.arange(len(groups)), [len(group[1]) for group in groups])

    def shares(scores: Array) -> Array:
        raised = np.exp(scores - np.maximum.reduceat(scores, first)[member])
        return np.asarray(raised / np.add.reduceat(raised, first)[member], dtype=np.float64)

    def slope(weights: Array) -> Array:
        scores = matrix @ weights
        wanted = shares(np.where(right > 0, scores, -1e9))
        pull = _RANK_PULL * (weights - start)
        return np.asarray(matrix.T @ (shares(scores) - wanted) / len(groups) + pull)

    weights = _descend(start, slope, np.where(positive, 0.0, -np.inf))
    return dict(zip(names, weights.tolist(), strict=True))


def best_facts(
    rows: Iterable[Mapping[str, Any]], index: Index
) -> tuple[list[list[float]], list[bool]]:
    """The evidence to learn the probability from: each row's best answer, and if it is right."""
    facts: list[list[float]] = []
    truth: list[bool] = []
    for row in rows:
        judged = judge(_question(row, index), index)
        if judged.fitting:
            facts.append([judged.evidence.get(name, 0.0) for name in CALIBRATION])
            outside = str(row.get("topic") or "") in OUTSIDE
            truth.append(not outside and _right(row, judged.fitting[0].answer_id, index))
    return facts, truth


def solve_calibration(facts: Sequence[Sequence[float]], truth: Sequence[bool]) -> dict[str, float]:
    """Weights under which the probability of the best answer matches how often it is right."""
    names = list(CALIBRATION)
    start = np.array([CALIBRATION[name] for name in names])
    if not facts:
        return dict(zip(names, start.tolist(), strict=True))
    wanted = np.array(truth, dtype=np.float64)
    spread = np.array(facts).std(axis=0)
    spread[spread < _FLAT] = 1.0
    matrix = np.array(facts) / spread
    held = np.array([name != "bias" for name in names])
    sign = np.array([-1.0 if name in _DOUBTS else 1.0 for name in names])
    matrix = matrix * sign

    def slope(weights: Array) -> Array:
        chance = 1.0 / (1.0 + np.exp(-np.clip(matrix @ weights, -30, 30)))
        pull = np.where(held, _CALIBRATION_PULL * weights, 0.0)
        return np.asarray(matrix.T @ (chance - wanted) / len(wanted) + pull)

    weights = _descend(start * spread * sign, slope, np.where(held, 0.0, -np.inf))
    return dict(zip(names, (weights * sign / spread).tolist(), strict=True))


def _descend(start: Array, slope: Callable[[Array], Array], least: Array) -> Array:
    """Gradient descent with momentum and a step per weight, kept at or above `least`."""
    weights = start.copy()
    moment = np.zeros_like(weights)
    spread = np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        here = slope(weights)
        moment = 0.9 * moment + 0.1 * here
        spread = 0.999 * spread + 0.001 * here * here
        move = (moment / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.999**step)) + 1e-9)
        weights = np.maximum(weights - _RATE * move, least)
    return weights


def _right(row: Mapping[str, Any], answer_id: str, index: Index) -> bool:
    return accepted(row, index.profiles[answer_id].topic, index.snapshot.topics)


def _question(row: Mapping[str, Any], index: Index) -> Question:
    today = date.fromisoformat(str(row.get("as_of") or "2026-11-22"))
    return normalize(str(row["text"]), index.lexicon, today)
