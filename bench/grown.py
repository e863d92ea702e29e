"""A knowledge base of any size for the benches: the shipped one with more ways of asking.

New phrasings are made from the shipped ones as people vary them: greetings and endings, accents
dropped, slips of the thumb, synonyms of the lexicon, a place or a year added, the first half of
one way of asking joined to the second half of another. They stay with their answer, so the size
of the search grows and its task stays plausible. The same seed gives the same phrasings.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.normalize import fold
from knowledge.snapshot import Snapshot

_OPENINGS = (
    "cho em hỏi", "ad ơi", "cho hỏi", "dạ cho e hỏi", "mình hỏi chút", "anh chị ơi", "alo",
    "chào ad", "nhà mình", "bé nhà em", "mẹ em hỏi", "cô giáo bảo", "tôi muốn biết", "xin hỏi",
    "tư vấn giúp em",
)  # fmt: skip
_ENDINGS = (
    "ạ", "vậy ad", "với ạ", "thế", "nhỉ", "hả ad", "giúp em với", "em cảm ơn", "đúng không ạ",
    "vậy", "a", "z ạ", "nha", "hen", "ạ?", "??", "với",
)  # fmt: skip
_LETTERS = "abcdeghiklmnopqrstuvxy"


def grown(snapshot: Snapshot, size: int, seed: int = 7) -> Snapshot:
    """The snapshot with `size` phrasings in all, evenly from every answer's own."""
    pick = random.Random(seed)  # noqa: S311 - repeatable noise, nothing secret
    own = {name: tuple(one.file.phrasings) for name, one in sorted(snapshot.answers.items())}
    extras = _extras(snapshot)
    kept: dict[str, dict[str, None]] = {name: {} for name in own}
    count = 0
    for name, phrasing in _in_turn(own):
        if count >= size:
            break
        kept[name][phrasing] = None
        count += 1
    names = sorted(own)
    while count < size:
        name = names[pick.randrange(len(names))]
        made = _vary(own[name], extras, pick)
        if made and made not in kept[name]:
            kept[name][made] = None
            count += 1
    answers = {
        name: replace(one, file=one.file.model_copy(update={"phrasings": tuple(kept[name])}))
        for name, one in snapshot.answers.items()
    }
    return replace(snapshot, answers=answers)


def _in_turn(own: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """The shipped phrasings, one of each answer at a time."""
    for turn in range(max(map(len, own.values()))):
        for name, phrasings in own.items():
            if turn < len(phrasings):
                yield name, phrasings[turn]


def _extras(snapshot: Snapshot) -> list[str]:
    places = [f"ở {place.name}" for place in snapshot.places.values()]
    years = [f"năm {year}" for year in range(2018, 2028)]
    months = [f"{n} tháng" for n in range(1, 13)]
    return [*places, *years, *months, "năm nay", "năm học này", "kỳ tới", "bây giờ"]


def _vary(phrasings: Sequence[str], extras: Sequence[str], pick: random.Random) -> str:
    words = pick.choice(phrasings).split()
    if pick.random() < 0.5:
        other = pick.choice(phrasings).split()
        words = words[: max(1, len(words) // 2)] + other[len(other) // 2 :]
    if pick.random() < 0.4:
        words = [pick.choice(_OPENINGS), *words]
    if pick.random() < 0.4:
        words = [*words, pick.choice(extras)]
    if pick.random() < 0.4:
        words = [*words, pick.choice(_ENDINGS)]
    text = " ".join(words)
    if pick.random() < 0.35:
        text = fold(text)
    for _ in range(pick.choice((0, 0, 1, 1, 2))):
        at = pick.randrange(len(text))
        slip = pick.choice(("", text[at] * 2, pick.choice(_LETTERS)))
        text = text[:at] + slip + text[at + 1 :]
    return text.strip()
