"""Personal identifiers: replaced before anything is stored or logged. Pure functions.

Two kinds of evidence make digits an identifier:

- their own structure: a CCCD begins with a province code (001-096) and has 12 digits, a mobile
  number begins with 03, 05, 07, 08 or 09 and has 10, a BHYT card has two letters before 13
  digits, a BHXH code has 10 digits written without a gap;
- a cue word shortly before them (sđt, căn cước, mã số, số thẻ, …) and the right number of
  digits, however they are spaced.

Amounts, dates, years, document numbers and published hotlines have neither. What looks like an
amount (groups of three, a unit of money behind it, round thousands) is kept in any case: an
answer about money that lost its amount would be worthless, and amounts identify nobody.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

CCCD = "CCCD"
CMND = "CMND"
BHXH = "MÃ SỐ BHXH"
BHYT = "SỐ THẺ BHYT"
PHONE = "SĐT"
EMAIL = "EMAIL"

#: Numbers that offices publish, digits only: never a person's.
PUBLISHED = frozenset({"02436285231"})
_HOTLINE = re.compile(r"1[89]00\d{4}(?:\d{2})?")

#: How far before the digits a cue word may stand, in characters.
_REACH = 48

#: Bounded, because a text of one long word must not cost the square of its length.
_EMAIL = re.compile(r"[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6}")
_GAP = r"[ .\-]"
#: Object codes that cards bear; with gaps, any two letters before digits would be too many.
_CARD_CODES = (
    "dn|hx|ch|nn|tk|hc|xk|ht|tb|no|ct|xb|tn|cs|qn|ca|cy|xn|ms|cc|ck|cb|kc|hd|te|bt|hn|dt|dk|xd"
    "|ts|tc|tq|ta|ty|hg|ls|pv|cn|hs|sv|gb|gd|th|tv|td|tu|ba|nd|ns|tg|hk|nt"
)
_CARD = re.compile(rf"(?<![a-z])(?:[a-z]{{2}}|(?:{_CARD_CODES}){_GAP})[1-5]\d{{12}}(?!\d)")
#: How people space the ten digits behind code, level and province. Each shape is spelled out:
#: "hs 141.400 2025 683.100" must not become one.
_CARD_TAILS = ((10,), (5, 5), (2, 3, 5), (2, 8), (2, 4, 4), (3, 3, 4), (4, 3, 3), (2, 2, 3, 3))
_TAIL = "|".join(_GAP.join(rf"\d{{{n}}}" for n in shape) for shape in _CARD_TAILS)
_SPACED_CARD = re.compile(
    rf"(?<![a-z])(?:{_CARD_CODES}){_GAP}?[1-5]{_GAP}?\d{{2}}{_GAP}(?:{_TAIL})(?!\d)"
)
_PLUS_PHONE = re.compile(
    rf"\(?(?:\+|00)84\)?{_GAP}?(?:\(0\)|0)?{_GAP}?[235789](?:{_GAP}?\d){{8,9}}(?!\d)"
)
_CCCD = re.compile(r"0(?:0[1-9]|[1-8]\d|9[0-6])[0-3]\d{8}")
_MOBILE = re.compile(r"0[35789]\d{8}")
_LANDLINE = re.compile(r"02\d{8,9}")
_BHXH = re.compile(r"(?:0[1-9]|[1-8]\d|9[0-8])\d{8}")
#: Ways people space a mobile number or a CCCD. Other spacings need a cue: 09 12 2025 10 is a
#: date and an hour.
_MOBILE_SHAPES = {(4, 3, 3), (3, 3, 4), (3, 4, 3), (4, 2, 2, 2), (4, 6), (2, 4, 4), (3, 7)}
_CCCD_SHAPES = {(3, 3, 3, 3), (4, 4, 4), (3, 1, 2, 6), (3, 3, 6), (6, 6), (3, 9)}

_SHAPES = _MOBILE_SHAPES | _CCCD_SHAPES

_RUN = re.compile(rf"\d+(?:{_GAP}\d+)*")
_UNIT = re.compile(r"\s?(?:dong|vnd|d)(?![a-z0-9])")
#: A date, or a year with something behind it: no cue makes an identifier of these.
_DATED = re.compile(rf"(?:\d{{1,2}}{_GAP}\d{{1,2}}{_GAP}(?:19|20)\d{{2}}(?!\d)|20[0-3]\d{_GAP})")
#: What the patterns read as a digit: decimals, and signs such as ² that stand for one. Everything
#: beyond the letters of living scripts counts along; it only costs a closer look.
_DIGIT = "\\d²³¹¼½¾\u2070-\U0010ffff"
#: No identifier has fewer digits; most messages have less, and are asked no further.
_FEWEST_DIGITS = 9
_AT = frozenset("@＠﹫")
_SIGNS = re.compile(rf"[@＠﹫{_DIGIT}]")
#: Totals of digits worth a closer look.
_LENGTHS = range(9, 14)

_DOTTED_AMOUNT = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?!\d)")

_PHONE_CUE = r"sdt|so dt|dt|dien thoai|dtdd|zalo|phone|tel|lien he|so may|goi"
_ID_CUE = r"cccd|can cuoc|cmnd|cmtnd|cmt|chung minh|dinh danh"
# "sổ" counts only with its accent (see `_shadow`); "so" is in every other sentence.
_CODE_CUE = r"ma so|ma the|so the|so s[o~]|s~|so bhxh|so bao hiem|ma bhxh|ma bao hiem"
_MONEY_CUE = r"tien|luong|thu nhap|nop|gia|phi|muc dong|so du"
_CUES = re.compile(
    rf"(?<![a-z])(?:(?P<phone>{_PHONE_CUE})|(?P<id>{_ID_CUE})|(?P<code>{_CODE_CUE})"
    rf"|(?P<money>{_MONEY_CUE}))(?![a-z])"
)
_PERSONAL_CUES = ("phone", "id", "code")


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without identifiers, and which kinds it held (sorted, without brackets)."""

    text: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    kind: str


