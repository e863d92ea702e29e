"""What matching sees of a text: words, pairs of words and letter groups, with weights.

Both sides, phrasings and questions, pass through here. Only folded letters take part, so that
a question without diacritics ranks the answers exactly as the same question with them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.models import Question
from bot.normalize.fold import fold
from bot.normalize.phrases import PhraseTable

#: Letter groups of this many letters, inside a padded word: they carry typos and loose spelling.
_GRAMS = (2, 3, 4)


@dataclass(frozen=True, slots=True)
class Text:
    """A question or phrasing as bags of features. Weights are term counts, softened."""

    words: tuple[str, ...]
    line: str
    #: the words of the line in alphabetical order, for a comparison that ignores their order
    ordered: str
    terms: Mapping[str, float]
    pairs: Mapping[str, float]
    grams: Mapping[str, float]


class Synonyms:
    """Ways of saying the same thing, replaced by one (lexicon file `synonyms`)."""

    def __init__(self, groups: Mapping[str, Sequence[str]] | None) -> None:
        self._table: PhraseTable[tuple[str, ...]] = PhraseTable(
            (fold(variant).split(), tuple(fold(name).split()))
            for name, variants in (groups or {}).items()
            for variant in variants
        )

    def apply(
        self, words: Sequence[str], weights: Sequence[float]
    ) -> tuple[list[str], list[float]]:
        """The words with variants replaced; a replacement weighs as much as what it replaces."""
        out: list[str] = []
        kept: list[float] = []
        at = 0
        while at < len(words):
            hit = self._table.at(words, at)
            if hit is None:
                out.append(words[at])
                kept.append(weights[at])
                at += 1
                continue
            size, value = hit
            weight = max(weights[at : at + size])
            out += value
            kept += [weight] * len(value)
            at += size
        return out, kept


def read_text(question: Question, synonyms: Synonyms) -> Text:
    """The features of a normalized question (phrasings are normalized the same way)."""
    weights = question.weights or (1.0,) * len(question.tokens)
    words, kept = synonyms.apply(question.tokens, weights)
    live = [(word, weight) for word, weight in zip(words, kept, strict=True) if weight > 0]
    terms: dict[str, float] = {}
    grams: dict[str, float] = {}
    pairs: dict[str, float] = {}
    before = ""
    for word, weight in live:
        terms[word] = terms.get(word, 0.0) + weight
        if before:
            pair = f"{before} {word}"
            pairs[pair] = pairs.get(pair, 0.0) + weight
        before = word
    for word, weight in terms.items():
        for gram in _letter_groups(word):
            grams[gram] = grams.get(gram, 0.0) + weight
    line = [word for word, weight in live if weight >= 1.0] or [word for word, _ in live]
    return Text(
        words=tuple(word for word, _ in live),
        line=" ".join(line),
        ordered=" ".join(sorted(line)),
        terms=_soften(terms),
        pairs=_soften(pairs),
        grams=_soften(grams),
    )


@lru_cache(maxsize=16_384)
def _letter_groups(word: str) -> tuple[str, ...]:
    if word.startswith("#"):
        return (word,)
    padded = f"_{word}_"
    return tuple([padded[i : i + size] for size in _GRAMS for i in range(len(padded) - size + 1)])


def _soften(counts: dict[str, float]) -> dict[str, float]:
    """Repeats count less and less: 1 + log(n) from one occurrence up."""
    return {key: 1.0 + math.log(n) if n > 1.0 else n for key, n in counts.items()}
