"""Health and metrics of nodes with split roles: each node tells, and tells the same trouble."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.store import open_store
from bot.store.api import AccountState, TokenPair
from tests.channels import vectors
from tests.scenarios.running import run
from tests.small_folder import small_folder
from tests.unit.store.conftest import postgres_only


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def ready(port: int) -> Mapping[str, Any]:
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"http://127.0.0.1:{port}/readyz") as answer,
    ):
        assert answer.status == 200
        return dict(await answer.json())


async def troubled(url: str) -> None:
    """Leave a paused account and a token pair near its end in the store."""
    store = open_store(url, serves=False)
    await store.open()
    now = datetime.now(UTC)
    old = TokenPair("a9", "r9", now + timedelta(hours=20), now - timedelta(days=80))
    await store.save_token_pair("zalo", vectors.OA_ID, old)
    later = now + timedelta(minutes=30)
    await store.pause_account("messenger", vectors.PAGE_ID, AccountState(later, "190", 2))
    await store.close()


@postgres_only
@pytest.mark.parametrize("role", ["web", "worker"])
async def test_a_node_that_does_not_send_tells_of_accounts_and_tokens(
    url: str, tmp_path: Path, role: str
) -> None:
    await troubled(url)
    port = free_port()
    more = {
        "DATABASE_URL": url,
        "BOT__KNOWLEDGE__DIR": small_folder(tmp_path),
        "BOT__SERVER__ROLES": role,
        f"BOT__SERVER__{'PORT' if role == 'web' else 'MONITOR_PORT'}": str(port),
    }
    async with run(tmp_path, **more) as running:
        assert bool(running.service.address) == (role == "web")
        async with asyncio.timeout(10):
            while len((await ready(port))["degraded"]) < 2:  # noqa: ASYNC110 - over HTTP
                await asyncio.sleep(0.05)
        paused, token = (await ready(port))["degraded"]
        assert paused.startswith(f"messenger {vectors.PAGE_ID}: sending is paused (190)")
        assert token.startswith(f"zalo {vectors.OA_ID}: the refresh token ends in 9 days")
        async with aiohttp.ClientSession() as http:
            async with http.get(f"http://127.0.0.1:{port}/metrics") as answer:
                assert "hoidap_token_age_seconds{" in await answer.text()
            status = 405 if role == "web" else 404
            async with http.put(f"http://127.0.0.1:{port}/webhooks/zalo") as answer:
                assert answer.status == status


@postgres_only
async def test_without_a_monitor_port_a_worker_listens_nowhere(url: str, tmp_path: Path) -> None:
    more = {
        "DATABASE_URL": url,
        "BOT__KNOWLEDGE__DIR": small_folder(tmp_path),
        "BOT__SERVER__ROLES": "worker",
    }
    async with run(tmp_path, **more) as running:
        assert running.service.address == ""
