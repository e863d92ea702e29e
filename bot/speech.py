"""From written Vietnamese to the words that are read aloud on the phone.

Numbers, money, percentages, dates, clock times, document numbers, phone numbers and the usual
abbreviations become words; everything else stays as it is. One pass over the text, so that
nothing that was already turned into words is touched again. The result holds no digit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
#: The unit digit after "mươi" changes its sound.
_AFTER_TENS = {1: "mốt", 4: "tư", 5: "lăm"}
_SCALES = ((10**6, "triệu"), (10**3, "nghìn"), (1, ""))
_BILLION = 10**9

_ABBREVIATIONS = {
    "BHYT": "bảo hiểm y tế",
    "BHXH": "bảo hiểm xã hội",
    "BHTN": "bảo hiểm thất nghiệp",
    "HSSV": "học sinh, sinh viên",
    "KCB": "khám bệnh, chữa bệnh",
    "CCCD": "căn cước công dân",
    "CMND": "chứng minh nhân dân",
    "SĐT": "số điện thoại",
    "UBND": "Ủy ban nhân dân",
    "HĐND": "Hội đồng nhân dân",
    "NĐ": "nghị định",
    "NQ": "nghị quyết",
    "QĐ": "quyết định",
    "CV": "công văn",
    "THCS": "trung học cơ sở",
    "THPT": "trung học phổ thông",
    "GDTX": "giáo dục thường xuyên",
    "TP.HCM": "Thành phố Hồ Chí Minh",
    "TPHCM": "Thành phố Hồ Chí Minh",
    "TP.": "thành phố",
    "TP": "thành phố",
    "đ": "đồng",
}
_ISSUERS = {
    "CP": "Chính phủ",
    "HĐND": "Hội đồng nhân dân",
    "QH": "Quốc hội",
    "TTg": "Thủ tướng Chính phủ",
    "BYT": "Bộ Y tế",
    "BTC": "Bộ Tài chính",
    "BDTTG": "Bộ Dân tộc và Tôn giáo",
    "UBND": "Ủy ban nhân dân",
    "BHXH": "Bảo hiểm xã hội",
}
_SYMBOLS = {
    "×": "nhân",
    "=": "bằng",
    "+": "cộng",
    "−": "trừ",
    "≥": "từ",
    "≤": "không quá",
    "%": "phần trăm",
    "&": "và",
}
_ORDINALS = {
    ("thứ", 1): "nhất",
    ("thứ", 4): "tư",
    ("tháng", 4): "tư",
    ("quý", 4): "tư",
}

_NUMBER = r"[0-9]{1,3}(?:\.[0-9]{3})+(?![0-9])(?:,[0-9]+)?|[0-9]+(?:,[0-9]+)?"
_CLOCK = r"(?:[01]?[0-9]|2[0-4])(?:[h:][0-5][0-9]|h)"
_CODE = r"[A-ZĐ][A-ZĐa-z0-9]*(?:-[A-ZĐ][A-ZĐa-z0-9]*)*"
_PATTERN = re.compile(
    rf"""
      (?P<link>(?:https?://)?(?:[a-z][a-z0-9-]*\.)+(?:vn|com|org|net)\b(?:/[^\s,;)]*)?)
    | (?P<date>(?:\b[Nn]gày\s)?(?<![0-9/])[0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{4}}(?![0-9/]))
    | (?P<document>(?:\b[Ss]ố\s)?(?<![0-9/])[0-9]+(?:/[0-9]{{4}})?/{_CODE})
    | (?P<month>(?:\b[Tt]háng\s)?(?<![0-9/])(?:0?[1-9]|1[0-2])/[12][0-9]{{3}}(?![0-9/]))
    | (?P<day>\b(?:[Nn]gày|[Tt]ừ|[Đđ]ến|[Tt]rước|[Ss]au|[Hh]ết)\s
        (?:0?[1-9]|[12][0-9]|3[01])/(?:0?[1-9]|1[0-2])(?![0-9/]))
    | (?P<phone>(?<![0-9.])(?:1[89]00[.\s]?[0-9]{{4}}|0[0-9](?:[.\s]?[0-9]){{6,9}})(?![0-9]))
    | (?P<short>\b(?:gửi|đầu\ssố|tổng\sđài)\s[0-9]{{3,}}(?![0-9]|[.,][0-9]))
    | (?P<clock>(?<![0-9:]){_CLOCK}(?:[-–]{_CLOCK})?(?![\w:]))
    | (?P<per>\b(?:đồng|đ)/(?=\w))
    | (?P<ordinal>\b(?:[Tt]hứ|[Tt]háng|[Qq]uý)\s[0-9]{{1,2}}(?![0-9/]|[.,][0-9]))
    | (?P<range>(?<![0-9./-])(?:{_NUMBER})[-–](?:{_NUMBER})(?![0-9/-]))
    | (?P<fraction>(?<![0-9/])[0-9]+/[0-9]+(?![0-9/]))
    | (?P<number>{_NUMBER})
    | (?P<word>TP\.\s?HCM\b|TP\.|(?<![^\W\d])(?<!/)(?:{"|".join(sorted(_ABBREVIATIONS))})(?!\w))
    | (?P<symbol>[{"".join(_SYMBOLS)}])
    """,
    re.VERBOSE,
)


def number_words(value: int) -> str:
    """A whole number in words: 683100 -> sáu trăm tám mươi ba nghìn một trăm."""
    if value < 0:
        return f"âm {number_words(-value)}"
    if value == 0:
        return _DIGITS[0]
    high, low = divmod(value, _BILLION)
    words = [number_words(high), "tỷ"] if high else []
    for scale, name in _SCALES:
        group, low = divmod(low, scale)
        if group:
            # A group that follows a larger one speaks its empty hundreds: một nghìn KHÔNG TRĂM …
            words.append(f"{_three_digits(group, full=bool(words))} {name}".rstrip())
    return " ".join(words)


def spoken_money(vnd: int) -> str:
    """An amount in words: sáu trăm tám mươi ba nghìn một trăm đồng."""
    return f"{number_words(vnd)} đồng"


def spoken(text: str) -> str:
    """A whole text as it is read aloud, without any digit left.

    Args:
        text: a reply in written form (dates 01/07/2026, money 683.100 đồng, shares 4,5%).
    """
    said = _PATTERN.sub(_say, unicodedata.normalize("NFC", text))
    # What stands glued to letters and is no known code ("TP0") is read digit by digit.
    said = re.sub("[0-9]+", lambda match: f" {_one_by_one(match[0])} ", said)
    return re.sub(r"(?<=\S) {2,}", " ", said)


def _say(match: re.Match[str]) -> str:
    kind = match.lastgroup or ""
    words = _SAYERS[kind](match)
    if kind == "word":
        return words
    text = match.string
    before = text[match.start() - 1] if match.start() else " "
    after = text[match.end()] if match.end() < len(text) else " "
    # "QH15" and "5×3" run together on paper, never in speech.
    return f"{' ' * _joins(before)}{words}{' ' * _joins(after)}"


def _joins(neighbour: str) -> bool:
    return neighbour.isalnum() or neighbour in _SYMBOLS


def _three_digits(value: int, *, full: bool) -> str:
    hundreds, rest = divmod(value, 100)
    tens, units = divmod(rest, 10)
    words = [_DIGITS[hundreds], "trăm"] if hundreds or full else []
    if tens == 0:
        if units:
            words += ["linh", _DIGITS[units]] if words else [_DIGITS[units]]
        return " ".join(words)
    words += ["mười"] if tens == 1 else [_DIGITS[tens], "mươi"]
    if units:
        changed = units == 5 or tens > 1
        words.append(_AFTER_TENS.get(units, _DIGITS[units]) if changed else _DIGITS[units])
    return " ".join(words)


def _one_by_one(text: str) -> str:
    return " ".join(_DIGITS[int(c)] for c in text if c in "0123456789")


def _written(text: str) -> str:
    """A written number, grouped or with decimals, in words."""
    whole, _, decimals = text.replace(".", "").partition(",")
    long = len(whole) > 12 or (len(whole) > 3 and whole.startswith("0"))
    words = _one_by_one(whole) if long else number_words(int(whole))
    if not decimals:
        return words
    plain = decimals.startswith("0") or len(decimals) > 3
    return f"{words} phẩy {_one_by_one(decimals) if plain else number_words(int(decimals))}"


def _month_words(month: int) -> str:
    return _ORDINALS.get(("tháng", month), number_words(month))


def _date(match: re.Match[str]) -> str:
    cue, _, text = match[0].rpartition(" ")
    numbers = [int(part) for part in text.split("/")]
    words = f"{number_words(numbers[0])} tháng {_month_words(numbers[1])}"
    if len(numbers) == 3:
        words += f" năm {number_words(numbers[2])}"
    return f"{cue} {words}" if cue.lower() == "ngày" else f"{cue} ngày {words}".lstrip()


def _month(match: re.Match[str]) -> str:
    cue, _, text = match[0].rpartition(" ")
    month, year = (int(part) for part in text.split("/"))
    return f"{cue or 'tháng'} {_month_words(month)} năm {number_words(year)}"


def _document(match: re.Match[str]) -> str:
    cue, _, text = match[0].rpartition(" ")
    number, *rest = text.split("/")
    words = f"{cue or 'số'} {number_words(int(number))}"
    if len(rest) == 2:
        words += f" năm {number_words(int(rest[0]))}"
    tokens = [re.sub(r"[0-9]", "", token) for token in rest[-1].split("-")]
    issuer = next((_ISSUERS[token] for token in reversed(tokens) if token in _ISSUERS), "")
    named = match.string[match.end() :].startswith(" của ")
    return words if named or not issuer else f"{words} của {issuer}"


def _clock(match: re.Match[str]) -> str:
    times = []
    for text in re.split("[-–]", match[0]):
        hours, minutes = re.split(r"[:h]", text, maxsplit=1)
        tail = f" {number_words(int(minutes))}" if int(minutes or 0) else ""
        times.append(f"{number_words(int(hours))} giờ{tail}")
    return " đến ".join(times)


def _ordinal(match: re.Match[str]) -> str:
    cue, number = match[0].split()
    return f"{cue} {_ORDINALS.get((cue.lower(), int(number)), number_words(int(number)))}"


def _range(match: re.Match[str]) -> str:
    return " đến ".join(_written(part) for part in re.split("[-–]", match[0]))


def _fraction(match: re.Match[str]) -> str:
    return " trên ".join(_written(part) for part in match[0].split("/"))


def _phone(match: re.Match[str]) -> str:
    """Digits one by one, with a breath between the groups as they are written."""
    groups = re.split(r"[.\s]", match[0])
    if len(groups) == 1 and groups[0].startswith("1"):
        groups = [groups[0][:4], groups[0][4:]]
    return ", ".join(_one_by_one(group) for group in groups)


def _short_number(match: re.Match[str]) -> str:
    cue, _, digits = match[0].rpartition(" ")
    return f"{cue} {_one_by_one(digits)}"


def _link(match: re.Match[str]) -> str:
    text = match[0].removeprefix("https://").removeprefix("http://").rstrip("./")
    text = text.replace(".", " chấm ").replace("/", " gạch chéo ")
    text = re.sub(r"[0-9]", lambda digit: f" {_DIGITS[int(digit[0])]} ", text)
    return re.sub(r" +", " ", text).strip()


_SAYERS: dict[str, Callable[[re.Match[str]], str]] = {
    "link": _link,
    "date": _date,
    "document": _document,
    "month": _month,
    "day": _date,
    "phone": _phone,
    "short": _short_number,
    "clock": _clock,
    "per": lambda match: "đồng một",
    "ordinal": _ordinal,
    "range": _range,
    "fraction": _fraction,
    "number": lambda match: _written(match[0]),
    "word": lambda match: _ABBREVIATIONS.get(match[0].replace(" ", ""), match[0]),
    "symbol": lambda match: _SYMBOLS[match[0]],
}
