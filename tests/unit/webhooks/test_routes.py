"""The webhook paths on a real server: what a platform hears, and when."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
from collections.abc import AsyncIterator, Mapping

import aiohttp
import pytest
from structlog.testing import capture_logs

from tests.channels.desk import Desk, address, serve
from tests.channels.vectors import (
    FB_SECRET,
    OA,
    OA_SECRET,
    PAGE,
    VERIFY_TOKEN,
    headers,
    messenger_headers,
    payload,
    samples,
    zalo_headers,
)
from webhooks import routes
from webhooks.base import Account

LIMIT = 4 * 1024 * 1024


async def post(
    http: aiohttp.ClientSession, channel: str, raw: object, sent: Mapping[str, str] | None = None
) -> tuple[int, str]:
    async with http.post(f"/webhooks/{channel}", data=raw, headers=sent) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize(
    ("channel", "sample"),
    [("zalo", s) for s in samples("zalo")] + [("messenger", s) for s in samples("fb")],
)
async def test_every_sample(
    channel: str, sample: str, http: aiohttp.ClientSession, desk: Desk
) -> None:
    status, text = await post(http, channel, payload(sample), headers(sample))
    if sample.endswith(".invalid"):
        assert (status, desk.results) == (400, [(channel, "bad_body")])
    elif sample == "zalo_46_other_app_id":
        assert (status, desk.results) == (401, [(channel, "bad_signature")])
    elif sample == "zalo_32_url_probe_empty_object":
        assert (status, desk.results, desk.parsed) == (200, [(channel, "probe")], [])
    else:
        assert (status, text, desk.woken) == (200, "EVENT_RECEIVED", 1)
        assert desk.results == [(channel, "accepted")]
        assert len(desk.parsed) == 1


@pytest.mark.parametrize(("channel", "status"), [("zalo", 401), ("messenger", 403)])
async def test_bad_signature_parses_nothing(
    channel: str, status: int, http: aiohttp.ClientSession, desk: Desk
) -> None:
    sample = "zalo_01" if channel == "zalo" else "fb_01"
    with capture_logs() as lines:
        for sent in ({}, {k: v[:-1] + "x" for k, v in headers(sample).items()}):
            assert (await post(http, channel, payload(sample), sent))[0] == status
    assert not desk.parsed
    assert len(lines) == 2
    assert OA_SECRET not in str(lines)
    assert FB_SECRET not in str(lines)
    assert all("ignature" in line["reason"] for line in lines)


async def test_the_answer_waits_for_the_commit(http: aiohttp.ClientSession, desk: Desk) -> None:
    desk.gate = asyncio.Event()
    call = asyncio.create_task(post(http, "messenger", payload("fb_01"), headers("fb_01")))
    await asyncio.sleep(0.1)
    assert not call.done()
    desk.gate.set()
    assert (await call)[0] == 200
    assert len(desk.parsed) == 1


@pytest.mark.parametrize(("channel", "sample"), [("zalo", "zalo_01"), ("messenger", "fb_01")])
async def test_store_down_is_503(
    channel: str, sample: str, http: aiohttp.ClientSession, desk: Desk
) -> None:
    desk.broken = True
    with capture_logs():
        assert (await post(http, channel, payload(sample), headers(sample)))[0] == 503
    assert (desk.results, desk.woken) == ([(channel, "store_error")], 0)


async def test_channel_off_is_503_whatever_comes(desk: Desk) -> None:
    runner = await serve(desk, [Account("messenger", PAGE.id, {"app_secret": ""})])
    async with aiohttp.ClientSession(address(runner)) as http:
        for raw in (b"{}", payload("zalo_01")):
            assert (await post(http, "zalo", raw, headers("zalo_01")))[0] == 503
        assert (await post(http, "messenger", b"{}", messenger_headers(b"{}", "")))[0] == 503
        query = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}
        async with http.get("/webhooks/messenger", params=query) as answer:
            assert answer.status == 503
        async with http.post("/webhooks/messenger/data-deletion", data={}) as answer:
            assert answer.status == 503
    await runner.cleanup()
    assert {result for _, result in desk.results} == {"off"}


async def test_identifiers_are_replaced_before_storing(
    http: aiohttp.ClientSession, desk: Desk
) -> None:
    for text in ("Số tôi là 0912345678 ạ", "#0912345678"):
        raw = json.dumps(
            {
                "app_id": OA.secrets["app_id"],
                "sender": {"id": "7"},
                "recipient": {"id": OA.id},
                "event_name": "user_send_text",
                "message": {"text": text, "msg_id": "m1"},
            }
        ).encode()
        assert (await post(http, "zalo", raw, zalo_headers(raw)))[0] == 200
    assert "0912345678" not in str(desk.parsed)
    assert desk.redacted == [{"text:m1": ("SĐT",)}, {"tap:m1": ("SĐT",)}]


@pytest.mark.parametrize("chunked", [False, True])
async def test_size_limit(chunked: bool, http: aiohttp.ClientSession, desk: Desk) -> None:
    fits = b'{"object":"page","entry":[]}'.ljust(LIMIT)

    async def pieces(raw: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(raw), 100_000):
            yield raw[start : start + 100_000]

    for raw, expected in ((fits, 200), (fits + b" ", 413)):
        data = pieces(raw) if chunked else io.BytesIO(raw)
        assert (await post(http, "messenger", data, messenger_headers(raw)))[0] == expected
    assert [r for _, r in desk.results] == ["accepted", "too_large"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"[" * 100_000, 400),
        (b'{"object":"page","entry":' + b"[" * 100_000, 400),
        (b'{"object":"page","entry":"\xff"}', 400),
        (b'{"object":"page","entry":[],"entry":[{}]}', 200),
        (b'{"object":"page","entry":NaN,"event_name":-Infinity}', 200),
        (b'{"object":"page","entry":' + b"7" * 10_000 + b"}", 200),
        (b'{"object":"page","entry":1e999999}', 200),
        (b"\xef\xbb\xbf{}", 400),
        (b"", 400),
        (b"null", 400),
    ],
)
@pytest.mark.parametrize("channel", ["zalo", "messenger"])
async def test_content_never_causes_5xx(
    channel: str, raw: bytes, expected: int, http: aiohttp.ClientSession
) -> None:
    sent = zalo_headers(raw) if channel == "zalo" else messenger_headers(raw)
    assert (await post(http, channel, raw, sent))[0] == expected


async def test_a_compressed_or_broken_transfer_is_4xx(
    http: aiohttp.ClientSession, desk: Desk
) -> None:
    raw = payload("fb_01")
    sent = {**messenger_headers(raw), "Content-Encoding": "gzip"}
    assert (await post(http, "messenger", gzip.compress(raw), sent))[0] == 200
    assert (await post(http, "messenger", b"not gzip at all", sent))[0] == 400
    bomb = gzip.compress(b" " * (LIMIT + 1))
    assert (await post(http, "messenger", bomb, sent))[0] == 413


async def test_a_body_that_never_ends_is_408(
    http: aiohttp.ClientSession, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "BODY_SECONDS", 0.05)

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(0.3)
        yield b"}"

    assert (await post(http, "messenger", slow()))[0] == 408


# -- subscription -------------------------------------------------------------------------


async def test_subscription_echoes_the_challenge(http: aiohttp.ClientSession) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1<b>2"}
    async with http.get("/webhooks/messenger", params=query) as answer:
        assert (answer.status, await answer.read()) == (200, b"1<b>2")
        assert answer.content_type == "text/plain"


@pytest.mark.parametrize(
    "change",
    [
        {"hub.verify_token": "wrong"},
        {"hub.verify_token": ""},
        {"hub.verify_token": None},
        {"hub.mode": "unsubscribe"},
        {"hub.mode": None},
        {"hub.challenge": None},
    ],
)
async def test_subscription_is_refused(
    change: dict[str, str | None], http: aiohttp.ClientSession
) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "4711"}
    sent = {k: v for k, v in {**query, **change}.items() if v is not None}
    async with http.get("/webhooks/messenger", params=sent) as answer:
        assert answer.status == 403
        assert "4711" not in await answer.text()


async def test_zalo_get_is_harmless(http: aiohttp.ClientSession) -> None:
    async with http.get("/webhooks/zalo?hub.challenge=9") as answer:
        assert (answer.status, await answer.text()) == (200, "ok")
