"""What leaves, to the byte, and what each refusal of a platform means."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest

from bot.errors import (
    AccountTrouble,
    Refused,
    RefusedForGood,
    SendError,
    TokenRefused,
    Unknown,
    WindowClosed,
)
from bot.models import Option
from tests.channels.vectors import FB_SECRET, FB_USER, OA, PAGE, PAGE_ID, ZALO_USER
from tests.fake_platform import (
    MESSENGER_ACTION,
    MESSENGER_SEND,
    ZALO_SEND,
    FakePlatform,
    Request,
    Response,
    graph_error,
    json_response,
    zalo_error,
)
from webhooks.base import Limits, OutPart, Receipt, buttons
from webhooks.messenger import MessengerChannel
from webhooks.messenger_send import appsecret_proof
from webhooks.zalo import ZaloChannel


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    async with FakePlatform(app_secret=FB_SECRET) as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as client:
        yield client


@pytest.fixture
def zalo(http: aiohttp.ClientSession, platform: FakePlatform) -> ZaloChannel:
    return ZaloChannel([OA], http=lambda: http, api_base=platform.url + "/", timeout_seconds=2)


@pytest.fixture
def messenger(http: aiohttp.ClientSession, platform: FakePlatform) -> MessengerChannel:
    return MessengerChannel([PAGE], http=lambda: http, graph_base=platform.url, timeout_seconds=2)


def options(count: int, title: str = "Mức đóng") -> tuple[Option, ...]:
    return tuple(Option(f"id-{n}", "topic", f"{title} {n}") for n in range(count))


async def test_zalo_call(zalo: ZaloChannel, platform: FakePlatform) -> None:
    part = OutPart("Dạ, mức đóng là 683.100 đồng.", options=options(3), metadata="7")
    receipt = await zalo.send(OA, ZALO_USER, part, "zalo-token")
    assert receipt == Receipt("fake-0001")
    (call,) = platform.requests
    assert call.path == "/v3.0/oa/message/cs"
    assert call.headers["access_token"] == "zalo-token"
    assert call.headers["Content-Type"] == "application/json"
    assert not call.query
    # Choices stand in the text; the platform has no quick replies.
    assert call.body == {"recipient": {"user_id": ZALO_USER}, "message": {"text": part.text}}


async def test_zalo_has_no_typing(zalo: ZaloChannel, platform: FakePlatform) -> None:
    await zalo.typing(OA, ZALO_USER, "zalo-token")
    assert not platform.requests


ZALO_CODES: list[tuple[int, type[SendError]]] = [
    (-32, Refused),
    (-100, RefusedForGood),
    (-200, Refused),
    (-201, RefusedForGood),
    (-204, AccountTrouble),
    (-205, AccountTrouble),
    (-209, AccountTrouble),
    (-210, RefusedForGood),
    (-211, RefusedForGood),
    (-212, AccountTrouble),
    (-213, RefusedForGood),
    (-216, TokenRefused),
    (-217, RefusedForGood),
    (-218, RefusedForGood),
    (-219, AccountTrouble),
    (-220, TokenRefused),
    (-221, AccountTrouble),
    (-223, AccountTrouble),
    (-224, AccountTrouble),
    (-227, RefusedForGood),
    (-230, WindowClosed),
    (-232, WindowClosed),
    (-233, RefusedForGood),
    (-234, Refused),
    (-240, AccountTrouble),
    (-242, AccountTrouble),
    (-244, RefusedForGood),
    (-248, RefusedForGood),
    (-320, AccountTrouble),
    (-321, AccountTrouble),
    (-99999, Refused),
]


@pytest.mark.parametrize(("code", "expected"), ZALO_CODES)
@pytest.mark.parametrize("status", [200, 500])
async def test_zalo_codes(
    code: int,
    expected: type[SendError],
    status: int,
    zalo: ZaloChannel,
    platform: FakePlatform,
) -> None:
    platform.script(ZALO_SEND, zalo_error(code, status=status))
    with pytest.raises(SendError) as caught:
        await zalo.send(OA, ZALO_USER, OutPart("x"), "zalo-token")
    assert (type(caught.value), caught.value.code) == (expected, str(code))


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (json_response({"error": "-216", "message": "as text"}), TokenRefused),
        (json_response({"error": 0, "message": "Success"}), Unknown),
        (json_response({"error": 0, "data": {}}), Unknown),
        (json_response({"error": 0, "data": [1]}), Unknown),
        (json_response({"error": 0, "data": {"message_id": "m"}}, 500), Unknown),
        (json_response({"error": True}), Unknown),
        (json_response({"error": "soon"}), Unknown),
        (json_response({"message_id": "flat"}), Unknown),
    ],
)
async def test_zalo_odd_answers(
    response: Response, expected: type[SendError], zalo: ZaloChannel, platform: FakePlatform
) -> None:
    platform.script(ZALO_SEND, response)
    with pytest.raises(SendError) as caught:
        await zalo.send(OA, ZALO_USER, OutPart("x"), "zalo-token")
    assert type(caught.value) is expected


async def test_zalo_success_without_an_id(zalo: ZaloChannel, platform: FakePlatform) -> None:
    answer = {"error": "0", "data": {"user_id": ZALO_USER, "quota": {"remain": "8"}}}
    platform.script(ZALO_SEND, json_response(answer))
    assert await zalo.send(OA, ZALO_USER, OutPart("x"), "zalo-token") == Receipt("")


async def test_messenger_call(messenger: MessengerChannel, platform: FakePlatform) -> None:
    part = OutPart("Anh/chị hỏi về:", options=options(2), metadata="41")
    receipt = await messenger.send(PAGE, FB_USER, part, "page-token")
    assert receipt == Receipt("fake-0001")
    (call,) = platform.requests
    assert call.path == f"/v25.0/{PAGE_ID}/messages"
    assert dict(call.query) == {
        "access_token": "page-token",
        "appsecret_proof": appsecret_proof(FB_SECRET, "page-token"),
    }
    assert call.body == {
        "recipient": {"id": FB_USER},
        "messaging_type": "RESPONSE",
        "message": {
            "text": part.text,
            "quick_replies": [
                {"content_type": "text", "title": "Mức đóng 0", "payload": "answer:id-0"},
                {"content_type": "text", "title": "Mức đóng 1", "payload": "answer:id-1"},
            ],
            "metadata": "41",
        },
    }


async def test_messenger_sends_nothing_empty(
    messenger: MessengerChannel, platform: FakePlatform
) -> None:
    await messenger.send(PAGE, FB_USER, OutPart("x"), "page-token")
    assert platform.requests[0].body["message"] == {"text": "x"}


async def test_messenger_quick_replies_keep_the_limits(
    messenger: MessengerChannel, platform: FakePlatform
) -> None:
    many = options(20, "Mức đóng của học sinh, sinh viên năm học")
    await messenger.send(PAGE, FB_USER, OutPart("x", options=many), "page-token")
    replies = platform.requests[0].body["message"]["quick_replies"]
    assert len(replies) == 13
    assert [r["title"] for r in replies[:2]] == ["1. Mức đóng của học…", "2. Mức đóng của học…"]
    assert all(len(r["title"]) <= 20 for r in replies)


async def test_messenger_typing(messenger: MessengerChannel, platform: FakePlatform) -> None:
    await messenger.typing(PAGE, FB_USER, "page-token")
    (call,) = platform.sent(MESSENGER_ACTION)
    assert call.body == {"recipient": {"id": FB_USER}, "sender_action": "typing_on"}
    platform.script(MESSENGER_ACTION, graph_error(613))
    with pytest.raises(Refused):
        await messenger.typing(PAGE, FB_USER, "page-token")


GRAPH_CODES: list[tuple[int, int | None, type[SendError]]] = [
    (190, None, AccountTrouble),
    (190, 463, AccountTrouble),
    (210, None, AccountTrouble),
    (230, None, AccountTrouble),
    (10, 1893063, AccountTrouble),
    (10, 2018278, WindowClosed),
    (10, 2534022, WindowClosed),
    (10, 2018065, Refused),
    (10, 2018108, Refused),
    (10, None, RefusedForGood),
    (100, 2018001, RefusedForGood),
    (100, None, RefusedForGood),
    (100, 2018109, Refused),
    (4, 2018022, Refused),
    (4, None, Refused),
    (17, None, Refused),
    (32, None, Refused),
    (613, None, Refused),
    (80001, None, Refused),
    (80002, None, Refused),
    (80006, None, Refused),
    (1200, None, Refused),
    (2, None, Refused),
    (2, 2018344, Refused),
    (1, 99, Refused),
    (9, 2018352, Refused),
    (551, None, RefusedForGood),
    (200, 1545041, RefusedForGood),
    (200, 2018028, AccountTrouble),
    (200, 2018027, AccountTrouble),
    (200, 2018021, AccountTrouble),
    (10303, None, RefusedForGood),
    (424242, None, Refused),
]


@pytest.mark.parametrize(("code", "subcode", "expected"), GRAPH_CODES)
@pytest.mark.parametrize("status", [400, 500])
async def test_graph_codes(
    code: int,
    subcode: int | None,
    expected: type[SendError],
    status: int,
    messenger: MessengerChannel,
    platform: FakePlatform,
) -> None:
    platform.script(MESSENGER_SEND, graph_error(code, subcode, status=status))
    with pytest.raises(SendError) as caught:
        await messenger.send(PAGE, FB_USER, OutPart("x"), "page-token")
    shown = str(code) if subcode is None else f"{code}/{subcode}"
    assert (type(caught.value), caught.value.code) == (expected, shown)


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (json_response({"recipient_id": FB_USER}), None),
        (json_response({"result": "ok"}), Unknown),
        (json_response({"error": {"code": "190"}}, 401), AccountTrouble),
        (json_response({"error": {}}, 400), Refused),
        (json_response({"message": "?"}, 500), Unknown),
    ],
)
async def test_messenger_odd_answers(
    response: Response,
    expected: type[SendError] | None,
    messenger: MessengerChannel,
    platform: FakePlatform,
) -> None:
    platform.script(MESSENGER_SEND, response)
    if expected is None:
        assert await messenger.send(PAGE, FB_USER, OutPart("x"), "page-token") == Receipt("")
        return
    with pytest.raises(SendError) as caught:
        await messenger.send(PAGE, FB_USER, OutPart("x"), "page-token")
    assert type(caught.value) is expected


async def test_the_echo_may_come_before_the_answer(
    messenger: MessengerChannel, platform: FakePlatform
) -> None:
    order: list[str] = []

    async def echo(_call: Request, message_id: str) -> None:
        order.append(message_id)

    platform.on_accepted = echo
    receipt = await messenger.send(PAGE, FB_USER, OutPart("x"), "page-token")
    assert order == [receipt.message_id]


def test_buttons_without_a_number_find_room() -> None:
    limits = Limits(text_length=1900, window=timedelta(hours=48), quick_replies=5)
    numbered = [Option(f"a{n}", "t", f"Câu {n}") for n in range(1, 5)]
    extra = [Option("", "", "Đúng ý", "feedback:good:a:v"), Option("", "", "Chưa đúng", "feedback")]
    shown = buttons([*numbered, *extra], limits)
    assert [title for title, _ in shown] == ["Câu 1", "Câu 2", "Câu 3", "Đúng ý", "Chưa đúng"]
    assert buttons(numbered, replace(limits, quick_replies=0)) == []


async def test_zalo_buttons_and_the_plain_text_when_they_are_refused(
    http: aiohttp.ClientSession, platform: FakePlatform
) -> None:
    zalo = ZaloChannel([OA], http=lambda: http, api_base=platform.url, buttons=True)
    part = OutPart("Chọn:\n1. Một", (Option("mot", "t", "Một"),))
    assert not (await zalo.send(OA, ZALO_USER, part, "zalo-token")).buttons_refused
    for code in (-201, -233):
        platform.script(ZALO_SEND, zalo_error(code))
        assert (await zalo.send(OA, ZALO_USER, part, "zalo-token")).buttons_refused
    platform.script(ZALO_SEND, zalo_error(-213))
    with pytest.raises(RefusedForGood):
        await zalo.send(OA, ZALO_USER, part, "zalo-token")
    # Without buttons there is nothing to leave out.
    platform.script(ZALO_SEND, zalo_error(-201))
    with pytest.raises(RefusedForGood):
        await zalo.send(OA, ZALO_USER, OutPart("x"), "zalo-token")
    shown = [call.body["message"].get("attachment") for call in platform.sent(ZALO_SEND)]
    button = {"title": "Một", "type": "oa.query.hide", "payload": "#answer:mot"}
    assert shown[0] == {"type": "template", "payload": {"buttons": [button]}}
    assert [bool(one) for one in shown] == [True, True, False, True, False, True, False]


async def test_messenger_sends_the_text_alone_when_quick_replies_are_refused(
    messenger: MessengerChannel, platform: FakePlatform
) -> None:
    part = OutPart("Chọn", (Option("mot", "t", "Một"),))
    platform.script(MESSENGER_SEND, graph_error(100))
    assert (await messenger.send(PAGE, FB_USER, part, "page-token")).buttons_refused
    # The citizen is unknown: that is not about the buttons.
    platform.script(MESSENGER_SEND, graph_error(100, 2018001))
    with pytest.raises(RefusedForGood):
        await messenger.send(PAGE, FB_USER, part, "page-token")
    sent = ["quick_replies" in call.body["message"] for call in platform.sent(MESSENGER_SEND)]
    assert sent == [True, False, True]
