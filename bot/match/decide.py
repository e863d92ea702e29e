"""The decision: answer, ask back, or not known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.match.features import read_text
from bot.match.index import NONE, Index
from bot.match.score import Scored, Sight, accents_differ, look, score_answers, shortlist
from bot.match.veto import names_ours, other_business, vetoes
from bot.models import Candidate, Decision, Outcome, Question

#: Candidates kept in a decision for its explanation.
_KEPT = 8
#: A question with fewer live words than this is short: little evidence either way, unless some
#: phrasing says just that.
_SHORT = 3
#: Rank difference under which two answers of one topic are about as good.
_NEARLY = 0.5
#: Evidence of the best answer that the calibration reads as well.
_PASSED_ON = (
    "trained", "topic", "token_set", "token_sort", "covers_answer", "audience",
)  # fmt: skip
#: Rank difference from which the runner-up no longer matters.
_CLEAR = 6.0


@dataclass(frozen=True, slots=True)
class MatchSettings:
    """Thresholds of config.yaml, section `matching`; probabilities are 0..1."""

    answer_threshold: float = 0.55
    ask_threshold: float = 0.25
    close_race: float = 0.04
    options: int = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """All that was found out about a question, before the thresholds."""

    fitting: tuple[Scored, ...]
    vetoed: tuple[tuple[Scored, tuple[str, ...]], ...]
    evidence: dict[str, float]
    probability: float
    #: How much less likely the best answer that could contradict is, 0..1: of another topic that
    #: topics.yaml does not accept for this one, nor this one for it.
    lead: float


def judge(question: Question, index: Index, staff: bool = False) -> Judged:
    """Rank the answers for a question and weigh how likely the best one is right."""
    text = read_text(question, index.synonyms)
    if not any(word.isalpha() for word in text.words):
        return Judged((), (), {}, 0.0, 0.0)  # a bare number or sign asks nothing by itself
    sight = look(question, text, index)
    scored = score_answers(sight, shortlist(sight, index, staff), index)
    fitting: list[Scored] = []
    vetoed: list[tuple[Scored, tuple[str, ...]]] = []
    business = other_business(question, index)
    for one in scored:
        reasons = vetoes(question, index.rows[one.row], index, business)
        if reasons:
            vetoed.append((one, reasons))
        else:
            fitting.append(one)
    if not fitting:
        return Judged((), tuple(vetoed), {}, 0.0, 0.0)
    evidence = whole_evidence(fitting, sight, index, business)
    return Judged(
        tuple(_spread(fitting, index)),
        tuple(vetoed),
        evidence,
        index.model.probability(evidence),
        min(1.0, evidence["clear_margin"] / _CLEAR),
    )


def _spread(fitting: list[Scored], index: Index) -> list[Scored]:
    """The best first, then the best of each other topic: an offer shows choices, not variants.

    An answer of the best one's own topic keeps its place when it is nearly as good.
    """
    best = fitting[0]
    own = index.profiles[best.answer_id].topic
    seen = {own}
    first, later = [best], []
    for one in fitting[1:]:
        topic = index.profiles[one.answer_id].topic
        if topic not in seen or (topic == own and best.rank - one.rank < _NEARLY):
            seen.add(topic)
            first.append(one)
        else:
            later.append(one)
    return first + later


def whole_evidence(
    fitting: list[Scored], sight: Sight, index: Index, business: frozenset[str]
) -> dict[str, float]:
    """What the calibration reads: the best answer, its lead over other topics, strange words."""
    best = fitting[0]
    topic = index.profiles[best.answer_id].topic
    family = {
        other
        for other in {index.profiles[one.answer_id].topic for one in fitting}
        if _akin(topic, other, index)
    }
    nearest = float(sight.cosine[index.strangers].max(initial=0.0))
    none = index.columns.get(NONE)
    idf = index.terms.idf
    known = sum(n for word, n in sight.text.terms.items() if word in idf)
    return {
        "bias": 1.0,
        "rank": best.rank,
        "margin": _margin(fitting, {topic}, index),
        "clear_margin": _margin(fitting, family, index),
        "share": _share(fitting, {topic}, index),
        "family": _share(fitting, family, index),
        **{name: best.evidence[name] for name in _PASSED_ON},
        "none": float(sight.trained[none]) if none is not None else 0.0,
        "nearest_none": max(0.0, nearest - best.evidence["cosine"]),
        "off_topic": float(_off_topic(business, best, sight.question, index)),
        "product": float(bool(sight.question.products)),
        "unknown_words": 1.0 - known / (sum(sight.text.terms.values()) or 1.0),
        "accents_differ": accents_differ(sight.question, index.rows[best.row], index.spelled),
        "short": (1.0 - best.evidence["token_sort"]) * (_told(sight.text.words) < _SHORT),
    }


def _off_topic(business: frozenset[str], best: Scored, question: Question, index: Index) -> bool:
    """Doubt by words of another business: the answer's own phrasings excuse them only when the
    question says that it is about ours ("hộ chiếu" alone is a passport, not BHYT)."""
    if names_ours(question, index):
        business -= index.profiles[best.answer_id].off_topic
    return bool(business)


def _told(words: Sequence[str]) -> int:
    """How many words say something: a number by itself ("#tien") does not tell what is asked."""
    return sum(not word.startswith("#") for word in words)


def _akin(one: str, other: str, index: Index) -> bool:
    """True when an answer of one topic also counts as right for the other."""
    topics = index.snapshot.topics
    return (
        one == other
        or (one in topics and other in topics[one].accepts)
        or (other in topics and one in topics[other].accepts)
    )


def _margin(fitting: list[Scored], own: set[str], index: Index) -> float:
    """How far the best answer is ahead of the first one of a topic outside `own`."""
    rival = next((one for one in fitting if index.profiles[one.answer_id].topic not in own), None)
    return min(_CLEAR, fitting[0].rank - rival.rank) if rival else _CLEAR


def _share(fitting: list[Scored], own: set[str], index: Index) -> float:
    """The part of the belief in topics of `own` when ranks are read as log-odds, 0..1."""
    top = fitting[0].rank
    belief = [(one, math.exp(one.rank - top)) for one in fitting]
    mine = sum(part for one, part in belief if index.profiles[one.answer_id].topic in own)
    return mine / sum(part for _, part in belief)


def decide(
    question: Question, index: Index, settings: MatchSettings, staff: bool = False
) -> Decision:
    """Answer, ask back, or say that it is not known.

    Args:
        question: from `bot.normalize.normalize`.
        index: built from the active snapshot.
        settings: the thresholds of config.yaml.
        staff: True lets answers for staff take part.

    Candidates come best first, one per topic before second ones of a topic, vetoed ones after the
    others with their reasons. The score is
    the calibrated probability that the best candidate is right.
    """
    judged = judge(question, index, staff)
    candidates = [
        _candidate(one, (), judged if at == 0 else None, index)
        for at, one in enumerate(judged.fitting[:_KEPT])
    ]
    candidates += [_candidate(one, reasons, None, index) for one, reasons in judged.vetoed[:_KEPT]]
    return Decision(outcome_of(judged, settings), tuple(candidates), round(judged.probability, 4))


def outcome_of(judged: Judged, settings: MatchSettings) -> Outcome:
    """What the thresholds make of it: below `ask_threshold` not known, a close race asks back."""
    if not judged.fitting or judged.probability < settings.ask_threshold:
        return Outcome.NOT_KNOWN
    if judged.probability < settings.answer_threshold or judged.lead < settings.close_race:
        return Outcome.ASKED_BACK
    return Outcome.ANSWERED


def _candidate(
    one: Scored, reasons: tuple[str, ...], judged: Judged | None, index: Index
) -> Candidate:
    evidence = one.evidence
    if judged:
        whole = {f"whole.{name}": value for name, value in judged.evidence.items()}
        evidence = {**evidence, **whole}
    return Candidate(
        answer_id=one.answer_id,
        phrasing=index.rows[one.row].phrasing,
        score=round(one.rank, 4),
        vetoes=reasons,
        evidence=evidence,
    )
