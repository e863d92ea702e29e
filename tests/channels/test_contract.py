"""What holds for every channel when it reads, whatever its platform."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadBody, BadSignature, ChannelOff
from bot.models import EventKind, Parsed
from tests.channels.cases import CASES, no_http, offline
from tests.channels.vectors import OA, PAGE, headers, payload, samples
from webhooks.base import Account

SAMPLES = [(name, sample) for name, case in CASES.items() for sample in samples(case.platform)]
#: Signed for an app that is not ours, or not signed at all.
UNSIGNED = {"zalo_32_url_probe_empty_object", "zalo_46_other_app_id"}
#: What a body may hold without naming an item: counted once.
EMPTY = {"fb_42_empty_entry"}


@pytest.mark.parametrize(("name", "sample"), SAMPLES)
def test_every_sample_is_genuine_and_readable(name: str, sample: str) -> None:
    channel = offline(name)
    if sample in UNSIGNED:
        with pytest.raises(BadSignature):
            channel.verify(payload(sample), headers(sample))
        return
    channel.verify(payload(sample), headers(sample))
    if sample.endswith(".invalid"):
        with pytest.raises(BadBody):
            channel.parse(payload(sample))
        return
    parsed = channel.parse(payload(sample))
    assert parsed.events or parsed.ignored or sample in EMPTY
    for event in parsed.events:
        assert event.channel == name
        assert event.account == CASES[name].account.id
        assert event.user
        assert event.user.isdigit()
        assert event.event_key.startswith(f"{event.kind}:")


@pytest.mark.parametrize("name", CASES)
def test_redelivery_has_the_same_key(name: str) -> None:
    channel = offline(name)
    pairs = {"zalo": ("zalo_01", "zalo_33"), "messenger": ("fb_01", "fb_35")}
    first, again = (channel.parse(payload(s)).events[0] for s in pairs[name])
    assert first.event_key == again.event_key


@pytest.mark.parametrize("name", CASES)
def test_keys_differ_between_events(name: str) -> None:
    channel = offline(name)
    keys = [
        event.event_key
        for sample in samples(CASES[name].platform)
        if not sample.endswith(".invalid")
        and sample not in ("zalo_33_duplicate_of_01", "fb_35_duplicate_of_01")
        for event in channel.parse(payload(sample)).events
    ]
    assert len(keys) == len(set(keys)) > 20


@pytest.mark.parametrize("name", CASES)
def test_channel_without_account_is_off(name: str) -> None:
    sample = SAMPLES[0][1] if name == "zalo" else "fb_01_text"
    with pytest.raises(ChannelOff):
        offline(name, on=False).verify(payload(sample), headers(sample))


@pytest.mark.parametrize("name", CASES)
def test_account_with_an_empty_secret_is_left_out(name: str) -> None:
    case = CASES[name]
    bare = Account(name, case.account.id, dict.fromkeys(case.account.secrets, ""))
    channel = case.build([bare], no_http, "http://nowhere.invalid")
    assert not channel.accounts
    with pytest.raises(ChannelOff):
        channel.verify(b"{}", case.sign(b"{}"))


@pytest.mark.parametrize("name", CASES)
def test_second_account_is_verified_with_its_own_secret(name: str) -> None:
    case = CASES[name]
    other = Account(name, "9999", {"app_id": "777", "app_secret": "a", "oa_secret_key": "b"})
    channel = case.build([other, case.account], no_http, "http://nowhere.invalid")
    sample = f"{case.platform}_01"
    channel.verify(payload(sample), headers(sample))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b'"x"',
        b"{",
        b"\xff\xfe",
        b'{"a":"\xe1"}',
        b"[" * 200_000,
        b'{"a":' * 200_000,
    ],
    ids=["nothing", "list", "null", "text", "cut", "utf16", "latin1", "deep list", "deep object"],
)
def test_a_body_that_is_no_object_is_a_bad_body(name: str, raw: bytes) -> None:
    with pytest.raises(BadBody):
        offline(name).parse(raw)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b'{"object":"page","object":"page","entry":NaN,"event_name":Infinity}',
        b'{"object":"page","entry":' + b"9" * 5000 + b',"event_name":' + b"9" * 5000 + b"}",
        b'{"object":"page","entry":[' + b"[" * 500 + b"]" * 500 + b'],"event_name":"\\ud800"}',
    ],
    ids=["empty", "doubled keys and NaN", "huge number", "deep and lone surrogate"],
)
def test_odd_content_is_counted_not_raised(name: str, raw: bytes) -> None:
    parsed = offline(name).parse(raw)
    assert not parsed.events
    assert parsed.ignored


def json_values() -> st.SearchStrategy[object]:
    leaves = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=8)
        | st.sampled_from(
            ["page", OA.id, PAGE.id, "user_send_text", "oa_send_text", "follow", "#x"]
        )
    )
    keys = st.sampled_from(
        [
            "object",
            "entry",
            "id",
            "messaging",
            "standby",
            "changes",
            "sender",
            "recipient",
            "message",
            "mid",
            "text",
            "is_echo",
            "app_id",
            "postback",
            "payload",
            "title",
            "attachments",
            "type",
            "quick_reply",
            "timestamp",
            "event_name",
            "oa_id",
            "follower",
            "user_id",
            "msg_id",
            "admin_id",
            "policy_enforcement",
            "pass_thread_control",
            "new_owner_app_id",
        ]
    )
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5),
        max_leaves=25,
    )


def check_shape(parsed: Parsed) -> None:
    for event in parsed.events:
        assert event.user
        assert event.event_key
        assert isinstance(event.text, str)
        assert event.sent_at is None or event.sent_at.tzinfo is UTC
    for ignored in parsed.ignored:
        assert re.fullmatch(r"[\w.-]{1,64}", ignored.kind)
        assert re.fullmatch(r"[a-z_]+", ignored.reason)


@given(body=st.dictionaries(st.text(max_size=5), json_values(), max_size=3), inner=json_values())
def test_no_content_raises(body: dict[str, object], inner: object) -> None:
    zalo, messenger = offline("zalo"), offline("messenger")
    envelopes = [
        {**body, "object": "page", "entry": inner},
        {"object": "page", "entry": [{"id": PAGE.id, "messaging": [inner], "standby": [inner]}]},
        {**body, "event_name": "user_send_text", "message": inner, "sender": inner},
        {
            "event_name": "oa_send_image",
            "sender": {"id": OA.id},
            "recipient": inner,
            "message": inner,
        },
    ]
    for envelope in envelopes:
        raw = json.dumps(envelope).encode()
        check_shape(zalo.parse(raw))
        check_shape(messenger.parse(raw))


@given(name=st.sampled_from(sorted(CASES)), raw=st.binary(max_size=60), header=st.text(max_size=80))
def test_no_unsigned_body_passes(name: str, raw: bytes, header: str) -> None:
    channel = offline(name)
    sent = {"X-ZEvent-Signature": header, "X-Hub-Signature-256": header}
    with pytest.raises(BadSignature):
        channel.verify(raw, sent)


def test_one_item_one_count() -> None:
    """Events and ignored together are the items of a body; nothing is lost, nothing doubled."""
    channel = offline("messenger")
    parsed = channel.parse(payload("fb_33_batch_entries"))
    assert [e.event_key for e in parsed.events] == ["text:m_33a", "text:m_33b"]
    assert [(i.kind, i.reason) for i in parsed.ignored] == [
        ("read", "receipt"),
        ("message", "unknown_account"),
    ]


def test_times_are_utc_whatever_their_form() -> None:
    def sent(name: str, sample: str) -> datetime | None:
        return offline(name).parse(payload(sample)).events[0].sent_at

    t0 = datetime(2026, 9, 21, 13, 33, 20, tzinfo=UTC).timestamp()
    for name, sample in [("zalo", "zalo_01"), ("zalo", "zalo_37"), ("messenger", "fb_01")]:
        moment = sent(name, sample)
        assert moment is not None
        assert abs(moment.timestamp() - t0) < 86_400
    seconds, old = sent("messenger", "fb_46"), sent("zalo", "zalo_38")
    assert seconds is not None
    assert seconds.year == 2018
    assert old is not None
    assert old.year == 1974


def test_welcome_follows_first_contact() -> None:
    for name, sample in [("zalo", "zalo_18"), ("zalo", "zalo_25"), ("messenger", "fb_04")]:
        (event,) = offline(name).parse(payload(sample)).events
        assert event.kind is EventKind.WELCOME
