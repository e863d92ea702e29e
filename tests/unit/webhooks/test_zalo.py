"""Zalo: which signatures pass, and what each event becomes."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from bot.errors import BadSignature
from bot.models import EventKind, SignalKind
from tests.channels.vectors import (
    APP_ID,
    OA,
    OA_ID,
    OA_SECRET,
    ZALO_USER,
    headers,
    payload,
    samples,
    sign_zalo,
)
from webhooks.base import Account
from webhooks.zalo import ZaloChannel


def no_http() -> aiohttp.ClientSession:
    raise AssertionError("no call expected")


CHANNEL = ZaloChannel([OA], http=no_http)
RAW = payload("zalo_01")
STAMP = "1790000000000"
MAC = sign_zalo(RAW, STAMP)


def body(**fields: object) -> bytes:
    """A text event with some fields replaced; None removes one."""
    value: dict[str, Any] = {
        "app_id": APP_ID,
        "sender": {"id": ZALO_USER},
        "recipient": {"id": OA_ID},
        "event_name": "user_send_text",
        "message": {"text": "xin chào", "msg_id": "m1"},
        "timestamp": STAMP,
    } | fields
    return json.dumps({k: v for k, v in value.items() if v is not None}).encode()


@pytest.mark.parametrize(
    "header",
    [f"mac={MAC}", MAC, f"MAC = {MAC}", f"mac={MAC.upper()}", f" mac={MAC} "],
    ids=["as documented", "bare", "spaced", "upper-case hex", "padded"],
)
def test_accepted_spellings(header: str) -> None:
    CHANNEL.verify(RAW, {"X-ZEvent-Signature": header})


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("", "is missing"),
        ("mac=", "64 hex"),
        (f"mac={MAC[:-1]}", "64 hex"),
        (f"mac={MAC}0", "64 hex"),
        (f"sha256={MAC}", "64 hex"),
        (f"mac={MAC[:-1]}g", "64 hex"),
        (f"mac={MAC[:-1]}{'0' if MAC[-1] != '0' else '1'}", "fits no configured"),
        (f"mac={sign_zalo(RAW, STAMP, secret='the-app-secret')}", "fits no configured"),
        (f"mac={sign_zalo(RAW, '')}", "fits no configured"),
        (f"mac={sign_zalo(RAW, STAMP, app_id=OA_ID)}", "fits no configured"),
        (f"mac={sign_zalo(json.dumps(json.loads(RAW)).encode(), STAMP)}", "fits no configured"),
        (f"mac={sign_zalo(RAW, '1790000000001')}", "fits no configured"),
    ],
)
def test_refused_signatures_name_the_part(header: str, part: str) -> None:
    with pytest.raises(BadSignature, match=part) as caught:
        CHANNEL.verify(RAW, {"X-ZEvent-Signature": header})
    assert OA_SECRET not in str(caught.value)


def test_header_timestamp_may_be_the_signed_one() -> None:
    stamp = "1790000000999"
    sent = {"X-ZEvent-Signature": sign_zalo(RAW, stamp), "X-ZEvent-Timestamp": stamp}
    CHANNEL.verify(RAW, sent)
    with pytest.raises(BadSignature):
        CHANNEL.verify(RAW, {**sent, "X-ZEvent-Timestamp": "1"})


def test_foreign_app_id_is_refused_though_the_mac_fits() -> None:
    with pytest.raises(BadSignature, match="app_id"):
        CHANNEL.verify(payload("zalo_46"), headers("zalo_46"))


def test_an_account_vouches_only_for_its_own_app() -> None:
    other = Account("zalo", "5", {"app_id": "777", "oa_secret_key": "other-secret"})
    channel = ZaloChannel([OA, other], http=no_http)
    raw = body(app_id="777")
    ours = sign_zalo(raw, STAMP, app_id="777", secret=OA_SECRET)
    with pytest.raises(BadSignature):
        channel.verify(raw, {"X-ZEvent-Signature": ours})
    theirs = sign_zalo(raw, STAMP, app_id="777", secret="other-secret")
    channel.verify(raw, {"X-ZEvent-Signature": theirs})


@pytest.mark.parametrize("sample", ["zalo_40", "zalo_41", "zalo_06", "zalo_02"])
def test_the_mac_is_over_raw_bytes(sample: str) -> None:
    CHANNEL.verify(payload(sample), headers(sample))
    again = json.dumps(json.loads(payload(sample))).encode()
    with pytest.raises(BadSignature):
        CHANNEL.verify(again, headers(sample))


EVENTS = {
    "zalo_01": (EventKind.TEXT, ""),
    "zalo_02": (EventKind.TEXT, ""),
    "zalo_03": (EventKind.TEXT, ""),
    "zalo_04": (EventKind.TEXT, ""),
    "zalo_05": (EventKind.TEXT, ""),
    "zalo_06": (EventKind.TEXT, ""),
    "zalo_07": (EventKind.TEXT, ""),
    "zalo_08": (EventKind.ATTACHMENT, "image"),
    "zalo_09": (EventKind.TEXT, "image"),
    "zalo_10": (EventKind.ATTACHMENT, "sticker"),
    "zalo_11": (EventKind.ATTACHMENT, "gif"),
    "zalo_12": (EventKind.ATTACHMENT, "audio"),
    "zalo_13": (EventKind.ATTACHMENT, "video"),
    "zalo_14": (EventKind.ATTACHMENT, "file"),
    "zalo_15": (EventKind.ATTACHMENT, "location"),
    "zalo_16": (EventKind.ATTACHMENT, "link"),
    "zalo_17": (EventKind.ATTACHMENT, "business_card"),
    "zalo_18": (EventKind.WELCOME, ""),
    "zalo_25": (EventKind.WELCOME, ""),
    "zalo_30": (EventKind.TAP, ""),
    "zalo_33": (EventKind.TEXT, ""),
    "zalo_37": (EventKind.TEXT, ""),
    "zalo_38": (EventKind.TEXT, ""),
    "zalo_39": (EventKind.TEXT, ""),
    "zalo_40": (EventKind.TEXT, ""),
    "zalo_41": (EventKind.TEXT, ""),
    "zalo_43": (EventKind.TEXT, ""),
    "zalo_46": (EventKind.TEXT, ""),
}
IGNORED = {
    "zalo_19": "unfollow",
    "zalo_20": "submit_info",
    "zalo_21": "echo",
    "zalo_22": "takeover",
    "zalo_23": "receipt",
    "zalo_24": "receipt",
    "zalo_26": "reaction",
    "zalo_27": "anonymous",
    "zalo_28": "receipt",
    "zalo_29": "response_button",
    "zalo_31": "unknown_event",
    "zalo_32": "malformed",
    "zalo_34": "malformed",
    "zalo_35": "malformed",
    "zalo_36": "malformed",
    "zalo_44": "group",
    "zalo_45": "withdraw",
    "zalo_47": "unknown_account",
}


def test_every_sample_is_spoken_for() -> None:
    known = {s[:7] for s in samples("zalo") if not s.endswith(".invalid")}
    assert known == EVENTS.keys() | IGNORED.keys()


@pytest.mark.parametrize("sample", EVENTS)
def test_what_is_an_event(sample: str) -> None:
    parsed = CHANNEL.parse(payload(sample))
    (event,) = parsed.events
    assert (event.kind, event.attachment) == EVENTS[sample]
    assert (event.account, event.user) == (OA_ID, ZALO_USER)
    assert not parsed.ignored


@pytest.mark.parametrize("sample", IGNORED)
def test_what_is_ignored(sample: str) -> None:
    parsed = CHANNEL.parse(payload(sample))
    assert [i.reason for i in parsed.ignored] == [IGNORED[sample]]
    assert not parsed.events


def test_text_is_kept_unchanged() -> None:
    (event,) = CHANNEL.parse(payload("zalo_02")).events
    assert event.text == "Cảm ơn 🙏👨‍👩‍👧‍👦 bảo hiểm cho con 👶🏽 ạ"
    assert event.event_key == "text:96d3cdf3af150460902"


def test_caption_is_the_text() -> None:
    (event,) = CHANNEL.parse(payload("zalo_09")).events
    assert event.text == "Ảnh thẻ BHYT của tôi đây"


@pytest.mark.parametrize(
    ("text", "kind", "payload_"),
    [
        ("#menu_quyen_loi", EventKind.TAP, "menu_quyen_loi"),
        (" #answer:muc-dong \n", EventKind.TAP, "answer:muc-dong"),
        ("#bhyt là gì", EventKind.TEXT, ""),
        ("#", EventKind.TEXT, ""),
        ("số #1", EventKind.TEXT, ""),
    ],
)
def test_a_single_word_after_a_hash_is_a_tap(text: str, kind: EventKind, payload_: str) -> None:
    (event,) = CHANNEL.parse(body(message={"text": text, "msg_id": "m1"})).events
    assert (event.kind, event.payload, event.text) == (kind, payload_, text)


def test_own_echo_and_human_echo() -> None:
    own = CHANNEL.parse(payload("zalo_21"))
    assert [(e.user, e.message_id) for e in own.echoes] == [(ZALO_USER, "63ecf43f0df7dba892e6")]
    assert not own.signals
    human = CHANNEL.parse(payload("zalo_22"))
    assert [(s.kind, s.user) for s in human.signals] == [(SignalKind.TAKEOVER, ZALO_USER)]
    assert not human.echoes


def test_withdraw_names_the_citizen() -> None:
    (signal,) = CHANNEL.parse(payload("zalo_45")).signals
    assert (signal.kind, signal.account, signal.user) == (SignalKind.WITHDRAW, OA_ID, ZALO_USER)


def test_ids_as_numbers_keep_their_digits() -> None:
    raw = body(sender={"id": 7300000000000000003}, recipient={"id": int(OA_ID)})
    (event,) = CHANNEL.parse(raw).events
    assert event.user == ZALO_USER


def test_an_event_without_id_gets_a_key_from_its_content() -> None:
    first, same, later = (
        CHANNEL.parse(body(message={"text": "xin chào"}, timestamp=t)).events[0].event_key
        for t in (STAMP, STAMP, "1790000000001")
    )
    assert first == same != later
    assert first.startswith(f"text:{ZALO_USER}:{STAMP}:")


@pytest.mark.parametrize(
    "raw",
    [
        body(message={"msg_id": "m1"}),
        body(message={"text": 5, "msg_id": "m1"}),
        body(message=None),
        body(sender={"id": True}),
        body(sender={"id": 7.3e18}),
        body(sender={"id": "a b"}),
        body(sender={"id": ""}),
        body(event_name="oa_send_text", sender={"id": OA_ID}, recipient={"id": "7"}, message={}),
        body(event_name="follow"),
    ],
)
def test_malformed(raw: bytes) -> None:
    parsed = CHANNEL.parse(raw)
    assert [i.reason for i in parsed.ignored] == ["malformed"]


def test_an_event_of_the_oa_to_itself_is_not_answered() -> None:
    parsed = CHANNEL.parse(body(sender={"id": OA_ID}))
    assert [i.reason for i in parsed.ignored] == ["own_message"]


def test_very_long_text_keeps_its_end() -> None:
    text = "a" * 50_000 + " mức đóng?"
    (event,) = CHANNEL.parse(body(message={"text": text, "msg_id": "m1"})).events
    assert len(event.text) == 20_000
    assert event.text.endswith(" mức đóng?")
