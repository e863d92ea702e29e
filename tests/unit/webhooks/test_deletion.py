"""Meta's data-deletion callback and its status page, on a real server."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging

import aiohttp
import pytest

from tests.channels.desk import Desk, address, serve
from tests.channels.vectors import FB_SECRET, PAGE


def signed_request(
    value: object, secret: str = FB_SECRET, *, padded: bool = False, raw: bytes | None = None
) -> str:
    def encode(data: bytes) -> str:
        text = base64.urlsafe_b64encode(data).decode()
        return text if padded else text.rstrip("=")

    body = encode(json.dumps(value).encode() if raw is None else raw)
    mac = hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest()
    return f"{encode(mac)}.{body}"


REQUEST = {"user_id": "218471", "algorithm": "HMAC-SHA256", "issued_at": 1790000000}


async def ask_deletion(http: aiohttp.ClientSession, signed: str) -> tuple[int, dict[str, str]]:
    path = "/webhooks/messenger/data-deletion"
    async with http.post(path, data={"signed_request": signed}) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize("padded", [False, True])
async def test_deletion_gives_a_code_and_a_page(
    padded: bool, http: aiohttp.ClientSession, desk: Desk
) -> None:
    status, answer = await ask_deletion(http, signed_request(REQUEST, padded=padded))
    code = answer["confirmation_code"]
    assert (status, desk.requests) == (200, {code: ("messenger", "218471")})
    assert answer.keys() == {"url", "confirmation_code"}
    async with http.get(answer["url"]) as page:
        text = await page.text()
        assert (page.status, page.content_type) == (200, "text/html")
        assert "anh/chị" in text
        assert code in text
        assert "218471" not in text


async def test_deletion_url_is_the_public_one(desk: Desk) -> None:
    runner = await serve(desk, [PAGE], "https://hoidap.example.vn/")
    async with aiohttp.ClientSession(address(runner)) as http:
        _, answer = await ask_deletion(http, signed_request(REQUEST))
    await runner.cleanup()
    code = answer["confirmation_code"]
    assert answer["url"] == f"https://hoidap.example.vn/privacy/requests/{code}"


@pytest.mark.parametrize(
    ("signed", "expected"),
    [
        (signed_request(REQUEST, "another-secret"), 403),
        (signed_request({**REQUEST, "algorithm": "HMAC-SHA1"}), 403),
        (signed_request({**REQUEST, "algorithm": None}), 403),
        (signed_request({**REQUEST, "user_id": ""}), 400),
        (signed_request({}, raw=b"[]"), 400),
        (signed_request({}, raw=b"\xff"), 400),
        (signed_request(REQUEST).split(".")[1], 400),
        ("." + signed_request(REQUEST).split(".")[1], 400),
        ("", 400),
        ("é.é", 400),
        ("a.b", 400),
        ("x" * 70_000, 400),
    ],
)
async def test_deletion_refused(
    signed: str, expected: int, http: aiohttp.ClientSession, desk: Desk
) -> None:
    status, answer = await ask_deletion(http, signed)
    assert status == expected
    assert "confirmation_code" not in answer
    assert not desk.requests


async def test_deletion_with_the_store_down(http: aiohttp.ClientSession, desk: Desk) -> None:
    desk.broken = True
    assert (await ask_deletion(http, signed_request(REQUEST)))[0] == 503
    async with http.get("/privacy/requests/abc") as page:
        assert page.status == 503


@pytest.mark.parametrize("code", ["unknown", "%3Cscript%3Ealert(1)%3C%2Fscript%3E", "%00", "é"])
async def test_unknown_code_is_a_kind_404(code: str, http: aiohttp.ClientSession) -> None:
    async with http.get(f"/privacy/requests/{code}") as page:
        text = await page.text()
        assert page.status == 404
        assert "anh/chị" in text.lower()
        assert "<script>" not in text


async def test_access_log_is_not_ours_to_write(caplog: pytest.LogCaptureFixture) -> None:
    # The token of the subscription check and signed requests travel in places that only an
    # access log would show; this package never writes them.
    with caplog.at_level(logging.DEBUG):
        desk = Desk()
        runner = await serve(desk, [PAGE])
        async with aiohttp.ClientSession(address(runner)) as http:
            await ask_deletion(http, "secret-looking.value")
        await runner.cleanup()
    ours = [r for r in caplog.records if not r.name.startswith(("aiohttp", "asyncio"))]
    assert "secret-looking" not in str([r.getMessage() for r in ours])
