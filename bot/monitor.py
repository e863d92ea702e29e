"""`/healthz`, `/readyz`, `/metrics`: what an operator's tools ask (outside contract, HTTP)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from aiohttp import web

from bot.errors import StoreError
from bot.store.api import AccountState, Store
from bot.switches import Off
from bot.telemetry import Metrics


def add_monitor(
    app: web.Application,
    store: Store,
    metrics: Metrics,
    degraded: Callable[[], list[str]],
    *,
    sends: bool = True,
    off: Callable[[], Off] = Off,
) -> None:
    """Add the three paths. A snapshot is always loaded: the service does not start without.

    Args:
        app: where the paths go.
        store: its depths and token ages are shown; /readyz needs it to take a write.
        metrics: rendered on /metrics.
        degraded: what this process itself knows to be wrong, one sentence each.
        sends: False in a process without the sender role, which knows of paused accounts only
            what the store says.
        off: what an operator has switched off: no trouble, whatever else is wrong with it.
    """

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def readyz(_request: web.Request) -> web.Response:
        try:
            await store.ping()
            elsewhere = [] if sends else paused(await store.paused_accounts())
        except StoreError as error:
            return web.json_response({"reasons": [str(error)]}, status=503)
        return web.json_response({"degraded": still_on([*elsewhere, *degraded()], off())})

    async def page(_request: web.Request) -> web.Response:
        # Without a store the depths keep their last values; /readyz says that it is away.
        with contextlib.suppress(StoreError):
            metrics.set_depths(await store.gauges())
            metrics.set_tokens(await store.token_ages(), datetime.now(UTC))
        return web.Response(
            body=metrics.render(),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        )

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", page)


def still_on(sentences: list[str], off: Off) -> list[str]:
    """The sentences, which begin with "channel account:", about what is not switched off."""
    named = [(sentence.partition(":")[0].partition(" "), sentence) for sentence in sentences]
    return [told for (channel, _, account), told in named if not off.account(channel, account)]


def paused(states: Mapping[tuple[str, str], AccountState]) -> list[str]:
    """One sentence for each account that rests or is being probed."""
    return [
        f"{channel} {account}: sending is paused ({state.reason}), next try "
        f"{state.paused_until:%Y-%m-%d %H:%M:%S} UTC"
        for (channel, account), state in states.items()
        if state.paused_until
    ]
