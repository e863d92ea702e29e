"""`/healthz`, `/readyz`, `/metrics` by themselves, with a store that may be away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.errors import StoreError
from bot.monitor import add_monitor
from bot.store.api import Store
from bot.telemetry import Metrics


class FakeStore:
    """Answers ping and gauges; `away` makes both fail."""

    def __init__(self) -> None:
        self.away = False
        self.depths: dict[str, float] = {"inbox_open": 3.0, "outbox_dead": 1.0, "strange": 9.0}

    async def ping(self) -> None:
        if self.away:
            raise StoreError("The disk is full.")

    async def gauges(self) -> Mapping[str, float]:
        await self.ping()
        return self.depths


def build(store: FakeStore, degraded: list[str]) -> TestClient[web.Request, web.Application]:
    app = web.Application()
    metrics = Metrics()
    metrics.events.labels("zalo", "answered").inc()
    metrics.set_knowledge("abc")
    add_monitor(app, cast(Store, store), metrics, lambda: degraded)
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
