"""A serving console, and a browser without a screen."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.unit.console.running import PASSWORD, Running


@dataclass
class Answer:
    """What came back."""

    status: int
    path: str
    text: str
    headers: Any

    @property
    def csrf(self) -> str:
        """The token of the page's forms."""
        found = re.search(r'data-csrf="(\w+)"', self.text)
        assert found
        return found[1]

    @property
    def words(self) -> str:
        """The page as read: no tags, single spaces."""
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.text))


@dataclass
class Client:
    """Keeps cookies, follows redirects, and sends the CSRF token it saw last."""

    running: Running
    http: aiohttp.ClientSession
    csrf: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str = "", **how: Any) -> Answer:
        return await self.call("GET", path, **how)

    async def post(self, path: str, data: dict[str, Any], **how: Any) -> Answer:
        """A form, with the token unless `data` has one."""
        return await self.call("POST", path, data={"csrf": self.csrf, **data}, **how)

    async def send(self, path: str, data: Any, **headers: str) -> tuple[int, Any]:
        """A call of the page's script: JSON both ways."""
        own = {"Accept": "application/json", "X-CSRF-Token": self.csrf, **headers}
        async with self.http.post(self.running.url + path, json=data, headers=own) as answer:
            text = await answer.text()
            is_json = answer.content_type == "application/json"
            return answer.status, await answer.json() if is_json else text

    async def call(self, method: str, path: str, **how: Any) -> Answer:
        url = path if path.startswith("http") else self.running.url + path
        async with self.http.request(method, url, **how) as answer:
            text = await answer.text()
            found = Answer(answer.status, answer.url.path_qs, text, answer.headers)
        if 'data-csrf="' in text:
            self.csrf = found.csrf
        return found

    async def log_in(self, name: str = "agent", password: str = PASSWORD, **more: str) -> Answer:
        await self.get("login")
        return await self.post("login", {"name": name, "password": password, **more})


Serve = Callable[..., Awaitable[Client]]


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Serve]:
    """Starts a console with the given differences from the usual; its client has not logged in."""
    async with AsyncExitStack() as stack:

        async def start(**different: Any) -> Client:
            running = await stack.enter_async_context(Running(tmp_path, **different))
            jar = aiohttp.CookieJar(unsafe=True)  # keeps cookies of bare IP addresses
            http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
            return Client(running, http)

        yield start


@pytest.fixture
async def client(serve: Serve) -> Client:
    """The usual console, not logged in."""
    return await serve()
