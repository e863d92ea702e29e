"""Messenger: which signatures pass, and what each item becomes."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import aiohttp
import pytest

from bot.errors import BadSignature
from bot.models import EventKind, Parsed, SignalKind
from tests.channels.vectors import (
    FB_APP_ID,
    FB_SECRET,
    FB_USER,
    PAGE,
    PAGE_ID,
    VERIFY_TOKEN,
    headers,
    messenger_headers,
    payload,
    samples,
)
from webhooks.base import Account
from webhooks.messenger import MessengerChannel


def no_http() -> aiohttp.ClientSession:
    raise AssertionError("no call expected")


CHANNEL = MessengerChannel([PAGE], http=no_http)
RAW = payload("fb_01")
MAC = messenger_headers(RAW)["X-Hub-Signature-256"]


def read(*items: object, section: str = "messaging", channel: MessengerChannel = CHANNEL) -> Parsed:
    """Parse made-up items of our Page."""
    entry = {"id": PAGE_ID, "time": 1, section: list(items)}
    return channel.parse(json.dumps({"object": "page", "entry": [entry]}).encode())


def item(**fields: object) -> dict[str, Any]:
    """An item from the citizen to the Page."""
    return {
        "sender": {"id": FB_USER},
        "recipient": {"id": PAGE_ID},
        "timestamp": 1790000000000,
        **fields,
    }


def reasons(parsed: Parsed) -> list[str]:
    return [i.reason for i in parsed.ignored]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"X-Hub-Signature-256": ""},
        {"X-Hub-Signature-256": MAC.removeprefix("sha256=")},
        {"X-Hub-Signature-256": MAC[:-1]},
        {"X-Hub-Signature-256": MAC[:-1] + ("0" if MAC[-1] != "0" else "1")},
        {"X-Hub-Signature-256": "sha256=" + MAC[7:].upper()},
        {"X-Hub-Signature-256": "sha256=" + "é" * 64},
        messenger_headers(RAW, "another-secret"),
        messenger_headers(json.dumps(json.loads(RAW)).encode()),
        {"X-Hub-Signature": headers("fb_01")["X-Hub-Signature"]},
        {"X-Hub-Signature-256": headers("fb_01")["X-Hub-Signature"]},
    ],
    ids=[
        "none",
        "empty",
        "no prefix",
        "short",
        "flipped",
        "upper-case",
        "not ascii",
        "wrong secret",
        "re-serialised",
        "sha1 only",
        "sha1 as sha256",
    ],
)
def test_refused_signatures(sent: dict[str, str]) -> None:
    with pytest.raises(BadSignature) as caught:
        CHANNEL.verify(RAW, sent)
    assert FB_SECRET not in str(caught.value)


@pytest.mark.parametrize("sample", ["fb_48", "fb_49", "fb_02", "fb_32"])
def test_the_mac_is_over_raw_bytes(sample: str) -> None:
    CHANNEL.verify(payload(sample), headers(sample))


EVENTS = {
    "fb_01": (EventKind.TEXT, "", ""),
    "fb_02": (EventKind.TEXT, "", ""),
    "fb_03": (EventKind.TAP, "MENU_BENEFITS", ""),
    "fb_04": (EventKind.WELCOME, "GET_STARTED", ""),
    "fb_05": (EventKind.TAP, "MENU_BENEFITS", ""),
    "fb_22": (EventKind.ATTACHMENT, "", "image"),
    "fb_23": (EventKind.ATTACHMENT, "", "sticker"),
    "fb_24": (EventKind.ATTACHMENT, "", "sticker"),
    "fb_25": (EventKind.ATTACHMENT, "", "audio"),
    "fb_26": (EventKind.ATTACHMENT, "", "file"),
    "fb_27": (EventKind.ATTACHMENT, "", "location"),
    "fb_28": (EventKind.TEXT, "", "link"),
    "fb_29": (EventKind.ATTACHMENT, "", "link"),
    "fb_30": (EventKind.TEXT, "", ""),
    "fb_31": (EventKind.TEXT, "", ""),
    "fb_32": (EventKind.TEXT, "", ""),
    "fb_35": (EventKind.TEXT, "", ""),
    "fb_44": (EventKind.TEXT, "", ""),
    "fb_46": (EventKind.TAP, "MENU", ""),
    "fb_48": (EventKind.TEXT, "", ""),
    "fb_49": (EventKind.TEXT, "", ""),
    "fb_52": (EventKind.TEXT, "", ""),
}
IGNORED = {
    "fb_06": ["echo"],
    "fb_07": ["foreign_echo"],
    "fb_08": ["foreign_echo"],
    "fb_09": ["standby"],
    "fb_10": ["standby"],
    "fb_11": ["receipt"],
    "fb_12": ["receipt"],
    "fb_13": ["reaction"],
    "fb_14": ["referral"],
    "fb_15": ["optin"],
    "fb_16": ["account_linking"],
    "fb_17": ["release"],
    "fb_18": ["takeover"],
    "fb_19": ["feedback"],
    "fb_20": ["edit"],
    "fb_21": ["unsend"],
    "fb_36": ["page_change"],
    "fb_37": ["not_a_page"],
    "fb_38": ["not_a_page"],
    "fb_39": ["malformed"] * 4,
    "fb_40": ["malformed"],
    "fb_41": ["no_user"],
    "fb_42": [],
    "fb_43": ["account_alarm"],
    "fb_45": ["unknown_event"],
    "fb_47": ["page_change"],
    "fb_51": ["own_message"],
}
BATCHES = {"fb_33", "fb_34"}


def test_every_sample_is_spoken_for() -> None:
    known = {s[:5] for s in samples("fb") if not s.endswith(".invalid")}
    assert known == EVENTS.keys() | IGNORED.keys() | BATCHES


@pytest.mark.parametrize("sample", EVENTS)
def test_what_is_an_event(sample: str) -> None:
    parsed = CHANNEL.parse(payload(sample))
    (event,) = parsed.events
    assert (event.kind, event.payload, event.attachment) == EVENTS[sample]
    assert (event.account, event.user) == (PAGE_ID, FB_USER)
    assert not parsed.ignored


@pytest.mark.parametrize("sample", IGNORED)
def test_what_is_ignored(sample: str) -> None:
    parsed = CHANNEL.parse(payload(sample))
    assert reasons(parsed) == IGNORED[sample]
    assert not parsed.events


SIGNALS = {
    "fb_07": (SignalKind.FOREIGN_ECHO, FB_USER, ""),
    "fb_08": (SignalKind.FOREIGN_ECHO, FB_USER, ""),
    "fb_09": (SignalKind.TAKEOVER, FB_USER, ""),
    "fb_10": (SignalKind.TAKEOVER, FB_USER, ""),
    "fb_17": (SignalKind.RELEASE, FB_USER, ""),
    "fb_18": (SignalKind.TAKEOVER, FB_USER, ""),
    "fb_21": (SignalKind.UNSEND, FB_USER, "m_01"),
    "fb_43": (SignalKind.ACCOUNT_ALARM, "", ""),
}


@pytest.mark.parametrize("sample", [s[:5] for s in samples("fb") if not s.endswith(".invalid")])
def test_signals(sample: str) -> None:
    found = [(s.kind, s.user, s.message_id) for s in CHANNEL.parse(payload(sample)).signals]
    assert found == ([SIGNALS[sample]] if sample in SIGNALS else [])


def test_tap_carries_the_title() -> None:
    (event,) = CHANNEL.parse(payload("fb_03")).events
    assert event.text == "Quyền lợi"
    assert event.event_key == "tap:m_03"


def test_own_echo_carries_its_metadata() -> None:
    (echo,) = CHANNEL.parse(payload("fb_06")).echoes
    assert (echo.user, echo.message_id, echo.metadata) == (FB_USER, "m_06", "bot:1")


def test_without_an_app_id_the_metadata_tells_whose_echo_it_is() -> None:
    page = Account("messenger", PAGE_ID, {"app_secret": FB_SECRET})
    channel = MessengerChannel([page], http=no_http)
    assert channel.parse(payload("fb_06")).echoes
    assert channel.parse(payload("fb_07")).signals[0].kind is SignalKind.FOREIGN_ECHO


def test_body_order_is_kept() -> None:
    parsed = CHANNEL.parse(payload("fb_34"))
    assert [e.event_key for e in parsed.events] == ["text:m_34b", "text:m_34a"]


def test_a_bad_item_does_not_harm_its_neighbours() -> None:
    good = item(message={"mid": "m_1", "text": "mức đóng?"})
    bad: list[object] = [None, 5, [], "x", {}, item(message=[]), item(message={"text": 1})]
    parsed = read(*bad, good, item(message={"mid": "m", "text": "x"}, sender={"id": 1.5}))
    assert [e.text for e in parsed.events] == ["mức đóng?"]
    assert reasons(parsed) == ["malformed"] * 8


def test_a_numeric_sender_keeps_its_digits() -> None:
    (event,) = read(item(message={"mid": "m", "text": "x"}, sender={"id": 2**63 + 1})).events
    assert event.user == str(2**63 + 1)


def test_control_passed_elsewhere_is_a_takeover_and_our_own_take_is_nothing() -> None:
    away = read(item(pass_thread_control={"new_owner_app_id": 1, "metadata": ""}))
    assert away.signals[0].kind is SignalKind.TAKEOVER
    ours = read(item(take_thread_control={"new_owner_app_id": FB_APP_ID}))
    assert (ours.signals, reasons(ours)) == ((), ["thread_control"])


def test_standby_receipts_are_no_takeover_and_standby_echoes_keep_their_owner() -> None:
    parsed = read(
        item(read={"watermark": 1}),
        {
            "sender": {"id": PAGE_ID},
            "recipient": {"id": FB_USER},
            "message": {"mid": "m", "is_echo": True, "app_id": int(FB_APP_ID)},
        },
        section="standby",
    )
    assert not parsed.signals
    assert [e.message_id for e in parsed.echoes] == ["m"]
    assert reasons(parsed) == ["standby", "echo"]


def test_the_end_of_a_block_is_no_alarm() -> None:
    assert not read(item(policy_enforcement={"action": "unblock"})).signals


def test_a_postback_without_payload_still_has_its_title() -> None:
    (event,) = read(item(postback={"title": "Tra cứu"})).events
    assert (event.kind, event.text, event.payload) == (EventKind.TAP, "Tra cứu", "")
    assert event.event_key.startswith(f"tap:{FB_USER}:1790000000000:")
    assert reasons(read(item(postback={"mid": "m"}))) == ["malformed"]


def test_key_of_an_item_without_id_ignores_the_envelope() -> None:
    postback = item(postback={"title": "Menu", "payload": "MENU"})
    bodies = [
        json.dumps(
            {"object": "page", "entry": [{"id": PAGE_ID, "time": t, "messaging": [postback]}]}
        )
        for t in (1, 2)
    ]
    first, again = (CHANNEL.parse(b.encode()).events[0].event_key for b in bodies)
    assert first == again


def test_verify_token() -> None:
    assert CHANNEL.verify_token_fits(VERIFY_TOKEN)
    for token in ("", "verify-mE", VERIFY_TOKEN + " ", "\ud800", "é"):
        assert not CHANNEL.verify_token_fits(token)
    bare = Account("messenger", PAGE_ID, {"app_secret": FB_SECRET, "verify_token": ""})
    assert not MessengerChannel([bare], http=no_http).verify_token_fits("")


def test_signature_is_hmac_sha256() -> None:
    mac = hmac.new(FB_SECRET.encode(), RAW, hashlib.sha256).hexdigest()
    assert headers("fb_01")["X-Hub-Signature-256"] == f"sha256={mac}"
