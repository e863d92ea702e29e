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
    products = read_products(words.bare, lexicon)
    numbers = _chosen_income(numbers, words.bare, {*audiences, *products})
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
        products=products,
        numbers=frozenset(number.code for number in numbers if number.kind == "code"),
        negated=is_negated(words.bare, words.ends, lexicon),
        verbs=read_verbs(words.bare, lexicon),
        unaccented=marks <= _UNACCENTED_SHARE * len(letters),
        redacted=frozenset(
            found.upper() for found in _PLACEHOLDER.findall(lower(kept)) if found in _REDACTED
        ),
    )


#: Some of the people counted have a card already, so how many still pay is not said.
_COVERED = re.compile(
    r"\b(?:trong do|da co (?:the|bhyt)|co the roi|la hoc sinh|la sinh vien|di hoc"
    r"|(?:lam|di) cong ty|cong nhan|huu tri)\b"
)


def _members(numbers: Sequence[Number], folded: str) -> int | None:
    """How many people: the last number said, but for the "một người" of "mỗi người bao nhiêu".

    None when some of them are told to be insured elsewhere: their sum would be too high.
    """
    if _COVERED.search(folded):
        return None
    counted = [number.value for number in numbers if number.kind == "members"]
    return next((n for n in reversed(counted) if n > 1), counted[-1] if counted else None)


#: Sums below hardly are a monthly income that somebody chooses; how people speak, not the law.
_LEAST_INCOME = 1_500_000
#: After one of these a sum was paid or received; after "chuẩn" it is the poverty line.
_PAID = frozenset({"thu", "nop", "het", "mat", "tra", "chuan"})
_RECEIVED = frozenset({"duoc", "cho", "cap", "tro", "them"})
#: "thu nhập", "thủ tục": no sum is collected there.
_NOT_PAID = frozenset({"nhap", "tuc"})
#: "đóng 1 năm luôn", "tự nguyện một năm hết bao nhiêu": the year that is paid for.
_BEFORE_YEAR, _AFTER_YEAR = frozenset({"dong", "nop", "luon"}), frozenset({"luon", "het", "bao"})


def _chosen_income(numbers: Sequence[Number], bare: Sequence[str], named: set[str]) -> list[Number]:
    """Sums and years as people mean them who ask about voluntary BHXH.

    They choose the income, not the sum to pay: "tự nguyện 2 triệu", "22% của 10 triệu". A small
    or uneven sum, or one that somebody collected, stays an amount to compare. `named`: the groups
    and products in the message. A plain "mức 5 triệu" may go on from an earlier question.
    """
    alone = "bhyt" not in named and "household" not in named
    meant = "voluntary_bhxh" in named or (
        alone
        and (
            ("tu", "nguyen") in pairwise(bare)
            or any(number.kind == "percent" and number.code == "22" for number in numbers)
        )
    )
    return [
        replace(number, kind="income")
        if number.kind == "money" and (meant or not named) and _is_chosen(number, bare, meant=meant)
        else replace(number, kind="months", value=12)
        if alone and number.kind == "years" and _is_paid_year(number, bare)
        else number
        for number in numbers
    ]


def _is_chosen(number: Number, bare: Sequence[str], *, meant: bool) -> bool:
    before = bare[max(0, number.start - 8) : number.start]
    if before and before[-1] == "muc":
        large = number.value >= _LEAST_INCOME and number.value % 50_000 == 0
        return large if not meant else large or number.value % 100_000 == 0
    if not meant or number.value < _LEAST_INCOME or number.value % 50_000:
        return False
    if "chon" in before[-3:]:
        return True
    if tuple(bare[number.end : number.end + 2]) in {("1", "nam"), ("mot", "nam"), ("ca", "nam")}:
        return False
    asked = max((at for at, word in enumerate(before) if word in ("nhieu", "bn")), default=-1)
    paid = any(
        (word in _PAID and next_ not in _NOT_PAID) or (word, next_) == ("da", "dong")
        for word, next_ in pairwise((*before[asked + 1 :], ""))
    )
    return not paid and not _RECEIVED & set(before[-1:])


def _is_paid_year(number: Number, bare: Sequence[str]) -> bool:
    before, after = bare[max(0, number.start - 1) : number.start], bare[number.end + 1 :][:1]
    near = _BEFORE_YEAR & set(before) or _AFTER_YEAR & set(after)
    return number.value == 1 and bool(near) and "roi" not in after


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
        members=_members(numbers, " ".join(words.bare)),
        grade=last("grade"),
        birth_month=birth_month,
        age=last("age"),
        income=last("income"),
        claimed_amount=last("money"),
        school_year=school_year,
        period=period,
    )
