"""`/healthz`, `/readyz`, `/metrics` by themselves, with a store that may be away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.errors import StoreError
from bot.monitor import add_monitor
from bot.store.api import AccountState, Store, TokenAge
from bot.switches import Off
from bot.telemetry import Metrics


class FakeStore:
    """Answers ping and gauges; `away` makes both fail."""

    def __init__(self) -> None:
        self.away = False
        self.depths: dict[str, float] = {"inbox_open": 3.0, "outbox_dead": 1.0, "strange": 9.0}

    async def ping(self) -> None:
        if self.away:
            raise StoreError("The disk is full.")

    async def token_ages(self) -> tuple[TokenAge, ...]:
        await self.ping()
        now = datetime.now(UTC)
        return (TokenAge("zalo", "22", now - timedelta(hours=1), now + timedelta(hours=24)),)

    async def paused_accounts(self) -> Mapping[tuple[str, str], AccountState]:
        return {("zalo", "22"): AccountState(datetime(2026, 11, 22, tzinfo=UTC), "-219", 2)}

    async def gauges(self) -> Mapping[str, float]:
        await self.ping()
        return self.depths


def build(
    store: FakeStore,
    degraded: list[str],
    *,
    sends: bool = True,
    off: Off = Off(),  # noqa: B008 - immutable
) -> TestClient[web.Request, web.Application]:
    app = web.Application()
    metrics = Metrics()
    metrics.events.labels("zalo", "answered").inc()
    metrics.set_knowledge("abc")
    add_monitor(app, cast(Store, store), metrics, lambda: degraded, sends=sends, off=lambda: off)
    return TestClient(TestServer(app))


async def test_alive_whatever_the_store_does() -> None:
    store = FakeStore()
    async with build(store, []) as client:
        for away in (False, True):
            store.away = away
            answer = await client.get("/healthz")
            assert answer.status == 200
            assert await answer.json() == {"status": "alive"}


async def test_ready_when_events_can_be_stored() -> None:
    async with build(FakeStore(), []) as client:
        answer = await client.get("/readyz")
        assert answer.status == 200
        assert await answer.json() == {"degraded": []}


async def test_not_ready_without_a_store() -> None:
    store = FakeStore()
    async with build(store, ["zalo/1 is paused"]) as client:
        store.away = True
        answer = await client.get("/readyz")
        assert answer.status == 503
        assert await answer.json() == {"reasons": ["The disk is full."]}
        store.away = False
        assert (await client.get("/readyz")).status == 200


async def test_other_trouble_is_degraded_but_ready() -> None:
    async with build(FakeStore(), ["zalo/1 is paused: -204"]) as client:
        answer = await client.get("/readyz")
        assert answer.status == 200
        assert await answer.json() == {"degraded": ["zalo/1 is paused: -204"]}


async def test_a_process_that_does_not_send_tells_of_pauses_all_the_same() -> None:
    async with build(FakeStore(), ["a token ends"], sends=False) as client:
        answer = await client.get("/readyz")
        assert answer.status == 200
        paused, token = (await answer.json())["degraded"]
        assert paused == "zalo 22: sending is paused (-219), next try 2026-11-22 00:00:00 UTC"
        assert token == "a token ends"


@pytest.mark.parametrize("target", ["zalo", "zalo:22"])
async def test_what_is_switched_off_is_no_trouble(target: str) -> None:
    told = ["zalo 22: the refresh token ends in 3 days", "messenger 33: sending is paused (190)"]
    off = Off(frozenset({target}))
    async with build(FakeStore(), told, sends=False, off=off) as client:
        assert (await (await client.get("/readyz")).json())["degraded"] == told[1:]


async def test_metrics_show_how_old_the_tokens_are() -> None:
    async with build(FakeStore(), []) as client:
        page = await (await client.get("/metrics")).text()
        age = page.partition('hoidap_token_age_seconds{account="22",channel="zalo"} ')[2]
        assert 3600 <= float(age.split()[0]) < 3700


async def test_metrics_are_prometheus_text_with_fresh_depths() -> None:
    store = FakeStore()
    async with build(store, []) as client:
        answer = await client.get("/metrics")
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        page = await answer.text()
        assert "hoidap_inbox_open 3.0" in page
        assert 'hoidap_events_total{channel="zalo",outcome="answered"} 1.0' in page
        assert 'hoidap_knowledge_info{hash="abc"} 1.0' in page
        assert "strange" not in page
        store.depths["inbox_open"] = 0.0
        assert "hoidap_inbox_open 0.0" in await (await client.get("/metrics")).text()


async def test_metrics_answer_without_a_store() -> None:
    store = FakeStore()
    async with build(store, []) as client:
        await client.get("/metrics")
        store.away = True
        answer = await client.get("/metrics")
        assert answer.status == 200
        assert "hoidap_inbox_open 3.0" in await answer.text()


async def test_only_get() -> None:
    async with build(FakeStore(), []) as client:
        for path in ("/healthz", "/readyz", "/metrics"):
            assert (await client.post(path)).status == 405
