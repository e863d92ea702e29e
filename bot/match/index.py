"""Everything matching needs from a snapshot, built once: phrasings, postings, classifier, cues."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.match.classifier import Classifier
from bot.match.features import Synonyms, Text, read_text
from bot.match.model import Model
from bot.match.postings import Postings
from bot.match.space import Space
from bot.models import Question
from bot.normalize import Lexicon, normalize
from bot.normalize.phrases import PhraseTable
from knowledge.snapshot import Snapshot

#: Phrasings hold no dates that depend on the day; any day serves to normalize them.
_ANY_DAY = date(2026, 1, 1)
#: Slots of a question that speak for an answer using them.
_TELLING_SLOTS = ("months", "members", "grade", "birth_month", "age", "income", "school_year")
#: The name of the class of messages that no answer is for.
NONE = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One phrasing (or title, or off-topic sample), normalized."""

    answer_id: str
    phrasing: str
    question: Question
    text: Text
    #: True for a negative phrasing: it looks like the answer, and belongs elsewhere.
    negative: bool = False
    #: What it asks for: "much", "where", … (lexicon file `questions`).
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Profile:
    """What an answer's own phrasings speak of; vetoes compare a question with it."""

    answer_id: str
    topic: str
    audience: str
    kind: str
    staff_only: bool
    audiences: frozenset[str]
    products: frozenset[str]
    verbs: frozenset[str]
    #: label -> values of numbered things named: {"ma": {"ma 4"}}
    codes: Mapping[str, frozenset[str]]
    negated: frozenset[bool]
    off_topic: frozenset[str]
    rows: tuple[int, ...]
    negatives: tuple[int, ...]
    #: True for what one place's document said, of use only to who asks about that place
    elsewhere: bool
    #: slots that a question may hold and that speak for this answer
    slots: tuple[str, ...]


