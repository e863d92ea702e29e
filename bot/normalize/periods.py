"""Dates and periods a question speaks of, relative to the day of asking.

A date in the text sets the applied period, a closed interval (design section 4, Time).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.models import Period

_FULL = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})")
#: Before "giờ" these make it another word: "tới giờ", "bao giờ", "mấy giờ".
_NOT_NOW = frozenset({"toi", "den", "bao", "may", "lam"})
_NOWADAYS = frozenset({("hien", "nay"), ("hien", "tai"), ("hien", "gio")})
#: From this many months on, a month of this year is further off than the same one of the next.
_LONG_AGO = 8
_PAYING = frozenset({"nop", "dong", "thu", "mua"})
_OVER = frozenset({"hoi", "roi", "vua", "da", "qua", "luc", "tu"})
_MONTH_YEAR = re.compile(r"(\d{1,2})[/.-](\d{4})")
_DAY_MONTH = re.compile(r"(\d{1,2})[/-](\d{1,2})")
_SPAN = re.compile(r"(20\d\d|\d\d)[-/](20\d\d|\d\d)")
_FIRST_YEAR, _LAST_YEAR = 1990, 2099
#: A school year is taken from September to the end of the following August.
_SCHOOL_START, _SCHOOL_END = (9, 1), (8, 31)


@dataclass(frozen=True, slots=True)
class Mention:
    """A period at words [start, end). `kind`: day, month, year, school_year, relative."""

    start: int
    end: int
    kind: str
    period: Period
    school_year: tuple[int, int] | None = None


_DATE_WORDS = frozenset({"ngay", "thang", "nam"})
_UNTIL_NOW = frozenset(
    {("toi", "gio"), ("den", "gio"), ("toi", "nay"), ("den", "nay"), ("toi", "bay"), ("den", "bay")}
)
#: Before "tháng" these make a length of it, not a date: "mỗi tháng", "một tháng".
_EACH = frozenset({"moi", "mot", "hang", "tung", "1"})


def read_periods(bare: Sequence[str], today: date) -> list[Mention]:
    """Every date or period in the words, left to right."""
    found: list[Mention] = []
    at = 0
    while at < len(bare):
        mention = _mention_at(at, bare, today)
        if mention is None:
            at += 1
            continue
        found.append(mention)
        at = mention.end
    return found


def asked_period(
    mentions: Sequence[Mention], bare: Sequence[str], today: date
) -> tuple[Period | None, tuple[int, int] | None, int | None]:
    """The period asked about, the school year, and a birth month, from all mentions.

    Several mentions make one interval around them; "từ <day>" reaches to today (or to the end
    of a future day's year), "trước <day>" is the day before, "đến <day>" starts today at the
    latest. A date after "sinh" is a birth date and sets no period.
    """
    periods: list[Period] = []
    school_year: tuple[int, int] | None = None
    birth_month: int | None = None
    for at, mention in enumerate(mentions):
        before = bare[max(0, mention.start - 3) : mention.start]
        if mention.kind in ("day", "month", "year") and _after_birth(before):
            if mention.kind != "year":
                birth_month = mention.period.first.month
            continue
        later = mentions[at + 1 :]
        if _personal_history(mention, bare) or _before_now(mention, later, bare, today):
            continue
        school_year = mention.school_year or school_year
        closed = at + 1 < len(mentions) and _goes_on(mention, mentions[at + 1], bare)
        closes = at > 0 and _goes_on(mentions[at - 1], mention, bare)
        # Both ends are named: neither reaches to today.
        periods.append(mention.period if closed or closes else _shaped(mention, before, today))
    if not periods:
        return None, school_year, birth_month
    first = min(period.first for period in periods)
    last = max(period.last for period in periods)
    if (last - first).days > 3 * 366:
        return periods[-1], school_year, birth_month
    return Period(first, last), school_year, birth_month


def _goes_on(first: Mention, second: Mention, bare: Sequence[str]) -> bool:
    """ "từ 1/1/2026 đến 31/5/2026": the second mention ends what the first begins."""
    between = [word for word in bare[first.end : second.start] if word not in _DATE_WORDS]
    return between in (["den"], ["toi"], ["den", "het"], ["toi", "het"])


def _personal_history(mention: Mention, bare: Sequence[str]) -> bool:
    """ "đóng từ 2019 tới giờ", "từ trước năm 2021": since when, not what time is asked about."""
    before = [word for word in bare[max(0, mention.start - 3) : mention.start] if word != "nam"]
    if before[-2:] == ["tu", "truoc"]:
        return True
    since = before[-1:] == ["tu"]
    return since and tuple(bare[mention.end : mention.end + 2]) in _UNTIL_NOW


def _before_now(
    mention: Mention, later: Sequence[Mention], bare: Sequence[str], today: date
) -> bool:
    """ "năm 2023 em nghỉ việc, giờ mua", "năm ngoái …, năm nay": a story before the question."""
    if mention.period.last >= today:
        return False
    if any(other.period.first == today and bare[other.start - 1] != "den" for other in later):
        return True
    for at in range(mention.end, len(bare)):
        if bare[at] == "gio" and bare[at - 1] not in _NOT_NOW and bare[at + 1 : at + 2] != ["hanh"]:
            return True
        if tuple(bare[at : at + 2]) in _NOWADAYS:
            return True
    return False


def _after_birth(before: Sequence[str]) -> bool:
    words = [word for word in before if word not in ("ngay", "vao", "thang", "nam", "be", "chau")]
    if not words or words[-1] not in ("sinh", "sn", "de"):
        return False
    return "hoc" not in words[-2:-1]


def _shaped(mention: Mention, before: Sequence[str], today: date) -> Period:
    period = mention.period
    cue = next(
        (word for word in reversed(before) if word not in ("ngay", "thang", "nam", "het")), ""
    )
    if mention.kind not in ("day", "month"):
        return period
    if cue == "tu":
        end = today if period.first <= today else date(period.first.year, 12, 31)
        return Period(period.first, max(end, period.last))
    if cue == "truoc":
        day = period.first - timedelta(days=1)
        return Period(day, day)
    if cue in ("den", "toi"):
        return Period(min(today, period.last), period.last)
    return period


def _mention_at(at: int, bare: Sequence[str], today: date) -> Mention | None:
    word = bare[at]
    following = bare[at + 1] if at + 1 < len(bare) else ""
    if word == "nam" and following == "hoc":
        return _school_year(at, bare, today)
    if word in ("nam", "thang", "hom", "ky", "hoc", "sang", "tuan", "quy"):
        relative = _relative(at, bare, today)
        if relative:
            return relative
    counted = following.startswith(("trieu", "nghin", "%"))
    if word == "ngay" or (word[0].isdecimal() and not counted):
        day = _day(at + 1 if word == "ngay" and following else at, at, bare, today)
        if day:
            return day
    if word in ("thang", "t") and following:
        return _month(at, bare, today)
    if word == "nam" and following.isdecimal() and len(following) == 4:
        year = int(following)
        if _FIRST_YEAR <= year <= _LAST_YEAR:
            return Mention(at, at + 2, "year", _year(year))
    money = following.startswith(("dong", "d", "k"))
    if word.isdecimal() and len(word) == 4 and 2010 <= int(word) <= 2040 and not money:
        return Mention(at, at + 1, "year", _year(int(word)))
    return None


def _year(year: int) -> Period:
    return Period(date(year, 1, 1), date(year, 12, 31))


def _month_period(year: int, month: int) -> Period:
    return Period(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))


def _full_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _safe(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if _FIRST_YEAR <= year <= _LAST_YEAR else None
    except ValueError:
        return None


def _day(at: int, start: int, bare: Sequence[str], today: date) -> Mention | None:
    """A day in digits: 1/7/2025, 7/2025, 15/11, or "15 tháng 11 (năm 2023)"."""
    if at >= len(bare):
        return None
    word = bare[at]
    full = _FULL.fullmatch(word)
    if full:
        day = _safe(_full_year(full[3]), int(full[2]), int(full[1]))
        return Mention(start, at + 1, "day", Period(day, day)) if day else None
    span = _SPAN.fullmatch(word)
    if span and _full_year(span[2]) == _full_year(span[1]) + 1:
        return _school_mention(start, at + 1, _full_year(span[1]))
    month_year = _MONTH_YEAR.fullmatch(word)
    if month_year and 1 <= int(month_year[1]) <= 12:
        year = int(month_year[2])
        if _FIRST_YEAR <= year <= _LAST_YEAR:
            return Mention(start, at + 1, "month", _month_period(year, int(month_year[1])))
        return None
    day_month = _DAY_MONTH.fullmatch(word)
    if day_month and (start != at or _dated(start, bare)):
        year, end = _year_after(at + 1, bare, today)
        day = _safe(year, int(day_month[2]), int(day_month[1]))
        return Mention(start, end, "day", Period(day, day)) if day else None
    spelled = list(bare[at + 1 : at + 2]) == ["thang"] and bare[at + 2 : at + 3]
    if start != at and word.isdecimal() and spelled and bare[at + 2].isdecimal():
        year, end = _year_after(at + 3, bare, today)
        day = _safe(year, int(bare[at + 2]), int(word))
        return Mention(start, end, "day", Period(day, day)) if day else None
    return None


def _dated(at: int, bare: Sequence[str]) -> bool:
    """True when what stands in front makes "1/7" a day: else it may be a fraction or a rank."""
    return any(
        word in ("tu", "den", "truoc", "sau", "ngay", "hom", "toi", "qua")
        for word in bare[max(0, at - 2) : at]
    )


def _year_after(at: int, bare: Sequence[str], today: date) -> tuple[int, int]:
    """A year named right after a day or month; today's year when none is."""
    if at < len(bare) and bare[at] == "nam" and at + 1 < len(bare):
        following = bare[at + 1]
        if following.isdecimal() and len(following) == 4:
            return int(following), at + 2
        if following == "nay":
            return today.year, at + 2
        if following in ("ngoai", "truoc", "roi"):
            return today.year - 1, at + 2
        if following in ("sau", "toi"):
            return today.year + 1, at + 2
    if at < len(bare) and bare[at].isdecimal() and len(bare[at]) == 4 and bare[at].startswith("20"):
        return int(bare[at]), at + 1
    return today.year, at


def _month(at: int, bare: Sequence[str], today: date) -> Mention | None:
    """ "tháng 11/2023", "tháng 5", "hồi tháng 5", "tháng 1 tới"."""
    following = bare[at + 1]
    month_year = _MONTH_YEAR.fullmatch(following)
    if month_year and 1 <= int(month_year[1]) <= 12:
        year = int(month_year[2])
        if _FIRST_YEAR <= year <= _LAST_YEAR:
            return Mention(at, at + 2, "month", _month_period(year, int(month_year[1])))
    if not following.isdecimal() or not 1 <= int(following) <= 12:
        return None
    if at and bare[at - 1].isdecimal() and list(bare[at + 2 : at + 3]) == ["thang"]:
        return None  # "3 tháng 6 tháng": two lengths, no date
    month = int(following)
    year, end = _year_after(at + 2, bare, today)
    if end == at + 2:
        before = bare[at - 1] if at else ""
        after = bare[end] if end < len(bare) else ""
        if before in ("hoi", "ban", "dau", "cuoi") and before == "hoi" and month > today.month:
            year -= 1
        elif (after in ("toi", "sau") and month <= today.month) or _ahead(at, month, bare, today):
            year += 1
    return Mention(at, end, "month", _month_period(year, month))


def _ahead(at: int, month: int, bare: Sequence[str], today: date) -> bool:
    """True for "nộp tháng 1" said at the end of a year: what is to be paid lies ahead."""
    near = bare[max(0, at - 8) : at + 6]
    return (
        today.month - month >= _LONG_AGO
        and not _PAYING.isdisjoint(near)
        and _OVER.isdisjoint(bare[max(0, at - 3) : at + 4])
    )


def _school_mention(start: int, end: int, year: int) -> Mention:
    period = Period(date(year, *_SCHOOL_START), date(year + 1, *_SCHOOL_END))
    return Mention(start, end, "school_year", period, (year, year + 1))


def _school_year(at: int, bare: Sequence[str], today: date) -> Mention | None:
    current = today.year if today.month >= 7 else today.year - 1
    rest = bare[at + 2 : at + 5]
    if not rest:
        return None
    span = _SPAN.fullmatch(rest[0])
    if span:
        return _school_mention(at, at + 3, _full_year(span[1]))
    if rest[0].isdecimal() and len(rest[0]) == 4:
        two = len(rest) > 1 and rest[1].isdecimal() and len(rest[1]) == 4
        return _school_mention(at, at + (4 if two else 3), int(rest[0]))
    if rest[0] == "nay":
        return _school_mention(at, at + 3, current)
    if rest[0] in ("truoc", "ngoai", "roi"):
        return _school_mention(at, at + 3, current - 1)
    if rest[0] in ("sau", "toi", "moi"):
        return _school_mention(at, at + 3, current if rest[0] == "moi" else current + 1)
    return None


def _relative(at: int, bare: Sequence[str], today: date) -> Mention | None:
    """ "năm nay", "năm ngoái", "sang năm", "tháng này", "hôm nay", "kỳ tới"."""
    word = bare[at]
    following = bare[at + 1] if at + 1 < len(bare) else ""
    year, month = today.year, today.month
    period: Period | None = None
    end = at + 2
    if word == "nam":
        if following == "nay":
            period = Period(today, date(year, 12, 31))
        elif following in ("ngoai", "kia") or (
            following in ("truoc", "roi", "qua") and _whole(at, bare)
        ):
            back = 2 if following == "kia" else 1
            period = _year(year - back)
        elif following in ("sau", "toi") and _whole(at, bare):
            period = _year(year + 1)
    elif word == "sang" and following == "nam":
        period = _year(year + 1)
    elif (
        word == "thang"
        and following in ("nay", "truoc", "sau", "toi", "ngoai")
        and not (at and bare[at - 1] in _EACH)  # "bao nhiêu một tháng sau khi hỗ trợ"
    ):
        step = {"nay": 0, "truoc": -1, "ngoai": -1, "sau": 1, "toi": 1}[following]
        if _whole(at, bare):
            index = year * 12 + month - 1 + step
            period = _month_period(index // 12, index % 12 + 1)
    elif word == "hom" and following in ("nay", "qua"):
        day = today - timedelta(days=following == "qua")
        period = Period(day, day)
    elif word == "ky" and following in ("toi", "sau"):
        first = date(year + 1, 1, 1) if month >= 7 else date(year, 7, 1)
        period = Period(first, date(first.year, 6 if first.month == 1 else 12, 30))
    return Mention(at, end, "relative", period) if period else None


def _whole(at: int, bare: Sequence[str]) -> bool:
    """False for "3 năm trước", "6 tháng sau": a distance, not a named period."""
    return not (at and (bare[at - 1].isdecimal() or bare[at - 1] in ("may", "nhieu", "vai")))
