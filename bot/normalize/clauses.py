"""Which part of a message asks: greetings count nothing, the story less than the question."""

from __future__ import annotations

from collections.abc import Sequence

from bot.normalize.lexicon import Lexicon

#: A message up to this many words is all question.
_SHORT = 14
_STORY_WEIGHT = 0.35
_STOPS = frozenset(".!?\n…;")
_CLAUSE_STOPS = _STOPS | {","}
_ASKING = frozenset({"khong", "chua", "duoc", "roi", "sao", "nao", "dau"})


def token_weights(bare: Sequence[str], ends: Sequence[str], lexicon: Lexicon) -> list[float]:
    """How much each word counts in matching: greetings and particles 0, question 1, story less."""
    weights = [1.0] * len(bare)
    _mute_greetings(weights, bare, ends, lexicon)
    _mute_endings(weights, bare, ends, lexicon)
    live = sum(weight > 0 for weight in weights)
    if live > _SHORT:
        _lower_story(weights, bare, ends, lexicon)
    if not any(weights):
        return [1.0] * len(bare)
    return weights


def _mute_greetings(
    weights: list[float], bare: Sequence[str], ends: Sequence[str], lexicon: Lexicon
) -> None:
    at = 0
    while at < len(bare):
        if at == 0 or ends[at - 1] in _CLAUSE_STOPS:
            while at < len(bare):
                hit = lexicon.front.at(bare, at)
                if hit is None or at + hit[0] >= len(bare):
                    break
                weights[at : at + hit[0]] = [0.0] * hit[0]
                at += hit[0]
        at += 1


def _mute_endings(
    weights: list[float], bare: Sequence[str], ends: Sequence[str], lexicon: Lexicon
) -> None:
    stops = [i for i, mark in enumerate(ends) if mark in _CLAUSE_STOPS and mark]
    for stop in {*stops, len(bare) - 1}:
        at = stop
        while at > 0:
            size = next((size for size in (4, 3, 2, 1) if _is_end(at, size, bare, lexicon)), 0)
            if not size:
                break
            weights[at - size + 1 : at + 1] = [0.0] * size
            at -= size


def _is_end(last: int, size: int, bare: Sequence[str], lexicon: Lexicon) -> bool:
    """True when the `size` words up to `last` are a polite ending."""
    first = last - size + 1
    if first < 1:
        return False
    words = bare[first : last + 1]
    hit = lexicon.end.at(words, 0)
    if hit is not None and hit[0] == size:
        return True
    hit = lexicon.vocative.at(words, 0)
    return hit is not None and hit[0] == size and _opens_ending(first - 1, bare, lexicon)


def _opens_ending(at: int, bare: Sequence[str], lexicon: Lexicon) -> bool:
    return bare[at] in _ASKING or lexicon.end.at(bare[at : at + 1], 0) is not None


def _lower_story(
    weights: list[float], bare: Sequence[str], ends: Sequence[str], lexicon: Lexicon
) -> None:
    spans = sentence_spans(ends)
    asking = [_asks(bare[a:b], ends[b - 1], lexicon) for a, b in spans]
    if not any(asking):
        asking[-1] = True
    for (start, end), asks in zip(spans, asking, strict=True):
        if not asks:
            for i in range(start, end):
                weights[i] *= _STORY_WEIGHT


def sentence_spans(ends: Sequence[str]) -> list[tuple[int, int]]:
    """Sentences as (start, end) over words."""
    spans: list[tuple[int, int]] = []
    start = 0
    for i, mark in enumerate(ends):
        if mark in _STOPS and mark:
            spans.append((start, i + 1))
            start = i + 1
    if start < len(ends):
        spans.append((start, len(ends)))
    return spans


def _asks(bare: Sequence[str], mark: str, lexicon: Lexicon) -> bool:
    if mark == "?":
        return True
    if lexicon.question_cues.find(bare):
        return True
    return _ends_with_no(bare, lexicon)


def _ends_with_no(bare: Sequence[str], lexicon: Lexicon) -> bool:
    at = len(bare) - 1
    while at > 0 and _is_end(at, 1, bare, lexicon):
        at -= 1
    return at >= 0 and bare[at] in ("khong", "chua")
