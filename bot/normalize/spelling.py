"""Slips of the finger: a word that is no Vietnamese syllable, and the known word meant by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rapidfuzz.distance import OSA

from bot.normalize.syllables import LONGEST, is_syllable

#: Shorter words have too many neighbours.
_SHORTEST = 4
#: A word must stand so often in the phrasings to be what somebody meant.
_OFTEN = 5


class Spelling:
    """Known words by what is left of them when one letter is taken away.

    Two words that are one slip apart (a letter missing, added, wrong, or two swapped) share such a
    rest, so a look at a handful of them finds every neighbour.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._rests: dict[str, list[str]] = {}
        for word in sorted(counts):
            if counts[word] >= _OFTEN and is_syllable(word):
                for rest in {word, *_rests(word)}:
                    self._rests.setdefault(rest, []).append(word)

    def mend(self, bare: str) -> str:
        """The most frequent known word one slip away; "" when there is none, or nothing to mend.

        Args:
            bare: a word without marks.
        """
        if not _SHORTEST <= len(bare) <= LONGEST + 1 or bare in self._counts or is_syllable(bare):
            return ""
        near = {word for rest in (bare, *_rests(bare)) for word in self._rests.get(rest, ())}
        meant = [word for word in near if OSA.distance(bare, word, score_cutoff=1) == 1]
        return max(meant, key=lambda word: (self._counts[word], word), default="")


def _rests(word: str) -> Iterator[str]:
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