@dataclass(frozen=True)
class Index:
    """The searchable form of a snapshot's answers. Immutable; safe to share between threads."""

    snapshot: Snapshot
    lexicon: Lexicon
    synonyms: Synonyms
    model: Model
    rows: tuple[Row, ...]
    profiles: Mapping[str, Profile]
    space: Space
    #: BM25 over the words of each row
    terms: Postings
    classifier: Classifier
    off_topic: PhraseTable[str]
    verb_pairs: tuple[tuple[str, str], ...]
    #: pairs of audiences of which one never forbids an answer about the other
    kin: frozenset[frozenset[str]]
    #: words of another business unless the question names a product of ours
    off_topic_unless_named: PhraseTable[str]
    #: names that say the question is about our business, besides those of the products
    ours: PhraseTable[str]
    #: cue of a question -> what it asks for: "much", "where", …
    kinds: PhraseTable[str]
    #: BM25 over all phrasings of an answer as one text; `order` says which line is whose
    whole: Postings
    order: Mapping[str, int]
    #: answer id -> every word of its phrasings
    vocabulary: Mapping[str, frozenset[str]]
    #: by line of `order`: the answer's rows, its negative rows (both filled up with the number of
    #: rows, where nothing stands), its column of the classifier (or the number of columns), topic
    members: NDArray[np.intp]
    opposed: NDArray[np.intp]
    answer_columns: NDArray[np.intp]
    answer_topics: NDArray[np.intp]
    #: by column of the classifier: the topic, the last number for texts that belong to no answer
    column_topics: NDArray[np.intp]
    #: every word as phrasings spell it, with accents
    spelled: frozenset[str]
    #: idf weight of all words of each row
    mass: Sequence[float]
    #: the rows of off-topic samples
    strangers: NDArray[np.intp]
    #: column of the classifier -> answer id
    columns: Mapping[str, int]
    #: True for the phrasings of answers: neither negative nor off-topic samples
    usable: NDArray[np.bool_]
    #: the other rows: negative phrasings and off-topic samples
    unusable: NDArray[np.intp]
    #: these and the phrasings of answers that only staff may get
    closed: NDArray[np.intp]

    @classmethod
    def build(cls, snapshot: Snapshot, model: Model | None = None) -> Index:
        """Index and train on every phrasing of the snapshot.

        Args:
            snapshot: the knowledge to serve.
            model: weights of the scores; None reads the snapshot's own
                (`lexicon/calibration.yaml`), or the built-in ones.
        """
        lexicon = Lexicon.from_snapshot(snapshot)
        synonyms = Synonyms(snapshot.lexicon.get("synonyms"))
        off_topic = snapshot.lexicon.get("off_topic") or {}
        kinds = PhraseTable(
            (cue.split(), kind)
            for kind, cues in ((snapshot.lexicon.get("questions") or {}).get("kinds") or {}).items()
            for cue in cues
        )
        rows: list[Row] = []
        space = Space(_read_rows(snapshot, off_topic, lexicon, synonyms, kinds, rows))
        audiences: Mapping[str, Any] = snapshot.lexicon.get("audiences") or {}
        verbs: Mapping[str, Any] = snapshot.lexicon.get("verbs") or {}
        stop, mild = (
            PhraseTable((text.split(), text) for text in off_topic.get(name) or ())
            for name in ("veto", "unless_named")
        )
        ours = PhraseTable((text.split(), text) for text in off_topic.get("ours") or ())
        terms = Postings([row.text.terms for row in rows])
        profiles = _profiles(snapshot, rows, (stop, mild))
        bags = {name: _bag(rows, profiles[name].rows) for name in sorted(profiles)}
        learned = np.array([at for at, row in enumerate(rows) if not row.negative], dtype=np.intp)
        usable = [row.answer_id != NONE and not row.negative for row in rows]
        staff = [row.answer_id != NONE and profiles[row.answer_id].staff_only for row in rows]
        classifier = Classifier(
            space.rows()[learned], [rows[at].answer_id for at in learned.tolist()]
        )
        columns = {name: at for at, name in enumerate(classifier.names)}
        ordered = [profiles[name] for name in bags]
        topics = {topic: at for at, topic in enumerate(sorted({one.topic for one in ordered}))}
        return cls(
            snapshot=snapshot,
            lexicon=lexicon,
            synonyms=synonyms,
            model=model or Model.from_mapping(snapshot.lexicon.get("calibration")),
            rows=tuple(rows),
            profiles=profiles,
            space=space,
            terms=terms,
            classifier=classifier,
            off_topic=stop,
            off_topic_unless_named=mild,
            ours=ours,
            kinds=kinds,
            whole=Postings(list(bags.values())),
            order={name: at for at, name in enumerate(bags)},
            vocabulary={name: frozenset(bag) for name, bag in bags.items()},
            members=_table([one.rows for one in ordered], 3, len(rows)),
            opposed=_table([one.negatives for one in ordered], 1, len(rows)),
            answer_columns=np.array(
                [columns.get(name, len(columns)) for name in bags], dtype=np.intp
            ),
            answer_topics=np.array([topics[one.topic] for one in ordered], dtype=np.intp),
            column_topics=np.array(
                [
                    topics[profiles[name].topic] if name in profiles else len(topics)
                    for name in classifier.names
                ],
                dtype=np.intp,
            ),
            spelled=frozenset(word for row in rows for word in row.question.accented.split()),
            mass=[sum(n * terms.idf[word] for word, n in row.text.terms.items()) for row in rows],
            strangers=np.array(
                [at for at, row in enumerate(rows) if row.answer_id == NONE], dtype=np.intp
            ),
            verb_pairs=tuple((a, b) for a, b in verbs.get("pairs") or ()),
            kin=frozenset(map(frozenset, audiences.get("kin") or ())),
            columns=columns,
            usable=np.array(usable, dtype=np.bool_),
            unusable=np.flatnonzero(~np.array(usable, dtype=np.bool_)),
            closed=np.flatnonzero(
                ~np.array(usable, dtype=np.bool_) | np.array(staff, dtype=np.bool_)
            ),
        )


def _read_rows(
    snapshot: Snapshot,
    off_topic: Mapping[str, Any],
    lexicon: Lexicon,
    synonyms: Synonyms,
    kinds: PhraseTable[str],
    rows: list[Row],
) -> Iterator[Text]:
    """The text of every row, one at a time; the row itself, without what only the space reads of
    it, is appended to `rows`."""
    shared = _Shared()
    for answer_id, phrasing, negative in _phrasings(snapshot, off_topic):
        question = normalize(phrasing, lexicon, _ANY_DAY)
        text = read_text(question, synonyms)
        asks = frozenset(kind for _, _, kind in kinds.find_all(text.words))
        rows.append(shared.slim(Row(answer_id, phrasing, question, text, negative, asks)))
        yield text


