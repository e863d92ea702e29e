"""Our own staff's hours, in words as operators write them, and what is promised by them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot import handover, texts
from bot.handover import Hours, promise, resumed
from bot.models import Conversation
from bot.turn import VIETNAM

WEEK = Hours.parse("08:00-17:00 thứ Hai đến thứ Sáu")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026; the 22nd is a Sunday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        (at(23, 8), True),
        (at(23, 16, 59), True),
        (at(23, 17), False),
        (at(23, 7, 59), False),
        (at(27, 9), True),
        (at(28, 9), False),
        (at(22, 9), False),
        (at(23, 8).astimezone(UTC), True),
    ],
)
def test_hours_of_a_working_week(moment: datetime, there: bool) -> None:
    assert WEEK.open_at(moment) is there


@pytest.mark.parametrize(
    ("text", "moment", "there"),
    [
        ("07:30-11:30, 13:30-17:00 thứ Hai đến thứ Sáu; 08:00-11:30 thứ Bảy", at(24, 12), False),
        ("07:30-11:30, 13:30-17:00 thứ Hai đến thứ Sáu; 08:00-11:30 thứ Bảy", at(24, 14), True),
        ("07:30-11:30, 13:30-17:00 thứ Hai đến thứ Sáu; 08:00-11:30 thứ Bảy", at(28, 9), True),
        ("8h-17h hằng ngày", at(22, 9), True),
        ("8h30-17h", at(22, 8, 15), False),
        ("08:00–20:00 thứ Bảy, Chủ nhật", at(22, 19), True),
        ("08:00-20:00 thứ Bảy và Chủ nhật", at(23, 9), False),
        ("00:00-24:00 mọi ngày", at(22, 23, 59), True),
        ("08:00-17:00 từ thứ Sáu đến thứ Hai", at(22, 9), True),
        ("08:00-17:00 từ thứ Sáu đến thứ Hai", at(24, 9), False),
    ],
)
def test_ways_of_writing_hours(text: str, moment: datetime, there: bool) -> None:
    assert Hours.parse(text).open_at(moment) is there


@pytest.mark.parametrize(
    "text",
    [
        "giờ hành chính",
        "08:00-17:00 ngày thường",
        "thứ Hai",
        "17:00-08:00",
        "25:00-26:00",
        "08:00-17:00 thứ Hai đến",
    ],
)
def test_hours_nobody_understands_are_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Hours.parse(text)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (at(23, 7), "08:00 hôm nay"),
        (at(23, 18), "08:00 ngày mai (thứ Ba, 24/11/2026)"),
        (at(22, 9), "08:00 ngày mai (thứ Hai, 23/11/2026)"),
        (at(27, 18), "08:00 thứ Hai, 30/11/2026"),
    ],
)
def test_outside_the_hours_the_next_opening_is_told(now: datetime, told: str) -> None:
    [line] = promise(WEEK, now)
    assert f"từ {told}. Trong lúc chờ" in line
    assert "Hiện ngoài giờ trực (08:00-17:00 thứ Hai đến thứ Sáu)" in line


def test_inside_the_hours_and_without_staff() -> None:
    [there] = promise(WEEK, at(23, 9))
    assert "Nhân viên trực 08:00-17:00 thứ Hai đến thứ Sáu" in there
    assert promise(Hours.parse(""), at(23, 9)) == texts.HANDED_OVER
    assert Hours.parse("").next_opening(at(23, 9)) is None


def test_the_end_of_a_takeover_is_told_once() -> None:
    until = datetime(2026, 11, 22, 3, tzinfo=UTC)
    fresh = Conversation()
    assert resumed(fresh, None) is fresh
    back = resumed(fresh, until)
    assert handover.BACK in back.notes
    assert resumed(back, until) is back
    later = resumed(back, until + timedelta(hours=1))
    assert later.notes[handover.TOLD] != back.notes[handover.TOLD]
