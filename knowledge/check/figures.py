"""Figures in running text: digits, and number words that measure something.

Invariant 5 of the design: no figure in a reply, in digits or in words, that did not come from
a dated value, a citation, a calculation, the citizen, or a marked literal.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_SMALL = r"(?:một|hai|ba|bốn|năm|sáu|bảy|bẩy|tám|chín|mười)"
#: What may follow inside a number: "hai mươi tư", "ba trăm nghìn".
_MORE = rf"(?:{_SMALL}|mốt|tư|lăm|nhăm|mươi|chục|trăm|nghìn|ngàn|triệu|tỷ|tỉ|rưỡi|rưởi)"
#: Words that turn the number before them into a figure.
_UNIT = (
    r"(?:mươi|chục|trăm|nghìn|ngàn|triệu|tỷ|tỉ|đồng|phần trăm|phần(?= " + _SMALL + r"\b)"
    r"|giờ|phút|ngày|tuần|tháng|quý|năm|tuổi|lần|lượt|người|rưỡi|rưởi)"
)
_FIGURE = re.compile(rf"\b(?P<number>{_SMALL}|nửa)(?: {_MORE})* (?P<unit>{_UNIT})\b")
_FRACTION = re.compile(
    rf"\b(?:một|phân) nửa\b|\bgấp (?:đôi|rưỡi|{_SMALL})\b|\bmười {_SMALL}\b|\btrăm phần trăm\b"
)
_DIGITS = re.compile(r"[\w.,/:-]*\d[\w.,/:%-]*")

#: "năm" is "year" after these, not "five": "mỗi năm người tham gia đóng ...".
_YEAR_AFTER = re.compile(
    r"\b(?:mỗi|hằng|hàng|cả|từng|một|nhiều|đầu|cuối|giữa|các|những|sang|mấy|nửa|suốt|theo|trong)$"
)

_MONEY = re.compile(
    r"\d\s*(?:đồng|đ\b|vnđ|vnd|₫|nghìn|ngàn|triệu|tỷ|tỉ|trăm|k\b|tr\b)"
    r"|(?<![\d.,])\d{1,3}(?:[.,]\d{3})+(?![\d.,]*\d)|₫",
    re.IGNORECASE,
)
_MONEY_WORDS = re.compile(rf"\b{_MORE} (?:trăm|nghìn|ngàn|triệu|tỷ|tỉ|đồng)\b")
_RATE = re.compile(r"%|\bphần trăm\b|\bmột nửa\b|\d\s*/\s*\d+\s*(?:lương|mức)", re.IGNORECASE)
_DATE = re.compile(
    r"\d\s*/\s*\d|\b\d{1,2}([.-])\d{1,2}\1\d{2,4}\b"
    r"|\bngày (?:mùng )?\d|\btháng \d|\b(?:19[3-9]\d|20\d\d)\b",
    re.IGNORECASE,
)
#: Looks like a day and a month, and is a name.
_NOT_A_DATE = re.compile(r"\b24/7\b")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure found in a text."""

    text: str
    #: Line breaks before it.
    lines_before: int


def figures(text: str) -> list[Figure]:
    """Every figure in a literal text, first to last."""
    text = unicodedata.normalize("NFC", text)
    found = {(m.start(), m.group()) for m in _DIGITS.finditer(text)}
    # Digits outside the decimal ones: superscripts, fractions, circled numbers.
    found |= {
        (i, c)
        for i, c in enumerate(text)
        if c.isnumeric() and not c.isdecimal() and ord(c) < 0x3000
    }
    flat, places = _flat(text)
    taken = 0
    for match in sorted((*_FIGURE.finditer(flat), *_FRACTION.finditer(flat)), key=_span):
        if match.start() >= taken and not _is_year(match, flat):
            found.add((places[match.start()], match.group()))
            taken = match.end()
    return [Figure(what, text.count("\n", 0, at)) for at, what in sorted(found)]


def _span(match: re.Match[str]) -> tuple[int, int]:
    """Earlier first, then the longer."""
    return match.start(), -match.end()


def _flat(text: str) -> tuple[str, list[int]]:
    """Lower case with single spaces for any run of white space, and each letter's place."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        letter = " " if letter.isspace() else letter.lower()[:1]
        if letter != " " or letters[-1:] != [" "]:
            letters.append(letter)
            places.append(place)
    return "".join(letters), places


def _is_year(match: re.Match[str], flat: str) -> bool:
    words = match.groupdict()
    if words.get("number") != "năm" or words.get("unit") not in ("người", "lần", "ngày", "tháng"):
        return False
    before = flat[: match.start()].rstrip()
    after_in = before.endswith(("trong", "theo"))
    return bool(_YEAR_AFTER.search(before)) and not (after_in and words["unit"] != "người")


def unmarkable(text: str) -> str:
    """What a `lit()` must not hold: "an amount of money", "a rate", "a date", or ""."""
    text = unicodedata.normalize("NFC", text)
    if _MONEY.search(text) or _MONEY_WORDS.search(text.lower()):
        return "an amount of money"
    if _RATE.search(text):
        return "a rate"
    if _DATE.search(_NOT_A_DATE.sub("", text)):
        return "a date"
    return ""
