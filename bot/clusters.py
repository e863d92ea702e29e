"""Groups questions that say nearly the same, with how often and since when. Pure.

Near-identical is meant, not near in subject: an editor must be able to answer a whole group with
one text. Questions that read alike after folding are one; then each joins the first group whose
leading question it resembles. Work is bounded: so many different wordings, no more.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapidfuzz import fuzz, process

from bot.store.unanswered import Unanswered

#: Questions are looked at for so long.
WEEKS = 4
SPAN = timedelta(weeks=WEEKS)
#: Likeness of two folded questions, their words in order of the alphabet, from which they are one.
ALIKE = 80.0
#: Different wordings that are compared; the rarest beyond it stand alone in no group.
MOST_WORDINGS = 1500
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Wording:
    """One way in which a group's question was put."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """Near-identical questions."""

    #: Names the group in an address; any of its wordings leads to it (`find`).
    key: str
    #: The commonest wording.
    text: str
    count: int
    #: Questions in each week, the oldest first; the last one ends now.
    weeks: tuple[int, ...]
    wordings: tuple[Wording, ...]
    keys: frozenset[str]
    channels: tuple[str, ...]
    latest: datetime
    #: The answer that was called wrong, "" when the question had none.
    answer_id: str = ""
    #: What was wrong with it -> how often it was said.
    reasons: tuple[tuple[str, int], ...] = ()

    @property
    def recent(self) -> int:
        """Questions of the last seven days."""
        return self.weeks[-1]

    @property
    def before(self) -> int:
        """Questions of the seven days before those."""
        return self.weeks[-2]

    @property
    def trend(self) -> str:
        """ "new", "up", "down" or "same": the last seven days against those before."""
        if self.recent and not any(self.weeks[:-1]):
            return "new"
        if self.recent == self.before:
            return "same"
        return "up" if self.recent > self.before else "down"


def clusters(
    asked: Iterable[Unanswered], now: datetime, folded: Callable[[str], str]
) -> list[Cluster]:
    """The groups, the one most asked in the last seven days first.

    Args:
        asked: questions of the last `SPAN`; those about different answers never share a group.
        now: the end of the last week.
        folded: a question as it is compared, "" for one that says nothing.
    """
    same: dict[tuple[str, str], list[Unanswered]] = defaultdict(list)
    for one in asked:
        words = folded(one.text)
        if words:
            same[one.answer_id, words].append(one)
    # The commonest wording leads its group; equal ones in a fixed order, so that two looks at
    # the same rows show the same groups.
    ordered = sorted(same, key=lambda key: (-len(same[key]), key))[:MOST_WORDINGS]
    groups: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(dict)
    for answer_id, words in ordered:
        own = groups[answer_id]
        sorted_words = " ".join(sorted(words.split()))
        found = process.extractOne(sorted_words, own.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE)
        own.setdefault(found[0] if found else sorted_words, []).append((answer_id, words))
    built = [
        _cluster([(words, same[id_, words]) for id_, words in members], now)
        for own in groups.values()
        for members in own.values()
    ]
    return sorted(built, key=lambda one: (-one.recent, -one.count, one.text))


def find(all_: Sequence[Cluster], key: str) -> Cluster | None:
    """The group that holds the wording of a key, though another may lead it by now."""
    return next((one for one in all_ if key in one.keys), None)


def _cluster(members: list[tuple[str, list[Unanswered]]], now: datetime) -> Cluster:
    everything = [one for _, asked in members for one in asked]
    answer_id = everything[0].answer_id
    weeks = [0] * WEEKS
    for one in everything:
        ago = min(max((now - one.at) // _WEEK, 0), WEEKS - 1)
        weeks[WEEKS - 1 - ago] += 1
    wordings = tuple(Wording(_commonest(asked), len(asked)) for _, asked in members)
    keys = [_key(answer_id, words) for words, _ in members]
    reasons = Counter(one.reason for one in everything if one.reason)
    return Cluster(
        key=keys[0],
        text=wordings[0].text,
        count=len(everything),
        weeks=tuple(weeks),
        wordings=wordings,
        keys=frozenset(keys),
        channels=tuple(sorted({one.channel for one in everything})),
        latest=max(one.at for one in everything),
        answer_id=answer_id,
        reasons=tuple(reasons.most_common()),
    )


def _commonest(asked: Sequence[Unanswered]) -> str:
    """The spelling used most; of equals the longer one, which tends to have its accents."""
    counts = Counter(" ".join(one.text.split()) for one in asked)
    return max(counts, key=lambda text: (counts[text], len(text.encode()), text))


def _key(answer_id: str, words: str) -> str:
    return hashlib.sha256(f"{answer_id}\0{words}".encode()).hexdigest()[:16]
