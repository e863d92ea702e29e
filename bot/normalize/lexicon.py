"""The lexicon compiled for normalizing: word lists of `knowledge/lexicon/` and place names.

Built once per snapshot; read-only afterwards. Every list is given in YAML as strings, so that
an editor can change how people are understood without touching code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from bot.normalize.fold import fold, lower
from bot.normalize.phrases import PhraseTable
from bot.normalize.spelling import Spelling
from knowledge.schema import Place
from knowledge.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Reading:
    """One meaning of an ambiguous word, and the context that speaks for it."""

    words: tuple[str, ...]
    weight: int = 1
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    last: bool = False
    number: str = ""


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A place with the exact words (accented, lower case) it is called by."""

    place: str
    words: tuple[str, ...]
    risky: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything `normalize` knows about words."""

    words: Mapping[str, tuple[str, ...]]
    phrases: PhraseTable[tuple[str, ...]]
    readings: Mapping[str, tuple[Reading, ...]]
    plain: frozenset[str]
    drop: frozenset[str]
    front: PhraseTable[bool]
    end: PhraseTable[bool]
    vocative: PhraseTable[bool]
    question_cues: PhraseTable[bool]
    audiences: PhraseTable[str]
    weak_audiences: PhraseTable[str]
    audience_order: tuple[str, ...]
    verbs: PhraseTable[str]
    products: PhraseTable[str]
    places: PhraseTable[tuple[PlaceName, ...]]
    place_cues: frozenset[str]
    place_short: Mapping[str, tuple[str, ...]]
    place_always: PhraseTable[str]
    #: place name (folded) -> place id
    place_ids: Mapping[str, str]
    #: former place id -> the place it was merged into
    merged_into: Mapping[str, str] = field(default_factory=dict)
    #: how often a folded word, and two in a row, occur in the phrasings
    counts: Mapping[str, int] = field(default_factory=dict)
    pairs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    spelling: Spelling = field(default_factory=lambda: Spelling({}))

    @classmethod
    def from_snapshot(cls, snapshot: Snapshot) -> Lexicon:
        """The lexicon of a snapshot: its word lists, place names and the words of its phrasings."""
        texts = [
            text
            for stored in snapshot.answers.values()
            for text in (stored.file.title, *stored.file.phrasings)
        ]
        return cls.build(snapshot.lexicon, snapshot.places, texts)

    @classmethod
    def build(
        cls,
        files: Mapping[str, Any],
        places: Mapping[str, Place] | None = None,
        texts: Iterable[str] = (),
    ) -> Lexicon:
        """Compile parsed lexicon files (file stem -> content), place names and sample texts.

        Raises ValueError when a reading's weight is not a number.
        """
        short = files.get("shortcuts") or {}
        greetings = files.get("greetings") or {}
        audiences = files.get("audiences") or {}
        verbs = files.get("verbs") or {}
        abbreviations = files.get("place_abbreviations") or {}
        names, ids = _place_names(places or {}, frozenset(abbreviations.get("risky") or ()))
        counts, pairs = _vocabulary([*texts, *_own_texts(files)])
        return cls(
            words={
                lower(key): tuple(lower(value).split())
                for key, value in (short.get("words") or {}).items()
            },
            phrases=PhraseTable(
                (lower(key).split(), tuple(lower(value).split()))
                for key, value in (short.get("phrases") or {}).items()
            ),
            readings={
                lower(key): tuple(map(_reading, options))
                for key, options in (short.get("readings") or {}).items()
            },
            plain=frozenset((files.get("telex") or {}).get("plain") or ()),
            drop=frozenset(map(lower, short.get("drop") or ())),
            front=_flags(greetings.get("front")),
            end=_flags(greetings.get("end")),
            vocative=_flags(greetings.get("vocative")),
            question_cues=_flags((files.get("questions") or {}).get("cues")),
            audiences=PhraseTable(
                [
                    *((fold(text).split(), "") for text in audiences.get("not") or ()),
                    *_entries(audiences.get("cues")),
                ]
            ),
            weak_audiences=PhraseTable(_entries(audiences.get("weak"))),
            audience_order=tuple(audiences.get("order") or ()),
            verbs=PhraseTable(_entries(verbs.get("senses"))),
            products=PhraseTable(
                [
                    *((fold(text).split(), "") for text in verbs.get("offices") or ()),
                    *_entries(verbs.get("products")),
                ]
            ),
            places=names,
            place_cues=frozenset(map(fold, abbreviations.get("cues") or ())),
            place_short={
                fold(key): tuple(map(fold, values))
                for key, values in (abbreviations.get("after_cue") or {}).items()
            },
            place_always=PhraseTable(
                (fold(key).split(), fold(value))
                for key, value in (abbreviations.get("always") or {}).items()
            ),
            place_ids=ids,
            merged_into={
                place.id: place.merged_into
                for place in (places or {}).values()
                if place.merged_into
            },
            counts=counts,
            spelling=Spelling(counts),
            pairs=pairs,
        )


def _flags(texts: Iterable[str] | None) -> PhraseTable[bool]:
    return PhraseTable((fold(text).split(), True) for text in texts or ())


def _entries(groups: Mapping[str, Iterable[str]] | None) -> list[tuple[list[str], str]]:
    return [
        (["#lop" if word == "n" else word for word in fold(text).split()], name)
        for name, texts in (groups or {}).items()
        for text in texts
    ]


def _reading(raw: Mapping[str, Any]) -> Reading:
    return Reading(
        words=tuple(lower(raw.get("to", "")).split()),
        weight=int(raw.get("weight", "1")),
        before=frozenset(map(fold, raw.get("before") or ())),
        after=frozenset(map(fold, raw.get("after") or ())),
        last=raw.get("place") == "last",
        number=raw.get("number", ""),
    )


def _place_names(
    places: Mapping[str, Place], risky: frozenset[str]
) -> tuple[PhraseTable[tuple[PlaceName, ...]], dict[str, str]]:
    table: dict[tuple[str, ...], list[PlaceName]] = {}
    ids: dict[str, str] = {}
    for place in places.values():
        for name in (place.name, *place.aliases):
            words = tuple(lower(name).split())
            bare = fold(name)
            for prefix in ("tinh ", "thanh pho ", "tp "):
                if bare.startswith(prefix):
                    words = words[len(prefix.split()) :]
                    bare = bare.removeprefix(prefix)
            if words:
                entry = PlaceName(place.id, words, bare in risky)
                table.setdefault(tuple(bare.split()), []).append(entry)
                ids.setdefault(bare, place.id)
    return PhraseTable((key, tuple(value)) for key, value in table.items()), ids


def _own_texts(files: Mapping[str, Any]) -> Iterable[str]:
    """Words that the lexicon itself knows, so that they can be cut out of run-together text."""
    for name, groups in (files.get("synonyms") or {}).items():
        yield name
        yield from groups
    for groups in ((files.get("audiences") or {}).get("cues") or {}).values():
        yield from groups
    yield from (files.get("shortcuts") or {}).get("words", {}).values()
    yield from (files.get("greetings") or {}).get("front", ())
    yield from (files.get("questions") or {}).get("cues", ())
    yield "khong duoc co phai the nay do va voi roi em toi minh me bo cho con nha"


def _vocabulary(texts: Iterable[str]) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    counts: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for text in texts:
        words = [word for word in fold(text).split() if word.isalpha()]
        counts.update(words)
        pairs.update(pairwise(words))
    return counts, pairs
