"""The page's calls: who may make them, what they send on, and what the stream keeps."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request

from bot.simulator.guard import comes_from_here, is_loopback
from bot.simulator.visitors import Visitor, Visitors
from tests.unit.simulator.conftest import World


class _Transport:
    def __init__(self, peer: object) -> None:
        self._peer = peer

    def get_extra_info(self, name: str) -> object:
        return self._peer if name == "peername" else None


@pytest.mark.parametrize(
    ("peer", "headers", "allowed"),
    [
        ("127.0.0.1", {"Host": "127.0.0.1:8080"}, True),
        ("127.0.0.1", {"Host": "localhost:8080"}, True),
        ("::1", {"Host": "[::1]:8080"}, True),
        ("::ffff:127.0.0.1", {"Host": "localhost"}, True),
        ("203.0.113.7", {"Host": "127.0.0.1:8080"}, False),
        ("192.168.1.20", {"Host": "192.168.1.20:8080"}, False),
        ("127.0.0.1", {"Host": "bhyt.example.vn"}, False),
        ("127.0.0.1", {"Host": "127.0.0.1.example.vn"}, False),
        ("127.0.0.1", {"Host": ""}, False),
        ("127.0.0.1", {}, False),
        ("127.0.0.1", {"Host": "127.0.0.1", "X-Forwarded-For": "203.0.113.7"}, False),
        ("127.0.0.1", {"Host": "127.0.0.1", "Forwarded": "for=203.0.113.7"}, False),
    ],
)
def test_only_this_machine_is_let_in(peer: str, headers: dict[str, str], allowed: bool) -> None:
    request = make_mocked_request(
        "GET", "/simulator/", headers=headers, transport=_Transport((peer, 4711))
    )
    assert comes_from_here(request) is allowed


def test_a_unix_socket_is_not_taken_for_loopback() -> None:
    request = make_mocked_request(
        "GET", "/simulator/", headers={"Host": "localhost"}, transport=_Transport("")
    )
    assert not comes_from_here(request)


def test_is_loopback() -> None:
    assert is_loopback("127.8.9.10")
    assert not is_loopback("0.0.0.0")  # noqa: S104 - must be refused


@pytest.mark.parametrize("path", ["", "events", "static/chat.js", "nothing-here"])
async def test_a_foreign_host_gets_a_plain_403(world: World, path: str) -> None:
    headers = {"Host": "bhyt.example.vn"}
    async with world.http.get(f"{world.url}/simulator/{path}", headers=headers) as answer:
        assert answer.status == 403
        assert "trên chính máy" in await answer.text()
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_page_is_strict_about_scripts_and_cookies(world: World) -> None:
    async with world.http.get(f"{world.url}/simulator") as answer:
        html = await answer.text()
        assert str(answer.url).endswith("/simulator/")
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/simulator/" in cookie
    assert "Trợ lý BHYT (giả lập)" in html
    assert "<style" not in html
    assert " style=" not in html
    assert html.count("<script") == html.count('<script type="module" src="static/chat.js"') == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec_Fetch_Site": "cross-site"},
    ],
)
async def test_writing_calls_come_from_the_own_page_only(
    world: World, headers: dict[str, str]
) -> None:
    message = {"channel": "zalo", "ref": "a", "text": "xin chào"}
    assert (await world.post("send", message, **headers))[0] == 403
    assert (await world.post("reset", {"channel": "zalo"}, **headers))[0] == 403
    assert world.received == []


@pytest.mark.parametrize(
    "message",
    [
        [],
        {"channel": "sms", "ref": "a", "text": "x"},
        {"channel": "zalo", "text": "x"},
        {"channel": "zalo", "ref": "no spaces!", "text": "x"},
        {"channel": "zalo", "ref": "a", "text": " "},
        {"channel": "zalo", "ref": "a", "text": "x" * 6001},
        {"channel": "zalo", "ref": "a", "kind": "video"},
        {"channel": "messenger", "ref": "a", "kind": "tap", "text": "x"},
    ],
)
async def test_senseless_messages_are_refused_with_a_sentence(
    world: World, message: object
) -> None:
    status, text = await world.post("send", message)
    assert status == 400
    assert text.endswith(".")
    assert world.received == []


async def test_a_form_post_is_refused(world: World) -> None:
    url = f"{world.url}/simulator/send"
    async with world.http.post(url, data="{}", headers={"Origin": world.url}) as answer:
        assert answer.status == 415


async def test_a_message_goes_out_signed_and_its_receipt_comes_back(world: World) -> None:
    status, text = await world.post("send", {"channel": "zalo", "ref": "r1", "text": "mất thẻ"})
    assert status == 200
    assert json.loads(text)["status"] == 200
    [(raw, headers)] = world.received
    assert json.loads(raw)["message"]["text"] == "mất thẻ"
    assert headers["X-ZEvent-Signature"].startswith("mac=")
    message, receipt = await world.history()
    assert (message["type"], message["from"], message["ref"]) == ("message", "visitor", "r1")
    assert message["exchange"]["body"].encode() == raw
    assert (receipt["type"], receipt["ref"], receipt["status"]) == ("receipt", "r1", 200)


async def test_a_retry_repeats_the_same_bytes(world: World) -> None:
    world.webhook_status = 503
    message = {"channel": "zalo", "ref": "r1", "text": "mất thẻ"}
    assert json.loads((await world.post("send", message))[1])["status"] == 503
    world.webhook_status = 200
    again = {"channel": "zalo", "ref": "r1"}
    assert json.loads((await world.post("send", again))[1])["status"] == 200
    (first, first_headers), (second, second_headers) = world.received
    assert first == second
    assert "num_retry" not in first_headers
    assert second_headers["num_retry"] == "1"
    entries = [(e["type"], e.get("status")) for e in await world.history()]
    assert entries == [("message", None), ("receipt", 503), ("receipt", 200)]


async def test_lone_surrogates_do_no_harm(world: World) -> None:
    status, _ = await world.post("send", {"channel": "zalo", "ref": "s", "text": "a\ud800b"})
    assert status == 200
    assert json.loads(world.received[0][0])["message"]["text"] == "a\ufffdb"


async def test_the_stream_continues_after_the_last_id_seen(world: World) -> None:
    await world.post("send", {"channel": "zalo", "ref": "r1", "text": "một"})
    seen = (await world.history())[-1]["id"]
    await world.post("send", {"channel": "messenger", "ref": "r2", "text": "hai"})
    assert [e.get("text") for e in await world.history(seen)] == ["hai", None]
    restarted = await world.history("0badcafe.7")
    assert (restarted[0]["sse"], restarted[0]["restarted"]) == ("reset", True)
    assert len(restarted) == 5


async def test_visitors_do_not_see_each_other(world: World) -> None:
    await world.post("send", {"channel": "zalo", "ref": "r1", "text": "riêng tư"})
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as other:
        stranger = World(world.url, world.accounts, world.bases, other)
        assert await stranger.history() == []
    assert len(await world.history()) == 2


async def test_starting_over_makes_a_new_citizen_on_that_channel_only(world: World) -> None:
    zalo, messenger = await world.citizen("zalo"), await world.citizen("messenger")
    assert (await world.post("reset", {"channel": "zalo"}))[0] == 200
    entries = await world.history()
    assert {e["channel"] for e in entries if e["type"] == "message"} == {"messenger"}
    assert entries[-1]["type"] == "cleared"
    assert await world.citizen("zalo") != zalo
    assert await world.citizen("messenger") == messenger


def test_history_and_visitors_are_bounded() -> None:
    visitors = Visitors(limit=2, history=3)
    first = visitors.meet("")
    for number in range(10):
        first.record({"type": "message", "channel": "zalo", "text": str(number)})
    visitors.meet("")
    visitors.meet("")
    assert visitors.of_person("zalo", first.people["zalo"].id) is None
    again = visitors.meet(first.id)
    assert again is not first
    assert again.id == first.id
    assert visitors.meet("short").id != "short"


async def _read(visitor: Visitor, last_seen: str) -> list[bytes]:
    found: list[bytes] = []
    frames = visitor.frames(last_seen, keep_alive=60)
    async for frame in frames:
        if frame.startswith(b"event: ready"):
            break
        found.append(frame)
    await frames.aclose()
    return found


async def test_a_page_too_far_behind_starts_from_what_is_left() -> None:
    visitor = Visitor("x" * 32, history=3)
    for number in range(10):
        visitor.record({"type": "message", "channel": "zalo", "text": str(number)})
    assert len(await _read(visitor, f"{visitor.epoch}.9")) == 1
    behind = await _read(visitor, f"{visitor.epoch}.2")
    assert behind[0] == b'event: reset\ndata: {"restarted":false}\n\n'
    assert len(behind) == 4
    assert len(await _read(visitor, "nonsense")) == 4


async def test_a_silent_stream_is_kept_alive_and_ends_on_close() -> None:
    visitor = Visitor("x" * 32, history=3)
    frames = visitor.frames("", keep_alive=0.01)
    assert (await anext(frames)).startswith(b"event: ready")
    assert await anext(frames) == b": still here\n\n"
    assert visitor.listening
    visitor.close()
    async with asyncio.timeout(2):
        rest = [frame async for frame in frames]
    assert set(rest) <= {b": still here\n\n"}
    assert not visitor.listening