def redact(text: str) -> Redacted:
    """Replace personal identifiers by typed placeholders such as [CCCD].

    The result is NFC, so that composed and decomposed input give the same bytes; otherwise
    only the identifiers change. Redacting a result again changes nothing.

    Args:
        text: what somebody wrote, in any normal form, half or full width.
    """
    result = unicodedata.normalize("NFC", text)
    kinds: set[str] = set()
    if not _looks_personal(result):
        return Redacted(result)
    # Until nothing is left to find: that is what makes a second call change nothing.
    while spans := list(_find(_shadow(result))):
        for span in reversed(spans):
            result = f"{result[: span.start]}[{span.kind}]{result[span.end :]}"
            kinds.add(span.kind)
    return Redacted(result, tuple(sorted(kinds)))


def _looks_personal(text: str) -> bool:
    """False for a text that can hold no identifier: the quick answer for nearly every message."""
    signs = _SIGNS.findall(text)
    return len(signs) >= _FEWEST_DIGITS or not _AT.isdisjoint(signs)


def pseudonym(user: str, key: str) -> str:
    """A name for logs that says who is who, but not who it is.

    Args:
        user: the platform's id of a citizen.
        key: the secret that keys it; without it nobody can try out ids.

    Raises `ValueError` when the key is empty.
    """
    if not key:
        raise ValueError("a pseudonym needs a key")
    digest = hmac.new(key.encode(), user.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return f"u-{digest.hexdigest()[:16]}"


def _shadow(text: str) -> str:
    """The text as the patterns read it: lower case, no marks, ASCII digits, plain gaps.

    Exactly as long as the text, so that positions can be used on both.
    """
    text = re.sub(r"(?<!\w)[sS][ổỔ](?!\w)", "s~", text)
    shadow = "".join(map(_plain, text))
    # Placeholders are no cue words, and no identifier reaches across one.
    return re.sub(r"\[[^\[\]\d]{2,14}\]", lambda found: "#" * len(found.group()), shadow)


def _plain(char: str) -> str:
    if char.isascii():
        return char.lower()
    if char in "đĐ":
        return "d"
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    if char.isspace() or char in "\u200b\u200c\u200d\u2060\ufeff":
        return " "
    if unicodedata.category(char) == "Pd":
        return "-"
    if char in "·․‧∙":
        return "."
    base = unicodedata.normalize("NFKD", char)[:1].lower()
    return base if len(base) == 1 and base.isascii() else "?"


def _find(shadow: str) -> Iterator[_Span]:
    """Identifiers in the shadow, in order, none overlapping another."""
    taken: list[_Span] = []
    for pattern, kind in (
        (_EMAIL, EMAIL),
        (_CARD, BHYT),
        (_SPACED_CARD, BHYT),
        (_PLUS_PHONE, PHONE),
    ):
        for found in pattern.finditer(shadow):
            span = _Span(found.start(), found.end(), kind)
            if not _overlaps(span, taken):
                taken.append(span)
    for run in _RUN.finditer(shadow):
        if not _overlaps(_Span(run.start(), run.end(), ""), taken):
            taken.extend(_in_run(shadow, run.start(), run.group()))
    return iter(sorted(taken, key=lambda span: span.start))


def _overlaps(span: _Span, taken: list[_Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in taken)


def _in_run(shadow: str, offset: int, run: str) -> Iterator[_Span]:
    """Identifiers among groups of digits that stand one gap apart."""
    groups = [(m.start(), m.end()) for m in re.finditer(r"\d+", run)]
    if sum(end - start for start, end in groups) < _LENGTHS.start:
        return
    cue = _cue(shadow, offset)
    sizes = [end - start for start, end in groups]
    # Without a cue, digits in groups are an identifier only when spaced like one.
    cued = cue in _PERSONAL_CUES
    reach = _LENGTHS.stop - 1 if cued else max(map(len, _SHAPES))
    first = 0
    while first < len(groups):
        start = groups[first][0]
        # Longest first: the whole number, not a number inside it.
        digits = 0
        ends: list[tuple[int, int]] = []
        for count, (begin, end) in enumerate(groups[first : first + reach], start=1):
            digits += end - begin
            if digits >= _LENGTHS.stop:
                break
            if digits in _LENGTHS and (
                cued or count == 1 or tuple(sizes[first : first + count]) in _SHAPES
            ):
                ends.append((count, end))
        for count, end in reversed(ends):
            after = shadow[offset + end : offset + end + 8]
            kind = _kind(run[start:end], cue, after)
            if kind:
                yield _Span(offset + start, offset + end, kind)
                first += count
                break
        else:
            # Not into the middle of an amount: the rest of 1.000.000.000.000 has 12 digits.
            amount = _DOTTED_AMOUNT.match(run, start)
            first += len(_groups(amount.group())) if amount else 1


def _groups(written: str) -> tuple[int, ...]:
    return tuple(len(group) for group in re.findall(r"\d+", written))


def _kind(written: str, cue: str, after: str) -> str:
    """What the digits as written are, "" when they are no identifier."""
    if len(written) > 2 * _LENGTHS.stop:
        return ""
    digits = re.sub(r"\D", "", written)
    if len(digits) not in _LENGTHS or digits in PUBLISHED or _HOTLINE.fullmatch(digits):
        return ""
    groups = _groups(written)
    whole = len(groups) == 1
    even = len(set(re.findall(r"\D", written))) <= 1
    cued = cue in _PERSONAL_CUES and not _DATED.match(written)
    if _CCCD.fullmatch(digits) and (whole or (even and groups in _CCCD_SHAPES) or cued):
        return CCCD
    if _MOBILE.fullmatch(digits) and (whole or (even and groups in _MOBILE_SHAPES) or cued):
        return BHXH if cue == "code" else PHONE
    # People space a CMND in threes as well; an amount would have dots, or another cue.
    spaced_id = cued and cue == "id" and "." not in written
    if (_is_money(written) and not spaced_id) or _UNIT.match(after) or cue == "money":
        return ""
    if cued and (kind := _by_cue(digits, cue)):
        return kind
    if not whole or digits.endswith("000"):
        return ""
    if re.fullmatch(r"84[35789]\d{8}", digits):
        return PHONE
    return BHXH if _BHXH.fullmatch(digits) else ""


def _by_cue(digits: str, cue: str) -> str:
    if cue == "phone":
        return PHONE if _LANDLINE.fullmatch(digits) else ""
    if len(digits) == 12 and not digits.startswith("000"):
        return CCCD
    if cue == "id":
        return CMND if len(digits) == 9 else ""
    return {10: BHXH, 13: BHYT}.get(len(digits), "")


def _is_money(written: str) -> bool:
    """Groups of three behind a first group that does not begin with 0, like 1.366.200."""
    return re.fullmatch(r"[1-9]\d{0,2}(?:[ .\-]\d{3})+", written) is not None


def _cue(shadow: str, position: int) -> str:
    """The kind of the nearest cue word before the position, "" when none is in reach."""
    before = shadow[max(0, position - _REACH) : position]
    # A cue belongs to the first long number after it, and to its own line.
    before = re.split(r"\d{6,}|#|\n", before)[-1]
    nearest = ""
    for found in _CUES.finditer(before):
        nearest = found.lastgroup or ""
    return nearest
