"""Numbers, in digits and in words, bound to what they count.

A number that a slot holds (months, people, money, age, grade) becomes a typed placeholder in
the matching tokens and never forbids an answer; a number that nothing binds, and the number of
a document, is kept for the veto (design section 2, invariant 8).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

_UNITS = {
    "khong": 0, "mot": 1, "mốt": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5,
    "sau": 6, "bay": 7, "tam": 8, "chin": 9, "muoi": 10,
}  # fmt: skip
_SCALES = {"tram": 100, "nghin": 1000, "ngan": 1000, "trieu": 1_000_000, "ty": 10**9}
_FILL = frozenset({"linh", "le", "ruoi", "phay", "tram", "muoi", "nghin", "ngan", "trieu", "ty"})
#: Words typed with these accents are never numbers, whatever their letters fold to.
_NOT_NUMBERS = frozenset({
    "bà", "bá", "bả", "bạ", "từ", "tự", "tủ", "tứ", "tử", "nằm", "nắm", "này", "bày", "bay", "bầy",
    "sau", "làm", "lắm", "tạm", "tâm", "tầm", "hại", "hài", "hải", "bón", "bồn", "lam",
})  # fmt: skip
_SUFFIX = {
    "k": 1000, "ng": 1000, "nghin": 1000, "ngan": 1000, "tr": 1_000_000, "trieu": 1_000_000,
    "ty": 10**9, "ti": 10**9, "d": 1, "vnd": 1, "dong": 1,
}  # fmt: skip
_MONEY_TOKEN = re.compile(r"(\d+(?:[.,]\d+)*)(k|tr|trieu|ng|nghin|ngan|d|vnd|ty|ti)(\d*)")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_PEOPLE = frozenset({"nguoi", "khau", "suat"})
_PEOPLE_TWO = frozenset({("nhan", "khau"), ("thanh", "vien")})
_COUPLES = frozenset({
    ("vo", "chong"), ("me", "con"), ("cha", "con"), ("bo", "con"), ("ba", "chau"), ("ong", "ba"),
})  # fmt: skip
_CHILDREN = frozenset({"dua", "be", "chau", "con", "em", "anh", "chi", "ban"})
_OTHER_UNITS = frozenset({
    "ngay", "tuan", "gio", "phut", "lan", "cai", "the", "to", "lop", "truong", "so", "ky", "hoc",
    "kg", "met", "luot", "quyen", "muc", "phan",
})  # fmt: skip
#: Words in front of the number of something that has numbers: "mã 4" is not "mã 1".
_LABELS = frozenset({
    "ma", "dieu", "khoan", "cap", "hang", "muc", "quy", "tang", "ky", "buoc", "tuyen",
})  # fmt: skip
_DOCUMENTS = frozenset({
    ("nghi", "dinh"), ("thong", "tu"), ("cong", "van"), ("nghi", "quyet"), ("quyet", "dinh"),
    ("van", "ban"), ("luat", "so"), ("dinh", "so"), ("van", "so"), ("quyet", "so"), ("tu", "so"),
})  # fmt: skip
_INCOME = frozenset({"luong", "nhap", "income"})
#: Months after one of these are an interruption or a distance, not months paid for.
_GAP = frozenset({
    "ngat", "gian", "doan", "dut", "quang", "han", "tre", "truoc", "sau", "nua", "chua", "qua",
    "roi", "ngung", "cach", "bau", "thai", "sinh", "nghi", "hon", "thieu", "no",
})  # fmt: skip

#: Where one of those words is part of another: học sinh, sinh viên, gia hạn, thời hạn.
_NO_GAP = frozenset({("hoc", "sinh"), ("sinh", "vien"), ("gia", "han"), ("thoi", "han")})


@dataclass(frozen=True, slots=True)
class Number:
    """A number found at words [start, end): what it counts and how much."""

    start: int
    end: int
    kind: str
    value: int = 0
    #: For kind "code": how it is written, with what stands in front ("ma 4"); for "percent": the
    #: number, "4.5".
    code: str = ""


def read_numbers(accented: Sequence[str], bare: Sequence[str]) -> list[Number]:
    """Every number that is not part of a date, left to right.

    Kinds: months, years, members, children, age, grade, income, money, percent, gap (months
    of an interruption), count (bound to another unit), code (unbound).
    """
    found: list[Number] = []
    at = 0
    while at < len(bare):
        number = _number_at(at, accented, bare)
        if number is None:
            at += 1
        else:
            found.append(number)
            at = number.end
    return found


def _number_at(at: int, accented: Sequence[str], bare: Sequence[str]) -> Number | None:
    word = bare[at]
    money = _MONEY_TOKEN.fullmatch(word)
    if money:
        value, end = _money(money, at, bare)
        return Number(at, end, _money_kind(at, bare), value)
    if word[0].isdecimal():
        return _digits(at, bare)
    if word in _UNITS and accented[at] not in _NOT_NUMBERS:
        return _spelled(at, accented, bare)
    if accented[at] in ("nửa", "nua") and list(bare[at + 1 : at + 2]) == ["nam"]:
        return Number(at, at + 2, "months", 6)  # "nửa năm"
    return None


def _money(found: re.Match[str], at: int, bare: Sequence[str]) -> tuple[int, int]:
    """The amount of "500k", "1tr2", "2,34tr"; reads on over "1tr 200k"."""
    head, suffix, tail = found.groups()
    scale = _SUFFIX[suffix]
    amount = _decimal(head) * scale
    if tail:
        amount += Fraction(int(tail) * scale, 10 ** len(tail))
    end = at + 1
    if end < len(bare) and suffix in ("tr", "trieu"):
        more = _MONEY_TOKEN.fullmatch(bare[end])
        if more and more[2] in ("k", "ng", "nghin", "ngan") and not more[3]:
            amount += _decimal(more[1]) * 1000
            end += 1
    if end < len(bare) and bare[end] in ("dong", "vnd"):
        end += 1
    return int(amount), end


def _decimal(text: str) -> Fraction:
    if _THOUSANDS.fullmatch(text):
        return Fraction(int(re.sub(r"[.,]", "", text)))
    whole, _, part = text.replace(",", ".").partition(".")
    part = part.replace(".", "")
    return Fraction(int(whole)) + (Fraction(int(part), 10 ** len(part)) if part else 0)


def _money_kind(at: int, bare: Sequence[str]) -> str:
    near = bare[max(0, at - 4) : at]
    return "income" if any(cue in _INCOME for cue in near) and "so" not in near else "money"


def _digits(at: int, bare: Sequence[str]) -> Number | None:
    word = bare[at]
    following = bare[at + 1] if at + 1 < len(bare) else ""
    if "/" in word or ":" in word or "-" in word:
        return Number(at, at + 1, "code", 0, word)
    if at and bare[at - 1] == "lop" and word.isdecimal():
        return _bind(at, at + 1, int(word), bare)  # "lớp 12 đóng" folds to "12 đồng"
    if following == "%" or (following == "phan" and "tram" in bare[at + 2 : at + 3]):
        return Number(at, at + (2 if following == "%" else 3), "percent", 0, word.replace(",", "."))
    if following in _SUFFIX and following not in ("d", "ti"):
        return _spelled_money(at, bare)
    if _is_amount(word):
        value = int(re.sub(r"[.,]", "", word))
        end = at + 2 if following in ("d", "dong", "vnd") else at + 1
        return Number(at, end, _money_kind(at, bare), value)
    if not word.isdecimal() or len(word) > 6:
        return Number(at, at + 1, "code", 0, word)
    return _bind(at, at + 1, int(word), bare)


def _is_amount(word: str) -> bool:
    if word.startswith(("1900", "1800", "0")):
        return False
    return bool(_THOUSANDS.fullmatch(word)) or (word.isdecimal() and 5 <= len(word) <= 8)


def _spelled_money(at: int, bare: Sequence[str]) -> Number:
    """ "1 triệu 366 nghìn 200 đồng", "700 nghìn", "2,5 triệu"."""
    amount = Fraction(0)
    i = at
    scale = 1
    while i < len(bare) and bare[i][0].isdecimal() and not re.search(r"[/:-]", bare[i]):
        unit = bare[i + 1] if i + 1 < len(bare) else ""
        if unit not in _SUFFIX:
            if scale == 1_000_000 and len(bare[i]) <= 3 and bare[i].isdecimal():
                amount += Fraction(int(bare[i]) * scale, 10 ** len(bare[i]))
                i += 1
            break
        scale = _SUFFIX[unit]
        amount += _decimal(re.sub(r"[^\d.,]", "", bare[i])) * scale
        i += 2
    if i < len(bare) and bare[i] in ("dong", "vnd"):
        i += 1
    return Number(at, max(i, at + 1), _money_kind(at, bare), int(amount))


def _bind(start: int, end: int, value: int, bare: Sequence[str]) -> Number | None:
    """What a whole number counts, by the words beside it."""
    following = bare[end] if end < len(bare) else ""
    second = bare[end + 1] if end + 1 < len(bare) else ""
    previous = bare[start - 1] if start else ""
    if previous == "lop" and 1 <= value <= 12:
        return Number(start, end, "grade", value)
    if tuple(bare[max(0, start - 2) : start]) in _DOCUMENTS:
        return Number(start, end, "code", value, f"văn bản {value}")
    if following in ("thang", "thag"):
        kind = "gap" if _is_gap(bare, start) else "months"
        return Number(start, end, kind, value)
    if previous == "thu" or (previous == "nam" and value <= 7):
        return Number(start, end, "count", value)
    if following == "nam":
        return Number(start, end, "years", value)
    if following == "tuoi":
        return Number(start, end, "age", value)
    if following in _PEOPLE or (following, second) in _PEOPLE_TWO:
        return Number(start, end, "members", value)
    if (following, second) in _COUPLES:
        return _household(start, end, value, bare)
    if following in _CHILDREN or following in _OTHER_UNITS:
        return Number(start, end, "children" if following in _CHILDREN else "count", value)
    if previous in ("nha", "ho") and value <= 20 and not following:
        return Number(start, end, "members", value)
    label = previous if previous in _LABELS else ""
    return Number(start, end, "code", value, f"{label} {value}".strip())


def _household(start: int, end: int, value: int, bare: Sequence[str]) -> Number:
    """ "hai vợ chồng" are the household, unless more people are named behind them."""
    more = bare[end + 2 : end + 3]
    kind = "count" if more and more[0] in ("va", "voi", "cung", "con") else "members"
    return Number(start, end, kind, value)


def _is_gap(bare: Sequence[str], start: int) -> bool:
    """True when the months before which `start` stands are an interruption or a distance."""
    for at in range(max(0, start - 3), start):
        pairs = {tuple(bare[at - 1 : at + 1]), tuple(bare[at : at + 2])}
        if bare[at] in _GAP and not pairs & _NO_GAP:
            return True
    return False


def _spelled(at: int, accented: Sequence[str], bare: Sequence[str]) -> Number | None:
    """A number in words: read only when what follows, or a scale in it, binds it."""
    end = at
    while end < len(bare) and (
        (bare[end] in _UNITS and accented[end] not in _NOT_NUMBERS) or bare[end] in _FILL
    ):
        end += 1
    scaled = any(word in ("nghin", "ngan", "trieu") for word in bare[at:end])
    if list(bare[end : end + 2]) == ["phan", "tram"]:
        return Number(at, end + 2, "percent", 0, str(_value(bare[at:end]) or ""))
    while end > at:
        value = _value(bare[at:end])
        if value is not None and scaled and end - at > 1:
            close = end + 1 if end < len(bare) and bare[end] == "dong" else end
            return Number(at, close, _money_kind(at, bare), value)
        if value is not None and value > 0:
            bound = _bind(at, end, value, bare)
            if bound and bound.kind != "code" and not _doubtful(bound, accented, bare):
                return bound
        end -= 1
    return None


def _doubtful(number: Number, accented: Sequence[str], bare: Sequence[str]) -> bool:
    """Words that fold to a number but, with these neighbours, hardly are one."""
    word = bare[number.start]
    if number.kind in ("count", "children") and bare[number.start - 1 : number.start] != ["thu"]:
        return word in ("nam", "ba", "tu", "sau", "lam", "bay", "tam", "khong", "mot")
    if number.end - number.start == 1 and word in ("tu", "sau", "lam", "bay", "khong"):
        return accented[number.start] not in ("tư", "sáu", "bảy")
    if word in ("nam", "ba") and number.kind == "years":
        return accented[number.start] == word
    return word == "khong"


def _value(words: Sequence[str]) -> int | None:
    """The number that words spell, None when they spell none: "sáu trăm tám mươi ba nghìn"."""
    total = 0
    group = 0
    current: int | None = None
    for word in words:
        if word in ("linh", "le"):
            continue
        if word == "phay":
            return None
        if word == "ruoi":
            return None if total == 0 else total + total // 2
        if word == "muoi":
            group += (current or 1) * 10
            current = None
        elif word == "tram":
            group += (current if current is not None else 1) * 100
            current = None
        elif word in _SCALES:
            total += (group + (current or 0) or 1) * _SCALES[word]
            group, current = 0, None
        elif word in _UNITS:
            if current is not None:
                return None
            current = _UNITS[word]
        else:
            return None
    return total + group + (current or 0)
