"""From a citizen's message to a `Question`: pure, and the same for every way of typing it.

Steps: clean Unicode, lower case, decode keyboard residue, expand shortcuts, cut words apart
(`words`), read dates (`periods`) and numbers (`numbers`), then audience, product, verbs, place
and negation (`cues`), and weigh the clause that asks (`clauses`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from bot.models import Question, Slots
from bot.normalize.clauses import token_weights
from bot.normalize.cues import (
    is_negated,
    place_spans,
    read_audiences,
    read_place,
    read_products,
    read_verbs,
    weak_group,
)
from bot.normalize.fold import clean, fold, has_accent, lower
from bot.normalize.lexicon import Lexicon
from bot.normalize.numbers import Number, read_numbers
from bot.normalize.periods import Mention, asked_period, read_periods
from bot.normalize.words import Words, split_words

__all__ = ["Lexicon", "fold", "normalize", "split_questions"]

_PLACEHOLDER = re.compile(r"\[([^\[\]\n]{1,24})\]")
_REDACTED = frozenset(
    {"cccd", "cmnd", "sđt", "mã số", "tên", "email", "stk", "địa chỉ", "ngày sinh"}
)
#: At most this share of words with marks, and a message counts as typed without diacritics.
_UNACCENTED_SHARE = 0.1
_TYPED = {
    "months": "#thang", "gap": "#thang", "years": "#nam", "members": "#nguoi", "children": "#con",
    "age": "#tuoi", "income": "#tien", "money": "#tien", "percent": "#pt", "count": "#so",
}  # fmt: skip
_TYPED_PERIOD = {"day": "#ngay", "month": "#ngay", "year": "#nam", "school_year": "#namhoc"}
#: Weight of the name of a place among the words of a question.
_PLACE_WEIGHT = 0.35
#: Percents that name a rule by themselves: the rate of contribution, the co-payment threshold.
_TELLING_PERCENTS = frozenset({"4.5", "15"})
#: Grades and counts whose number itself tells answers apart keep it in their placeholder.
_TELLING_GRADES = frozenset({1, 12})


def normalize(text: str, lexicon: Lexicon, today: date) -> Question:
    """A citizen's message as a `Question`.

    Args:
        text: as received; personal identifiers already replaced by placeholders ([CCCD]).
        lexicon: compiled from the snapshot (`Lexicon.from_snapshot`).
        today: the day of asking, for "năm ngoái" and the like.

    The same message in NFC or NFD, upper or lower case gives the same question (but for
    `text`). Normalizing `accented` or `folded` again changes neither.
    """
    kept = clean(text)
    words = split_words(lower(kept), lexicon)
    accented, bare, index = words.with_marks()
    mentions = [
        replace(found, start=index[found.start], end=index[found.end - 1] + 1)
        for found in read_periods(bare, today)
    ]
    numbers = [
        replace(found, start=index[found.start], end=index[found.end - 1] + 1)
        for found in read_numbers(accented, bare)
    ]
    numbers = [
        number
        for number in numbers
        if not any(number.start < m.end and m.start < number.end for m in mentions)
    ]
    tokens, weights = _tokens(words, numbers, mentions, lexicon)
    marked = list(words.bare)
    for number in numbers:
        if number.kind == "grade":
            marked[number.start : number.end] = ["#lop", *[""] * (number.end - number.start - 1)]
    marked = [word for word in marked if word]
    audiences = read_audiences(marked, numbers, lexicon)
    if "voluntary_bhxh" in audiences:
        numbers = [_chosen_income(number, words.bare) for number in numbers]
    group = audiences[0] if audiences else weak_group(marked, lexicon)
    letters = [word for word in words.accented if word.isalpha()]
    marks = sum(map(has_accent, letters))
    return Question(
        text=kept,
        folded=" ".join(words.bare),
        accented=" ".join(words.accented),
        tokens=tuple(tokens),
        weights=tuple(weights),
        slots=_slots(words, numbers, mentions, group, lexicon, today),
        audiences=frozenset(audiences),
        products=read_products(words.bare, lexicon),
        numbers=frozenset(number.code for number in numbers if number.kind == "code"),
        negated=is_negated(words.bare, words.ends, lexicon),
        verbs=read_verbs(words.bare, lexicon),
        unaccented=marks <= _UNACCENTED_SHARE * len(letters),
        redacted=frozenset(
            found.upper() for found in _PLACEHOLDER.findall(lower(kept)) if found in _REDACTED
        ),
    )


def _members(numbers: Sequence[Number]) -> int | None:
    """How many people: the last number said, but for the "một người" of "mỗi người bao nhiêu"."""
    counted = [number.value for number in numbers if number.kind == "members"]
    return next((n for n in reversed(counted) if n > 1), counted[-1] if counted else None)


def _chosen_income(number: Number, bare: Sequence[str]) -> Number:
    """ "theo mức 2 triệu": of voluntary BHXH people choose the income, not the sum to pay."""
    chosen = number.kind == "money" and number.start > 0 and bare[number.start - 1] == "muc"
    return replace(number, kind="income") if chosen else number


def split_questions(text: str) -> tuple[str, ...]:
    """The questions of a message that asks several: cut after each "?" with enough words.

    A message with one question, or none, comes back whole.
    """
    parts = [part.strip() for part in re.split(r"(?<=\?)\s+|\n+", clean(text)) if part.strip()]
    asking = [part for part in parts if part.endswith("?") and len(part.split()) > 3]
    if len(asking) < 2 or len(asking) < len(parts):
        return (text,)
    return tuple(asking)


def _tokens(
    words: Words, numbers: Sequence[Number], mentions: Sequence[Mention], lexicon: Lexicon
) -> tuple[list[str], list[float]]:
    """Folded words for matching, bound numbers and dates as typed placeholders, with weights."""
    weights = token_weights(words.bare, words.ends, lexicon)
    typed: dict[int, tuple[int, str]] = {}
    for mention in mentions:
        if mention.kind in _TYPED_PERIOD:
            typed[mention.start] = (mention.end, _TYPED_PERIOD[mention.kind])
    for number in numbers:
        name = _TYPED.get(number.kind, "")
        if number.kind == "grade":
            name = f"#lop{number.value}" if number.value in _TELLING_GRADES else "#lop"
        if number.kind == "percent" and number.code in _TELLING_PERCENTS:
            name = f"#pt{number.code}"
        if number.kind == "years" and number.value == 5:
            continue  # "5 năm liên tục" is a name, not a figure
        if name:
            typed[number.start] = (number.end, name)
    # A redacted identifier says nothing about what is asked.
    weights = [0.0 if w.startswith("[") else n for w, n in zip(words.bare, weights, strict=True)]
    for start, end in place_spans(words.accented, words.bare, lexicon):
        # Where someone lives is a slot; it hardly tells what is asked, unless phrasings name it.
        named = all(pair in lexicon.pairs for pair in pairwise(words.bare[start:end]))
        for position in range(start, end):
            weights[position] *= _PLACE_WEIGHT if named else 0.0
    tokens: list[str] = []
    kept: list[float] = []
    at = 0
    while at < len(words.bare):
        if at in typed:
            end, name = typed[at]
            tokens.append(name)
            kept.append(weights[at])
            at = end
            continue
        if weights[at] > 0:
            tokens.append(words.bare[at])
            kept.append(weights[at])
        at += 1
    return tokens, kept


def _slots(
    words: Words,
    numbers: Sequence[Number],
    mentions: Sequence[Mention],
    group: str,
    lexicon: Lexicon,
    today: date,
) -> Slots:
    def last(kind: str) -> int | None:
        return next((n.value for n in reversed(numbers) if n.kind == kind), None)

    period, school_year, birth_month = asked_period(mentions, words.bare, today)
    months = last("months")
    return Slots(
        group=group,
        place=read_place(words.accented, words.bare, lexicon),
        months=months if months and months <= 60 else None,
        members=_members(numbers),
        grade=last("grade"),
        birth_month=birth_month,
        age=last("age"),
        income=last("income"),
        claimed_amount=last("money"),
        school_year=school_year,
        period=period,
    )
