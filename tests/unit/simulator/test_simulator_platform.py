"""The stand-in platform APIs: shapes of answers, and everything they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import RefusedForGood, TokenRefused
from bot.models import Option
from bot.simulator.platform import numbered_choices
from tests.unit.simulator.conftest import World
from webhooks.base import OutPart
from webhooks.messenger import MessengerChannel
from webhooks.zalo import ZaloChannel


async def _zalo(world: World, body: Any, token: str | None = None) -> dict[str, Any]:
    token = world.accounts["zalo"].secrets["access_token"] if token is None else token
    url = f"{world.bases['zalo']}/v3.0/oa/message/cs"
    async with world.http.post(url, json=body, headers={"access_token": token}) as answer:
        assert answer.status == 200
        found = await answer.json()
        assert isinstance(found, dict)
        return found


async def _messenger(
    world: World, body: Any, *, token: str | None = None, page: str | None = None
) -> tuple[int, dict[str, Any]]:
    account = world.accounts["messenger"]
    page = account.id if page is None else page
    params = {"access_token": account.secrets["page_access_token"] if token is None else token}
    url = f"{world.bases['messenger']}/v25.0/{page}/messages"
    async with world.http.post(url, json=body, params=params) as answer:
        return answer.status, await answer.json()


def _message(user: str, **message: Any) -> dict[str, Any]:
    return {"recipient": {"id": user}, "messaging_type": "RESPONSE", "message": message}


async def test_zalo_accepts_in_the_documented_shape(world: World) -> None:
    user = await world.citizen("zalo")
    answer = await _zalo(world, {"recipient": {"user_id": user}, "message": {"text": "Dạ\n2"}})
    assert (answer["error"], answer["message"]) == (0, "Success")
    assert answer["data"]["user_id"] == user
    assert answer["data"]["message_id"]
    assert answer["data"]["sent_time"].isdigit()
    last = (await world.history())[-1]
    assert (last["type"], last["from"], last["text"]) == ("message", "bot", "Dạ\n2")


@pytest.mark.parametrize(
    ("text", "code"), [("", -201), (" \n", -201), ("ă" * 2001, -210), ("👶" * 1001, -210)]
)
async def test_zalo_refuses_bad_texts_and_shows_it(world: World, text: str, code: int) -> None:
    user = await world.citizen("zalo")
    answer = await _zalo(world, {"recipient": {"user_id": user}, "message": {"text": text}})
    assert answer["error"] == code
    assert "data" not in answer
    assert (await world.history())[-1]["type"] == "refusal"


async def test_zalo_takes_exactly_two_thousand(world: World) -> None:
    user = await world.citizen("zalo")
    body = {"recipient": {"user_id": user}, "message": {"text": "ă" * 2000}}
    assert (await _zalo(world, body))["error"] == 0


async def test_zalo_refuses_wrong_token_stranger_and_broken_body(world: World) -> None:
    user = await world.citizen("zalo")
    body = {"recipient": {"user_id": user}, "message": {"text": "a"}}
    assert (await _zalo(world, body, token="wrong"))["error"] == -216
    body["recipient"]["user_id"] = "1234567890123456789"
    assert (await _zalo(world, body))["error"] == -201
    assert (await _zalo(world, ["no", "object"]))["error"] == -201


async def test_messenger_accepts_in_the_documented_shape(world: World) -> None:
    user = await world.citizen("messenger")
    reply = {"content_type": "text", "title": "Nộp ở đâu", "payload": "answer:x"}
    status, answer = await _messenger(world, _message(user, text="Dạ", quick_replies=[reply]))
    assert status == 200
    assert answer["recipient_id"] == user
    assert answer["message_id"].startswith("m_")
    [choice] = (await world.history())[-1]["choices"]
    assert choice == {"label": "Nộp ở đâu", "text": "Nộp ở đâu", "payload": "answer:x"}


def _replies(count: int = 1, **changed: Any) -> list[dict[str, Any]]:
    reply = {"content_type": "text", "title": "Chọn", "payload": "x"} | changed
    return [reply] * count


@pytest.mark.parametrize(
    "message",
    [
        {"text": ""},
        {"text": "ă" * 2001},
        {},
        {"text": "a", "quick_replies": []},
        {"text": "a", "quick_replies": _replies(14)},
        {"text": "a", "quick_replies": _replies(title="n" * 21)},
        {"text": "a", "quick_replies": _replies(title="")},
        {"text": "a", "quick_replies": _replies(payload="n" * 1001)},
        {"text": "a", "quick_replies": _replies(content_type="location")},
        {"text": "a", "quick_replies": ["Chọn"]},
    ],
)
async def test_messenger_refuses_bad_messages(world: World, message: dict[str, Any]) -> None:
    user = await world.citizen("messenger")
    status, answer = await _messenger(world, _message(user, **message))
    assert (status, answer["error"]["code"]) == (400, 100)
    assert answer["error"].keys() == {"message", "type", "code", "error_subcode", "fbtrace_id"}


async def test_messenger_takes_thirteen_quick_replies_of_twenty_letters(world: World) -> None:
    user = await world.citizen("messenger")
    replies = _replies(13, title="ă" * 20)
    status, _ = await _messenger(world, _message(user, text="a", quick_replies=replies))
    assert status == 200


async def test_messenger_refuses_tag_token_page_and_stranger(world: World) -> None:
    user = await world.citizen("messenger")
    body = _message(user, text="a")
    assert (await _messenger(world, body, token="wrong"))[1]["error"]["code"] == 190
    assert (await _messenger(world, body, page="123"))[1]["error"]["code"] == 100
    tagged = {**body, "messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE"}
    assert (await _messenger(world, tagged))[1]["error"]["code"] == 100
    stranger = await _messenger(world, _message("12345678901234567", text="a"))
    assert stranger[1]["error"]["error_subcode"] == 2018001


async def test_messenger_sender_actions(world: World) -> None:
    to = {"recipient": {"id": await world.citizen("messenger")}}
    status, answer = await _messenger(world, {**to, "sender_action": "typing_on"})
    assert (status, answer) == (200, to["recipient"] and {"recipient_id": to["recipient"]["id"]})
    assert (await _messenger(world, {**to, "sender_action": "dance"}))[0] == 400
    both = {**to, "sender_action": "typing_on", "message": {"text": "a"}}
    assert (await _messenger(world, both))[0] == 400


async def test_tokens_never_reach_the_page(world: World) -> None:
    zalo, messenger = await world.citizen("zalo"), await world.citizen("messenger")
    await _zalo(world, {"recipient": {"user_id": zalo}, "message": {"text": "a"}})
    await _messenger(world, _message(messenger, text="a"))
    shown = repr(await world.history())
    hidden = ("access_token", "page_access_token", "oa_secret_key", "app_secret")
    for account in world.accounts.values():
        for name in hidden:
            if name in account.secrets:
                assert account.secrets[name] not in shown


async def test_the_real_senders_get_through(world: World) -> None:
    zalo = ZaloChannel(
        [world.accounts["zalo"]], http=lambda: world.http, api_base=world.bases["zalo"]
    )
    messenger = MessengerChannel(
        [world.accounts["messenger"]], http=lambda: world.http, graph_base=world.bases["messenger"]
    )
    part = OutPart("Mức đóng là 4,5%.", (Option("x", "t", "Học sinh đóng ở đâu và khi nào"),))
    for channel, secret in ((zalo, "access_token"), (messenger, "page_access_token")):
        account = world.accounts[channel.name]
        user = await world.citizen(channel.name)
        token = account.secrets[secret]
        await channel.typing(account, user, token)
        assert (await channel.send(account, user, part, token)).message_id
        with pytest.raises(RefusedForGood):
            await channel.send(account, user, OutPart("a" * 2001), token)
    with pytest.raises(TokenRefused):
        await zalo.send(world.accounts["zalo"], user, part, "wrong")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Anh/chị có thể hỏi tiếp (nhắn số để chọn):\n1. Một\n2. Hai", ["1", "2"]),
        ("Xin nhắn số thứ tự, hoặc viết rõ hơn.\n\n1. Một\n2. Hai\n3. Ba", ["1", "2", "3"]),
        ("1) Một\n2) Hai\nAnh/chị trả lời bằng số nhé.", ["1", "2"]),
        ("Các bước:\n1. Mở VssID\n2. Bấm Đăng ký", []),
        ("Các bước:\n1. Mở\n2. Bấm\n\nNhắn số để chọn:\n1. Một", ["1"]),
        ("Nhắn số để chọn:\n2. Hai\n3. Ba", []),
        ("Không có gì để chọn.", []),
    ],
)
def test_numbered_choices(text: str, numbers: list[str]) -> None:
    assert numbered_choices(text) == numbers
