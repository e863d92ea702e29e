"""A real server on loopback with the webhook paths."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.channels.desk import Desk, address, serve
from tests.channels.vectors import OA, PAGE


@pytest.fixture
async def desk() -> Desk:
    return Desk()


@pytest.fixture
async def http(desk: Desk) -> AsyncIterator[aiohttp.ClientSession]:
    runner = await serve(desk, [OA, PAGE])
    async with aiohttp.ClientSession(address(runner)) as client:
        yield client
    await runner.cleanup()
