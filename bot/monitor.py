"""`/healthz`, `/readyz`, `/metrics`: what an operator's tools ask (outside contract, HTTP)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from aiohttp import web

from bot.errors import StoreError
from bot.store.api import Store
from bot.telemetry import Metrics


def add_monitor(
    app: web.Application, store: Store, metrics: Metrics, degraded: Callable[[], list[str]]
) -> None:
    """Add the three paths. A snapshot is always loaded: the service does not start without."""

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def readyz(_request: web.Request) -> web.Response:
        try:
            await store.ping()
        except StoreError as error:
            return web.json_response({"reasons": [str(error)]}, status=503)
        return web.json_response({"degraded": degraded()})

    async def page(_request: web.Request) -> web.Response:
        # Without a store the depths keep their last values; /readyz says that it is away.
        with contextlib.suppress(StoreError):
            metrics.set_depths(await store.gauges())
        return web.Response(
            body=metrics.render(),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        )

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", page)
