"""From facts to alarms: spikes, silence, tokens, dates; and their words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.alarm_rules import Rules, judge, opened_at
from bot.alarm_spikes import MOST_TEXTS, SHOWN, spikes
from bot.alarm_words import RAISED, told
from bot.handover import Hours
from bot.store.alarms import Alarm, Asked, Facts
from bot.store.api import TokenAge
from tests import small_answers

#: A Sunday noon in Việt Nam.
NOW = small_answers.NOW
SNAPSHOT = small_answers.world()
RULES = Rules(
    spike_questions=3, expires_days=30, silence_minutes=60, silence_hours=Hours.parse("07:00-21:00")
)
LONG_AGO = NOW - timedelta(days=3)


def asked(*texts: str, people: int = 100) -> list[Asked]:
    return [Asked(n, n % people, text) for n, text in enumerate(texts, start=1)]


def kinds(facts: Facts, *channels: str, rules: Rules = RULES) -> list[str]:
    found = judge(facts, SNAPSHOT, rules, channels=channels, watched_since=LONG_AGO)
    return [alarm.kind for alarm in found]


# -- spikes -----------------------------------------------------------------------------------
RUMOUR = (
    "nghe nói từ 1/1 bỏ thẻ bhyt giấy có đúng không",
    "Nghe nói từ 1/1 bỏ thẻ BHYT giấy đúng không ạ",
    "nghe noi tu 1/1 bo the bhyt giay co dung ko",
)


def test_near_identical_questions_of_several_people_are_one_spike() -> None:
    [spike] = spikes(asked(*RUMOUR, "con tôi học lớp 5 ở đâu khám"), 3, {})
    assert (spike.key, spike.people, spike.questions) == ("rumour:1", 3, (1, 2, 3))


def test_one_person_who_repeats_is_no_spike() -> None:
    assert spikes(asked(*RUMOUR, people=1), 2, {}) == []


@pytest.mark.parametrize("words", ["alo", "ok", "?", "dạ vâng"])
def test_words_that_say_nothing_are_no_spike(words: str) -> None:
    assert spikes(asked(*[words] * 20), 3, {}) == []


def test_a_spike_keeps_its_key_while_questions_come_and_go() -> None:
    later = [replace(one, id=one.id + 50) for one in asked(*RUMOUR)]
    [spike] = spikes(later, 3, {"rumour:1": RUMOUR[0], "rumour:9": "giá vé xem phim hôm nay"})
    assert spike.key == "rumour:1"


def test_two_spikes_never_share_a_key() -> None:
    other = ["app vssid không đăng nhập được từ sáng nay"] * 4
    found = spikes(asked(*RUMOUR, *other), 3, {"rumour:99": RUMOUR[1]})
    assert [spike.key for spike in found] == ["rumour:4", "rumour:99"]


def test_a_flood_is_looked_through_in_bounds() -> None:
    flood = [f"câu hỏi số {n} về {n * 7} khác hẳn {n % 13}" for n in range(3 * MOST_TEXTS)]
    found = spikes(asked(*RUMOUR, *[RUMOUR[0]] * 20, *flood, people=5000), 20, {})
    assert any(spike.people >= 20 and len(spike.questions) == SHOWN for spike in found)


# -- silence ----------------------------------------------------------------------------------
@pytest.mark.parametrize(("heard_minutes_ago", "silent"), [(59, False), (61, True), (None, True)])
def test_a_channel_that_brings_nothing(heard_minutes_ago: int | None, silent: bool) -> None:
    heard = (
        {} if heard_minutes_ago is None else {"zalo": NOW - timedelta(minutes=heard_minutes_ago)}
    )
    assert ("silence" in kinds(Facts(NOW, last_events=heard), "zalo")) is silent


def test_silence_is_asked_of_expected_channels_in_watched_time_only() -> None:
    assert kinds(Facts(NOW)) == []
    assert kinds(Facts(NOW), "zalo", rules=replace(RULES, silence_minutes=0)) == []
    night = NOW.replace(hour=18)  # 01:00 in Việt Nam
    assert kinds(Facts(night), "zalo") == []
    morning = NOW.replace(hour=0, minute=30)  # 07:30 in Việt Nam: open for half an hour
    assert kinds(Facts(morning), "zalo") == []
    fresh = judge(
        Facts(NOW), SNAPSHOT, RULES, channels=("zalo",), watched_since=NOW - timedelta(minutes=5)
    )
    assert fresh == []


def test_hours_around_the_clock_have_no_beginning_at_midnight() -> None:
    around = opened_at(Hours.parse("00:00-24:00"), NOW)
    assert around is not None
    assert NOW - around > timedelta(days=6)
    assert opened_at(Hours.parse("07:00-21:00"), NOW) == datetime(2026, 11, 22, 0, tzinfo=UTC)
    assert opened_at(Hours.parse("07:00-21:00 thứ Hai"), NOW) is None
    assert opened_at(Hours.parse(""), NOW) is None


# -- tokens, dead letters, what the service raised -----------------------------------------------
@pytest.mark.parametrize(("minutes_left", "alarm"), [(31, False), (29, True), (-600, True)])
def test_a_token_that_should_have_been_renewed(minutes_left: int, alarm: bool) -> None:
    token = TokenAge("zalo", "22", NOW - timedelta(hours=24), NOW + timedelta(minutes=minutes_left))
    assert ("token" in kinds(Facts(NOW, tokens=(token,)))) is alarm


def test_dead_letters_and_raised_alarms() -> None:
    facts = Facts(NOW, dead=2, raised=(("zalo", "22", "token_key", 3),))
    found = judge(facts, SNAPSHOT, RULES, channels=(), watched_since=LONG_AGO)
    assert [(alarm.key, alarm.detail["n"]) for alarm in found] == [
        ("raised:token_key:zalo:22", 3),
        ("dead_letters", 2),
    ]


# -- dates --------------------------------------------------------------------------------------
def dated(end: str = "open", review: str = "2027-05-22", kind: str = "rule") -> list[Alarm]:
    answer = small_answers.stored(
        "a",
        "Văn bản.",
        kind=kind,
        effective_to=end,
        citations=small_answers.LAW,
        review={"checked_on": "2026-11-22", "review_by": review},
    )
    world = small_answers.world(answer)
    found = judge(Facts(NOW), world, RULES, channels=(), watched_since=LONG_AGO)
    return [alarm for alarm in found if "answer:a" in alarm.detail["items"]]


def test_an_answer_that_ends_within_thirty_days() -> None:
    assert [alarm.key for alarm in dated("2026-12-22")] == ["expires:2026-12-22"]
    assert dated("2026-12-23") == []
    assert [alarm.key for alarm in dated("2026-11-01")] == ["expires:2026-11-01"]


def test_a_review_that_is_due() -> None:
    assert [alarm.key for alarm in dated(review="2026-12-22")] == ["review:2026-12-22"]
    assert dated(review="2026-12-23") == []


# -- words --------------------------------------------------------------------------------------
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize("what", RAISED)
def test_every_raised_kind_has_words(what: str) -> None:
    alarm = Alarm("k", "raised", {"what": what, "channel": "zalo", "account": "22", "n": 1})
    words = told(alarm, SNAPSHOT, TODAY)
    assert "Zalo" in words.title
    assert "{" not in words.title + words.text
    assert words.text


def test_words_name_the_day_the_number_and_the_answer() -> None:
    world = small_answers.world(small_answers.stored("a", "Văn bản.", title="Mức đóng"))
    detail = {"on": "2026-12-22", "items": ["answer:a", "value:gone"], "n": 40}
    words = told(Alarm("expires:2026-12-22", "expires", detail), world, TODAY)
    assert words.title == "40 mục hết hiệu lực sau ngày 22/12/2026"
    assert words.items[0] == ("Mức đóng", "/?id=a")
    assert (words.more, words.level) == (38, "soon")
    late = told(Alarm("review:2026-11-01", "review", {**detail, "on": "2026-11-01"}), world, TODAY)
    assert (late.title, late.level) == ("40 mục đã quá hạn rà soát từ ngày 01/11/2026", "urgent")


def test_a_kind_of_another_version_still_has_a_title() -> None:
    assert told(Alarm("x", "raised", {"what": "new_kind"}), SNAPSHOT, TODAY).title
