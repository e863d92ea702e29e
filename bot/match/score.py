"""Evidence: how well a question agrees with each shortlisted answer, by several measures.

All evidence that ranks answers is read from folded words, so accents can lower the final
probability (`accents_differ`) but never put another answer in front (design, invariant 9).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from bot.match.features import Text
from bot.match.index import NONE, Index, Row
from bot.models import Question
from bot.normalize.fold import has_accent, strip_marks

#: Phrasings that get the costly measures.
SHORTLIST = 30
#: Answers that the classifier alone may add to the shortlist.
_FROM_CLASSIFIER = 5
#: Slots of a question that speak for an answer using them.
_SLOTS = ("months", "members", "grade", "birth_month", "age", "income", "school_year")


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


def look(question: Question, text: Text, index: Index) -> Sight:
    """Score a question against every row, cheaply."""
    point = index.space.point(text)
    idf, unseen = index.terms.idf, index.terms.unseen
    weighed = {word: idf.get(word, unseen) * n for word, n in text.terms.items()}
    return Sight(
        question=question,
        text=text,
        cosine=index.space.likeness(point),
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
    usable = index.usable if staff else index.usable & ~index.staff
    near = np.where(usable & (near > 0), near, -1.0)
    chosen = [at for at in _top(near, SHORTLIST) if near[at] > 0]
    for column in _top(sight.trained, _FROM_CLASSIFIER + 1):
        name = index.classifier.names[column]
        if name != NONE and (staff or not index.profiles[name].staff_only):
            rows = index.profiles[name].members
            best = int(rows[near[rows].argmax()])
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


def score_answers(sight: Sight, rows: Iterable[int], index: Index) -> list[Scored]:
    """Every answer among the rows with its evidence, best first."""
    by_answer: dict[str, list[int]] = {}
    for at in rows:
        by_answer.setdefault(index.rows[at].answer_id, []).append(at)
    scored = [_score(answer_id, held, sight, index) for answer_id, held in by_answer.items()]
    return sorted(scored, key=lambda one: (-one.rank, one.answer_id))


def row_score(at: int, sight: Sight, index: Index) -> float:
    """One number for how well one phrasing fits; picks the phrasing that speaks for an answer."""
    return float(sight.cosine[at] + 0.5 * sight.bm25[at] / sight.bm25_full)


def _score(answer_id: str, held: list[int], sight: Sight, index: Index) -> Scored:
    profile = index.profiles[answer_id]
    question = sight.question
    best = max(held, key=lambda at: (row_score(at, sight, index), -at))
    own = sight.cosine[profile.members]
    own = np.partition(own, len(own) - 3)[-3:] if len(own) > 3 else own
    near = max(held, key=lambda at: (float(sight.cosine[at]), -at))
    texts = [index.rows[at].text for at in held]
    line = sight.text.line
    against = max((float(sight.cosine[at]) for at in profile.negatives), default=0.0)
    top = float(sight.cosine[near])
    slots = index.snapshot.answers[answer_id].file.slots
    covers = [coverage(sight, at, index) for at in held]
    words = index.vocabulary[answer_id]
    evidence = {
        "trained": _column(sight, answer_id, index),
        "topic": float(sight.trained[index.topic_columns[profile.topic]].sum()),
        "whole": float(sight.whole[index.order[answer_id]]),
        "cosine": top,
        "top3": float(own.sum()) / 3.0,
        "bm25": float(max(sight.bm25[at] for at in held)) / sight.bm25_full,
        "token_set": max(fuzz.token_set_ratio(line, text.line) for text in texts) / 100.0,
        "token_sort": max(fuzz.token_sort_ratio(line, text.line) for text in texts) / 100.0,
        "covers_question": max(first for first, _ in covers),
        "covers_phrasing": max(min(first * 2.0, second) for first, second in covers),
        "covers_answer": sum(w for word, w in sight.weighed.items() if word in words) / sight.mass,
        "kinds": max(_kinds(sight.kinds, index.rows[at].kinds) for at in held),
        "audience": _audience(question, profile.audience, index),
        "verbs": _verbs(question, index.rows[best]),
        "slots": float(any(_given(question, name) for name in slots)),
        "record": float(
            profile.kind == "record" and not question.numbers and question.slots.period is None
        ),
        "negative": max(0.0, against - top),
    }
    return Scored(answer_id, best, evidence, index.model.rank_score(evidence))


def _column(sight: Sight, answer_id: str, index: Index) -> float:
    at = index.columns.get(answer_id)
    return float(sight.trained[at]) if at is not None else 0.0


def coverage(sight: Sight, at: int, index: Index) -> tuple[float, float]:
    """The idf-weighted share of the question's words in a phrasing, and the reverse."""
    terms, idf = index.rows[at].text.terms, index.terms.idf
    both = [word for word in sight.weighed if word in terms]
    shared = sum(sight.weighed[word] for word in both)
    met = sum(idf[word] * terms[word] for word in both)
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
    return slot in _SLOTS and getattr(question.slots, slot, None) is not None


def accents_differ(question: Question, row: Row) -> float:
    """The share of words that both sides typed with accents, alike when folded, and differently."""
    if question.unaccented or row.question.unaccented:
        return 0.0
    theirs: dict[str, set[str]] = {}
    for word in row.question.accented.split():
        theirs.setdefault(strip_marks(word), set()).add(word)
    both = differ = 0
    for word in question.accented.split():
        spelled = theirs.get(strip_marks(word))
        if spelled and has_accent(word) and any(map(has_accent, spelled)):
            both += 1
            differ += word not in spelled
    return differ / both if both else 0.0
