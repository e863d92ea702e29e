"""Evidence: how well a question agrees with each shortlisted answer, by several measures.

All evidence that ranks answers is read from folded words, so accents can lower the final
probability (`accents_differ`) but never put another answer in front (design, invariant 9).
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from bot.match.features import Text
from bot.match.index import NONE, Index, Row
from bot.models import Question
from bot.normalize.fold import has_accent, strip_marks

#: Phrasings that get the costly measures, besides those of the answers that the classifier adds.
SHORTLIST = 20
#: Answers that the classifier alone may add to the shortlist.
_FROM_CLASSIFIER = 5


@dataclass(frozen=True, slots=True)
class Scored:
    """An answer with its evidence and the phrasing that speaks for it most."""

    answer_id: str
    row: int
    evidence: Mapping[str, float]
    rank: float


@dataclass(frozen=True, slots=True)
class Sight:
    """A question seen against the whole index: one number per row, one per answer."""

    question: Question
    text: Text
    cosine: NDArray[np.float64]
    bm25: NDArray[np.float64]
    trained: NDArray[np.float64]
    #: The BM25 score that a phrasing with every word of the question would get.
    bm25_full: float
    #: BM25 against all phrasings of each answer as one text, 0 to about 1.
    whole: NDArray[np.float64]
    #: Words of the question with their idf weight, and the sum of it.
    weighed: Mapping[str, float]
    mass: float
    #: What the question asks for: "much", "where", ….
    kinds: frozenset[str]


def look(question: Question, text: Text, index: Index, most: int | None = None) -> Sight:
    """Score a question against every row, cheaply. `most`: see `Space.likeness`."""
    point = index.space.point(text)
    idf, unseen = index.terms.idf, index.terms.unseen
    weighed = {word: idf.get(word, unseen) * n for word, n in text.terms.items()}
    return Sight(
        question=question,
        text=text,
        cosine=index.space.likeness(point, most),
        bm25=index.terms.scores(text.terms),
        trained=index.classifier.scores(point),
        bm25_full=index.terms.full(text.terms),
        whole=index.whole.scores(text.terms) / index.whole.full(text.terms),
        weighed=weighed,
        mass=sum(weighed.values()) or 1.0,
        kinds=frozenset(kind for _, _, kind in index.kinds.find_all(text.words)),
    )


def shortlist(sight: Sight, index: Index, staff: bool = False) -> list[int]:
    """The rows worth the costly measures: nearest by words and letters, best of likely answers."""
    near = sight.cosine + 0.5 * sight.bm25 / sight.bm25_full
    near[index.unusable if staff else index.closed] = -1.0
    chosen = [at for at in _top(near, SHORTLIST) if near[at] > 0]
    padded = np.append(near, -2.0)  # where an answer has fewer phrasings than the widest
    for column in _top(sight.trained, _FROM_CLASSIFIER + 1):
        name = index.classifier.names[column]
        if name != NONE and (staff or not index.profiles[name].staff_only):
            rows = index.members[index.order[name]]
            best = int(rows[padded[rows].argmax()])
            if best not in chosen and near[best] > 0:
                chosen.append(best)
    return chosen


def _top(values: NDArray[np.float64], count: int) -> list[int]:
    """The positions of the largest values, largest first, the earlier of equal ones first."""
    if len(values) > count:
        least = np.partition(values, len(values) - count)[len(values) - count]
        held = np.flatnonzero(values >= least)
    else:
        held = np.arange(len(values))
    return [int(at) for at in held[np.argsort(-values[held], kind="stable")][:count]]


def score_answers(sight: Sight, rows: Sequence[int], index: Index) -> list[Scored]:
    """Every answer among the rows with its evidence, best first."""
    if not rows:
        return []
    by_answer: dict[str, list[int]] = {}
    for place, at in enumerate(rows):
        by_answer.setdefault(index.rows[at].answer_id, []).append(place)
    measured = _measure(sight, rows, index)
    shared = _of_answers(sight, list(by_answer), index)
    scored = [
        _score(answer_id, held, measured, of_answer, sight, index)
        for (answer_id, held), of_answer in zip(by_answer.items(), shared, strict=True)
    ]
    return sorted(scored, key=lambda one: (-one.rank, one.answer_id))


@dataclass(frozen=True, slots=True)
class Measured:
    """What is measured of every shortlisted row, in their order."""

    rows: Sequence[int]
    cosine: list[float]
    bm25: list[float]
    token_set: list[float]
    token_sort: list[float]
    #: The idf-weighted share of the question's words in the phrasing, and the reverse.
    covers: list[tuple[float, float]]


def _measure(sight: Sight, rows: Sequence[int], index: Index) -> Measured:
    at = np.array(rows, dtype=np.intp)
    line, ordered = sight.text.line, sight.text.ordered
    texts = [index.rows[one].text for one in rows]
    return Measured(
        rows=rows,
        cosine=sight.cosine[at].tolist(),
        bm25=sight.bm25[at].tolist(),
        token_set=[fuzz.token_set_ratio(line, other.line) / 100.0 for other in texts],
        token_sort=[fuzz.ratio(ordered, other.ordered) / 100.0 for other in texts],
        covers=[coverage(sight, one, index) for one in rows],
    )


def _of_answers(
    sight: Sight, names: Sequence[str], index: Index
) -> list[tuple[float, float, float, float, float]]:
    """Per answer: trained, topic, whole, the mean of its three nearest phrasings, the nearest of
    its negative ones. All answers at once: one by one this would cost more than all the rest."""
    at = np.array([index.order[name] for name in names], dtype=np.intp)
    # One more than there are rows: where an answer has fewer phrasings, the last place is 0.
    cosine = np.append(sight.cosine, 0.0)
    own = cosine[index.members[at]]
    own.partition(own.shape[1] - 3, axis=1)
    best = own[:, -3:].sum(axis=1)
    columns = [
        np.append(sight.trained, 0.0)[index.answer_columns[at]],
        np.bincount(index.column_topics, sight.trained)[index.answer_topics[at]],
        sight.whole[at],
        best / 3.0,
        cosine[index.opposed[at]].max(axis=1),
    ]
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _score(
    answer_id: str,
    held: list[int],
    measured: Measured,
    of_answer: tuple[float, float, float, float, float],
    sight: Sight,
    index: Index,
) -> Scored:
    profile = index.profiles[answer_id]
    question = sight.question
    rows, full = measured.rows, sight.bm25_full
    cosine = [measured.cosine[i] for i in held]
    bm25 = [measured.bm25[i] / full for i in held]
    covers = [measured.covers[i] for i in held]
    fits = [near + 0.5 * words for near, words in zip(cosine, bm25, strict=True)]
    best = rows[held[fits.index(max(fits))]]
    top = max(cosine)
    trained, topic, whole, top3, against = of_answer
    vocabulary = index.vocabulary[answer_id]
    evidence = {
        "trained": trained,
        "topic": topic,
        "whole": whole,
        "cosine": top,
        "top3": top3,
        "bm25": max(bm25),
        "token_set": max([measured.token_set[i] for i in held]),
        "token_sort": max([measured.token_sort[i] for i in held]),
        "covers_question": max(covers)[0],
        "covers_phrasing": max([min(mine * 2.0, theirs) for mine, theirs in covers]),
        "covers_answer": sum([w for word, w in sight.weighed.items() if word in vocabulary])
        / sight.mass,
        "kinds": max([_kinds(sight.kinds, index.rows[rows[i]].kinds) for i in held])
        if sight.kinds
        else 0.0,
        "audience": _audience(question, profile.audience, index),
        "verbs": _verbs(question, index.rows[best]),
        "slots": float(any(_given(question, name) for name in profile.slots)),
        "record": float(
            profile.kind == "record" and not question.numbers and question.slots.period is None
        ),
        "negative": max(0.0, against - top),
        "elsewhere": float(profile.elsewhere and not question.slots.place and not question.numbers),
    }
    return Scored(answer_id, best, evidence, index.model.rank_score(evidence))


def coverage(sight: Sight, at: int, index: Index) -> tuple[float, float]:
    """The idf-weighted share of the question's words in a phrasing, and the reverse."""
    terms, idf = index.rows[at].text.terms, index.terms.idf
    shared = met = 0.0
    for word, weight in sight.weighed.items():  # a loop: this runs for every row looked at
        count = terms.get(word)
        if count is not None:
            shared += weight
            met += idf[word] * count
    return shared / sight.mass, met / (index.mass[at] or 1.0)