def _phrasings(snapshot: Snapshot, off_topic: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Answer id, phrasing, and whether it is a negative one."""
    for answer_id, stored in sorted(snapshot.answers.items()):
        for phrasing in dict.fromkeys((stored.file.title, *stored.file.phrasings)):
            yield answer_id, phrasing, False
        for phrasing in stored.file.negative_phrasings:
            yield answer_id, phrasing, True
    for sample in off_topic.get("samples") or ():
        yield NONE, sample, False


class _Shared:
    """Rows as they are kept: without what only the space reads, equal parts stored once.

    Each saves a good part of the memory, which every process that answers needs for itself."""

    def __init__(self) -> None:
        self._sets: dict[frozenset[str], frozenset[str]] = {}

    def slim(self, row: Row) -> Row:
        """The row to keep."""
        text, question = row.text, row.question
        return replace(
            row,
            kinds=self._one(row.kinds),
            text=replace(
                text,
                words=tuple(map(sys.intern, text.words)),
                terms={sys.intern(word): weight for word, weight in text.terms.items()},
                pairs={},
                grams={},
            ),
            question=replace(
                question,
                text="",
                weights=(),
                tokens=tuple(map(sys.intern, question.tokens)),
                audiences=self._one(question.audiences),
                products=self._one(question.products),
                numbers=self._one(question.numbers),
                verbs=self._one(question.verbs),
                redacted=self._one(question.redacted),
            ),
        )

    def _one(self, found: frozenset[str]) -> frozenset[str]:
        return self._sets.setdefault(found, found)


def _table(lists: Sequence[Sequence[int]], least: int, fill: int) -> NDArray[np.intp]:
    """Lists of numbers as one table, short lines filled up; `least` is its smallest width."""
    width = max((len(one) for one in lists), default=0)
    table = np.full((len(lists), max(width, least)), fill, dtype=np.intp)
    for at, one in enumerate(lists):
        table[at, : len(one)] = one
    return table


def _bag(rows: Sequence[Row], members: Sequence[int]) -> dict[str, float]:
    """The words of several rows as one text."""
    bag: Counter[str] = Counter()
    for at in members:
        bag.update(rows[at].text.terms)
    return dict(bag)


def _profiles(
    snapshot: Snapshot, rows: list[Row], stops: Sequence[PhraseTable[str]]
) -> dict[str, Profile]:
    profiles: dict[str, Profile] = {}
    for answer_id, stored in snapshot.answers.items():
        own = [at for at, row in enumerate(rows) if row.answer_id == answer_id and not row.negative]
        questions = [rows[at].question for at in own]
        codes: dict[str, set[str]] = {}
        for question in questions:
            for code in question.numbers:
                codes.setdefault(label(code), set()).add(code)
        profiles[answer_id] = Profile(
            answer_id=answer_id,
            topic=stored.file.topic,
            audience=stored.file.audience,
            kind=stored.file.kind,
            staff_only=stored.file.visibility == "staff",
            audiences=frozenset().union(*(q.audiences for q in questions)),
            products=frozenset().union(*(q.products for q in questions)),
            verbs=frozenset().union(*(q.verbs for q in questions)),
            codes={name: frozenset(values) for name, values in codes.items()},
            negated=frozenset(q.negated for q in questions),
            off_topic=frozenset(
                name
                for q in questions
                for stop in stops
                for _, _, name in stop.find_all(q.folded.split())
            ),
            rows=tuple(own),
            elsewhere=stored.file.place in snapshot.places,
            slots=tuple(name for name in stored.file.slots if name in _TELLING_SLOTS),
            negatives=tuple(
                at for at, row in enumerate(rows) if row.answer_id == answer_id and row.negative
            ),
        )
    return profiles


def label(code: str) -> str:
    """What a numbered thing is: "ma" of "ma 4", "" of a bare number, "/" of a document number."""
    words = code.split()
    if len(words) > 1:
        return " ".join(words[:-1])
    return "/" if "/" in code else ""
