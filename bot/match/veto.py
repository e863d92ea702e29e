"""Reasons that forbid an answer however near its words are (design section 2, invariant 8)."""

from __future__ import annotations

from rapidfuzz import fuzz

from bot.match.index import Index, Profile, Row, label
from bot.match.score import related
from bot.models import Question

#: From this likeness on, two texts say the same but for a negation.
_SAME_BUT_NEGATION = 92.0
_NEGATIONS = frozenset({"khong", "chua", "chang"})


def vetoes(
    question: Question, row: Row, index: Index, business: frozenset[str] | None = None
) -> tuple[str, ...]:
    """Why the answer of a row is forbidden for this question; () when it is not.

    Each reason is a short Vietnamese sentence for staff. `business` is what `other_business`
    found, to save looking again for every answer.
    """
    profile = index.profiles[row.answer_id]
    if business is None:
        business = other_business(question, index)
    found = (
        _audience(question, profile, index),
        _product(question, profile),
        _verb(question, profile, index),
        _place(question, profile, index),
        _codes(question, profile),
        _age(question, profile, index),
        _negation(question, row, profile),
        _business(business, profile),
    )
    return tuple(reason for reason in found if reason)


def _names(ids: frozenset[str], index: Index) -> str:
    audiences = index.snapshot.audiences
    return ", ".join(sorted(audiences[i].name if i in audiences else i for i in ids))


def _audience(question: Question, profile: Profile, index: Index) -> str:
    if not profile.audience or not question.audiences:
        return ""
    allowed = profile.audiences | {profile.audience}
    if any(related(one, other, index) for one in question.audiences for other in allowed):
        return ""
    asked = _names(question.audiences, index)
    return f"khác đối tượng: hỏi về {asked}, câu trả lời về {_names(allowed, index)}"


def _product(question: Question, profile: Profile) -> str:
    if not question.products or not profile.products or question.products & profile.products:
        return ""
    asked = "/".join(sorted(question.products)).upper()
    return (
        f"khác loại bảo hiểm: hỏi {asked}, câu trả lời {'/'.join(sorted(profile.products)).upper()}"
    )


def _place(question: Question, profile: Profile, index: Index) -> str:
    """What one province's document said is no answer about another province."""
    places = index.snapshot.places
    own = index.snapshot.answers[profile.answer_id].file.place
    asked = question.slots.place
    if own not in places or asked not in places or own == asked:
        return ""
    if places[own].merged_into == asked or places[asked].merged_into == own:
        return ""
    return f"khác nơi: hỏi về {places[asked].name}, câu trả lời về {places[own].name}"


def _verb(question: Question, profile: Profile, index: Index) -> str:
    for pair in index.verb_pairs:
        for mine, other in (pair, pair[::-1]):
            asks = mine in question.verbs and other not in question.verbs
            tells = other in profile.verbs and mine not in profile.verbs
            if asks and tells:
                return f"khác việc: hỏi {mine}, câu trả lời {other}"
    return ""


def _codes(question: Question, profile: Profile) -> str:
    """Numbered things: "mã 4" is not "mã 1", one document is not another."""
    for code in sorted(question.numbers):
        name = label(code)
        known = profile.codes.get(name)
        if name and known and not any(_same_code(code, other) for other in known):
            return f"khác số hiệu: hỏi {code}, câu trả lời {', '.join(sorted(known))}"
    return ""


def _same_code(one: str, other: str) -> bool:
    """Documents are named in full or in part: 188, 188/2025, 188/2025/NĐ-CP."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def _age(question: Question, profile: Profile, index: Index) -> str:
    """ "Lớp 6" is not lớp 1, and a child of eight no baby."""
    file = index.snapshot.answers[profile.answer_id].file
    grade, age = question.slots.grade, question.slots.age
    named = {grade, *(g for g in file.grades if f"#lop{g}" in question.tokens)}
    if file.grades and grade is not None and named.isdisjoint(file.grades):
        return f"khác lớp: hỏi lớp {grade}, câu trả lời về lớp {', '.join(map(str, file.grades))}"
    if file.ages and age is not None and not file.ages[0] <= age <= file.ages[1]:
        return f"khác tuổi: hỏi {age} tuổi, câu trả lời từ {file.ages[0]} đến {file.ages[1]} tuổi"
    return ""


def _negation(question: Question, row: Row, profile: Profile) -> str:
    if question.negated in profile.negated:
        return ""
    mine = " ".join(word for word in question.tokens if word not in _NEGATIONS)
    other = " ".join(word for word in row.question.tokens if word not in _NEGATIONS)
    if fuzz.token_sort_ratio(mine, other) < _SAME_BUT_NEGATION:
        return ""
    return "câu hỏi phủ định, câu trả lời thì không (hoặc ngược lại)"


def _business(business: frozenset[str], profile: Profile) -> str:
    strange = sorted(business - profile.off_topic)
    return f"việc khác: {', '.join(strange)}" if strange else ""


def names_ours(question: Question, index: Index) -> bool:
    """True when the question names a product of ours, or one of our names ("VssID")."""
    return bool(question.products or index.ours.find(question.tokens))


def other_business(question: Question, index: Index) -> frozenset[str]:
    """The cues of another business in the clause that asks (lexicon file `off_topic`)."""
    weights = question.weights or (1.0,) * len(question.tokens)
    asked = [word for word, w in zip(question.tokens, weights, strict=True) if w >= 1.0]
    if not asked:
        return frozenset()
    tables = [index.off_topic]
    if not names_ours(question, index):
        tables.append(index.off_topic_unless_named)
    return frozenset(name for table in tables for _, _, name in table.find_all(asked))