def _kinds(asked: frozenset[str], told: frozenset[str]) -> float:
    """How far two texts ask for the same kind of thing, 0..1; 0 when one does not say."""
    return len(asked & told) / len(asked | told) if asked and told else 0.0


def related(first: str, second: str, index: Index) -> bool:
    """True when one audience is the other, one of its parents, or listed as kin."""
    if frozenset((first, second)) in index.kin:
        return True
    return second in index.snapshot.lineage(first) or first in index.snapshot.lineage(second)


def _audience(question: Question, audience: str, index: Index) -> float:
    if not audience or not question.audiences:
        return 0.0
    return 1.0 if any(related(one, audience, index) for one in question.audiences) else -1.0


def _verbs(question: Question, row: Row) -> float:
    if not question.verbs:
        return 0.0
    return len(question.verbs & row.question.verbs) / len(question.verbs)


def _given(question: Question, slot: str) -> bool:
    return getattr(question.slots, slot, None) is not None


def accents_differ(question: Question, row: Row, known: Container[str]) -> float:
    """The share of words that both sides typed with accents, alike when folded, and differently.

    A spelling that no phrasing has (`known`) is a slip ("múc dóng" for "mức đóng"), not another
    word, and counts for neither side.
    """
    if question.unaccented or row.question.unaccented:
        return 0.0
    theirs = _spelled(row.question.accented)
    both = differ = 0
    for word in question.accented.split():
        spelled = theirs.get(strip_marks(word))
        if spelled and has_accent(word) and word in known:
            both += 1
            differ += word not in spelled
    return differ / both if both else 0.0


@lru_cache(maxsize=4096)
def _spelled(accented: str) -> Mapping[str, frozenset[str]]:
    """The words of a phrasing by their letters without marks, those typed with marks only."""
    found: dict[str, set[str]] = {}
    for word in accented.split():
        found.setdefault(strip_marks(word), set()).add(word)
    return {
        bare: frozenset(spelled) for bare, spelled in found.items() if any(map(has_accent, spelled))
    }
