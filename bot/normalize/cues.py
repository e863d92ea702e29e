"""What the words say beyond numbers: for whom, which product, which verb, where, negated or not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bot.normalize.fold import has_accent
from bot.normalize.lexicon import Lexicon, PlaceName
from bot.normalize.numbers import Number
from bot.normalize.words import closes_clause

_NO = frozenset({"khong", "chua", "chang"})
#: Right before "không" these make a question of it: "được không", "phải không", "đúng không".
_ASKING = frozenset({"duoc", "phai", "dung", "co", "can", "hay", "that", "roi"})
#: "... không hay ..." offers a choice.
_OR = frozenset({"hay", "hoac"})
#: Between a "không" and the group that it denies.
_BELONGING = frozenset({"thuoc", "phai", "la", "nam", "trong", "dien", "doi", "tuong", "nhom"})
_UNDER_SIX = 6


#: Groups that a household is put into year by year: of two, the later one holds.
_OF_HOUSEHOLDS = frozenset({"poor", "near_poor", "near_poor_poor_commune", "average_household"})
_LAST_YEAR = frozenset({("nam", "ngoai"), ("nam", "truoc"), ("nam", "roi"), ("truoc", "day")})
_THIS_YEAR = frozenset({("nam", "nay"), ("bay", "gio"), ("hien", "nay"), ("hien", "gio")})


def read_audiences(marked: Sequence[str], numbers: Sequence[Number], lexicon: Lexicon) -> list[str]:
    """Audience ids named in the words, in lexicon order. `marked` has grades as "#lop"."""
    named = [
        (start, name)
        for start, _, name in lexicon.audiences.find(marked)
        if name and not _denied(start, marked)
    ]
    found = {name for _, name in named}
    now = _now_at(marked)
    if any(name in _OF_HOUSEHOLDS for start, name in named if start >= now):
        found -= _OF_HOUSEHOLDS - {name for start, name in named if start >= now}
    for number in numbers:
        if number.kind == "grade":
            found.add("pupil")
        if number.kind == "age" and number.value < _UNDER_SIX:
            found.add("under6")
    return in_order(found, lexicon)


def _now_at(marked: Sequence[str]) -> int:
    """Where "năm nay", "bây giờ" begins after "năm ngoái", "trước đây"; behind the end if nowhere.

    A household's standing is told anew each year: "năm ngoái hộ nghèo, năm nay cận nghèo".
    """
    pairs = list(pairwise(marked))
    past = next((at for at, pair in enumerate(pairs) if pair in _LAST_YEAR), len(marked))
    return next(
        (at for at, pair in enumerate(pairs) if at > past and pair in _THIS_YEAR), len(marked)
    )


def _denied(start: int, marked: Sequence[str]) -> bool:
    """True for a group somebody says not to belong to: "không thuộc hộ nghèo".

    "phải hộ nghèo không" asks, and there the "không" stands behind.
    """
    at = start - 1
    while at >= 0 and marked[at] in _BELONGING:
        at -= 1
    return 0 <= at < start - 1 and marked[at] in _NO


def weak_group(marked: Sequence[str], lexicon: Lexicon) -> str:
    """The group that weaker cues suggest ("ở trường"), "" when none: good for a slot only."""
    found = {name for _, _, name in lexicon.weak_audiences.find(marked)}
    return next(iter(in_order(found, lexicon)), "")


def in_order(found: set[str], lexicon: Lexicon) -> list[str]:
    """Audience ids in lexicon order; pupils and students together are simply `hssv`."""
    if "student" in found and "pupil" in found and "hssv" in found:
        found -= {"student", "pupil"}
    order = {name: place for place, name in enumerate(lexicon.audience_order)}
    return sorted(found, key=lambda name: (order.get(name, len(order)), name))


def read_products(bare: Sequence[str], lexicon: Lexicon) -> frozenset[str]:
    """The products named: bhyt, bhxh, bhtn. The office "cơ quan BHXH" is no product."""
    return frozenset(name for _, _, name in lexicon.products.find(bare) if name)


def read_verbs(bare: Sequence[str], lexicon: Lexicon) -> frozenset[str]:
    """Verb senses named in the words."""
    return frozenset(name for _, _, name in lexicon.verbs.find_all(bare))


def is_negated(bare: Sequence[str], ends: Sequence[str], lexicon: Lexicon) -> bool:
    """True when some clause is negated: "không mua", "chưa có thẻ".

    A "không/chưa" that closes its clause, follows "được/phải/đúng", or answers an earlier "có"
    of the clause is a question, not a negation.
    """
    start = 0
    for at, word in enumerate(bare):
        if at and ends[at - 1]:
            start = at
        if word not in _NO or ends[at] or at + 1 >= len(bare):
            continue
        if closes_clause(at, bare, ends, lexicon) or bare[at + 1] in _OR:
            continue
        before = bare[start:at]
        if before and before[-1] in _ASKING and before[-1] != "co":
            continue
        if "co" in before[-10:] and word == "khong" and not _another_no(at, bare, ends):
            continue
        return True
    return False


def _another_no(at: int, bare: Sequence[str], ends: Sequence[str]) -> bool:
    for i in range(at + 1, len(bare)):
        if bare[i] in _NO:
            return True
        if ends[i]:
            return False
    return False


def read_place(accented: Sequence[str], bare: Sequence[str], lexicon: Lexicon) -> str:
    """The place id named, "" when none or when several different ones are.

    Of a former place and the one it was merged into, the former is the nearer description.
    """
    found = {place for _, _, places in _named(accented, bare, lexicon) for place in places}
    if not found:
        found = _short_places(bare, lexicon)
    if len(found) > 1:
        found -= {lexicon.merged_into.get(place, "") for place in found}
    return found.pop() if len(found) == 1 else ""


def place_spans(
    accented: Sequence[str], bare: Sequence[str], lexicon: Lexicon
) -> list[tuple[int, int]]:
    """Where places are named in full: (start, end) word positions."""
    return [(start, end) for start, end, _ in _named(accented, bare, lexicon)]


#: "học sinh Cà Mau", "hộ nghèo Gia Lai", "sinh viên Huế": what follows is where they live.
_PEOPLE = (("sinh",), ("ngheo",), ("vien",))


def _named(
    accented: Sequence[str], bare: Sequence[str], lexicon: Lexicon
) -> list[tuple[int, int, set[str]]]:
    spans: list[tuple[int, int, set[str]]] = []
    taken: set[int] = set()
    for start, end, names in sorted(lexicon.places.find_all(bare), key=lambda hit: hit[0] - hit[1]):
        if taken & set(range(start, end)):
            continue
        cued = _cued(start, bare, lexicon) or bare[start - 1 : start] in _PEOPLE
        fitting = {name.place for name in names if _fits(name, accented[start:end], cued)}
        if fitting:
            spans.append((start, end, fitting))
            taken |= set(range(start, end))
    return spans


def _fits(name: PlaceName, typed: Sequence[str], cued: bool) -> bool:
    pairs = list(zip(name.words, typed, strict=True))
    if any(has_accent(word) and word != wanted for wanted, word in pairs):
        return False
    typed_plain = not any(has_accent(word) for _, word in pairs)
    named_plain = not any(has_accent(word) for word in name.words)
    return cued or not name.risky or not typed_plain or named_plain


def _cued(start: int, bare: Sequence[str], lexicon: Lexicon) -> bool:
    return start > 0 and bare[start - 1] in lexicon.place_cues


def _short_places(bare: Sequence[str], lexicon: Lexicon) -> set[str]:
    """Places by their short forms: a few always, the others only right after a cue."""
    names = {name for _, _, name in lexicon.place_always.find(bare)}
    for at, word in enumerate(bare):
        options = lexicon.place_short.get(word, ())
        if len(options) == 1 and _cued(at, bare, lexicon):
            names.add(options[0])
    return {lexicon.place_ids[name] for name in names if name in lexicon.place_ids}
