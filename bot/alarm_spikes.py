"""Many people ask nearly the same thing and no approved answer exists: perhaps a rumour. Pure.

Questions are compared folded (no accents, no case) with their words sorted, most frequent first,
and never more than a few hundred different ones: a look stays short however much is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy
from rapidfuzz import fuzz, process

from bot.normalize.fold import fold
from bot.store.alarms import Asked

#: Texts this like each other ask the same (0 to 100, `token_sort_ratio`).
LIKE = 78
#: Shorter texts ("alo", "ok") say too little to be a rumour.
LEAST_WORDS = 3
#: So many different texts are compared, those of most people first.
MOST_TEXTS = 400
#: So many questions stand for a cluster.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Spike:
    """Near-identical questions of several people."""

    key: str
    #: Different conversations.
    people: int
    #: Ids of a few of the questions, the oldest first.
    questions: tuple[int, ...]


def spikes(asked: Iterable[Asked], least: int, known: Mapping[str, str]) -> list[Spike]:
    """Clusters of at least so many people, the largest first.

    Args:
        asked: unanswered questions of the time looked at.
        least: fewest different people.
        known: key of a spike that was told already -> one of its questions; a cluster like it
            keeps the key, so that it is not told again.
    """
    groups: dict[str, list[Asked]] = {}
    for one in asked:
        folded = " ".join(sorted(fold(one.text).split()))
        if len(folded.split()) >= LEAST_WORDS:
            groups.setdefault(folded, []).append(one)
    texts = sorted(groups, key=lambda text: (-_people(groups[text]), text))[:MOST_TEXTS]
    clusters = _clusters(texts)
    found = []
    taken: set[str] = set()
    for lead, members in clusters:
        questions = sorted((q for text in members for q in groups[text]), key=lambda q: q.id)
        people = _people(questions)
        if people < least:
            continue
        key = _known(lead, known, taken) or f"rumour:{questions[0].id}"
        taken.add(key)
        found.append(Spike(key, people, tuple(q.id for q in _first_of_each(questions))))
    return sorted(found, key=lambda spike: (-spike.people, spike.key))


def _people(questions: Iterable[Asked]) -> int:
    return len({question.conversation_id for question in questions})


def _first_of_each(questions: list[Asked]) -> list[Asked]:
    firsts = {q.conversation_id: q for q in reversed(questions)}
    return sorted(firsts.values(), key=lambda q: q.id)[:SHOWN]


def _clusters(texts: list[str]) -> list[tuple[str, list[str]]]:
    """Each text joins the first leader it is like; who finds none leads."""
    if not texts:
        return []
    scores = process.cdist(texts, texts, scorer=fuzz.ratio, score_cutoff=LIKE, dtype=numpy.float32)
    leader: dict[int, list[int]] = {}
    for index in range(len(texts)):
        near = next((lead for lead in leader if scores[index][lead] >= LIKE), index)
        leader.setdefault(near, []).append(index)
    return [(texts[lead], [texts[m] for m in members]) for lead, members in leader.items()]


def _known(lead: str, known: Mapping[str, str], taken: set[str]) -> str:
    best, score = "", float(LIKE)
    for key, text in known.items():
        like = fuzz.ratio(lead, " ".join(sorted(fold(text).split())))
        if key not in taken and like >= score:
            best, score = key, like
    return best
