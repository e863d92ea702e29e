"""The composition root: builds every part from the settings, starts, drains and stops them.

    settings, knowledge -> desk        channels, tokens -> lanes
    store -> worker (answers), dispatcher (sends), webhooks (receives)

Start order: knowledge before the store (a service that cannot answer must not acknowledge),
store before the port (an open port means events can be stored). Stop order: port, worker,
sender, store, so that nothing acknowledged is left undone without a row.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import aiohttp
from aiohttp import web

from bot import log_texts, texts
from bot.accounts import default_places, warnings
from bot.commands.common import build_desk, knowledge_folder
from bot.config_schema import Settings
from bot.dialogue import Circumstances, Said
from bot.dispatch import Dispatcher, longest_attempt_seconds
from bot.errors import StoreError
from bot.models import Conversation, Parsed, Reply
from bot.monitor import add_monitor
from bot.privacy import redact
from bot.reload import Reloader
from bot.scope import hotline
from bot.simulator import add_simulator, base_urls, loopback_url, simulator_accounts
from bot.split import split
from bot.store.api import Accepted, Closing, ConversationKey, InboxEvent
from bot.store.sql_store import SqlStore, open_store
from bot.telemetry import Metrics, configure_logging, hide
from bot.tokens import ZaloTokens
from bot.typing_hint import TypingHint
from bot.wiring import build_channels, build_lanes
from bot.worker import Worker, WorkerSettings
from knowledge.loader import SHIPPED, load_or_raise
from knowledge.snapshot import Snapshot
from webhooks.base import Account, Channel
from webhooks.routes import add_routes
from webhooks.zalo_oauth import ZaloOAuth

#: How often messages past their retention are looked for.
RETENTION_SECONDS = 3600.0


class Service:
    """One process of the answer desk. `start`, then `stop`; `address` is where it listens."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.address = ""
        self.simulator_address = ""
        self._desk = build_desk(settings, load_or_raise(knowledge_folder(settings)))
        self._stack = contextlib.AsyncExitStack()
        self._session: aiohttp.ClientSession | None = None
        self._places: dict[tuple[str, str], str] = {}

    # -- life -----------------------------------------------------------------------------
    async def start(self) -> None:
        """Start every role of the settings. Raises a `BotError`; then nothing is left running."""
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise

    async def _start(self) -> None:
        settings = self.settings
        configure_logging(settings.log.level, settings.log.format)
        hide(*settings.secrets.confidential())
        for sentence in warnings(settings):
            log_texts.settings_warning(sentence)
        self._places = self._default_places()
        snapshot = self._desk.snapshot
        self.metrics.set_knowledge(snapshot.hash)
        log_texts.knowledge_loaded(snapshot.hash, len(snapshot.answers))
        # The port is taken first and answered last: a second start fails before it can touch
        # the store, and the simulator knows its own address.
        listener = self._listen()
        host, port = settings.server.host, listener.getsockname()[1] if listener else 0
        self._session = await self._stack.enter_async_context(
            aiohttp.ClientSession(auto_decompress=True, cookie_jar=aiohttp.DummyCookieJar())
        )
        store = await self._open_store()
        simulated = simulator_accounts() if settings.simulator.enabled else {}
        channels = build_channels(settings, self._client, simulated, base_urls(host, port))
        pairs = await self._token_pairs(channels, simulated, store)
        lanes = build_lanes(settings, channels, pairs, simulated)
        hint = TypingHint(store, lanes, self.metrics, settings.delivery.typing_after_seconds)
        self._stack.push_async_callback(hint.stop)
        dispatcher = Dispatcher(store, lanes, settings.delivery, self.metrics, hint=hint)
        if "sender" in settings.server.roles:
            await dispatcher.start()
            self._stack.push_async_callback(dispatcher.stop, settings.server.drain_seconds)
        self._watch()
        worker = self._worker(store, channels, dispatcher)
        if "worker" in settings.server.roles:
            expiring = asyncio.create_task(self._expire(store))
            self._stack.push_async_callback(_cancel, expiring)
            running = asyncio.create_task(worker.run())
            self._stack.push_async_callback(_finish, worker, running)
        if listener:
            await self._serve(listener, store, channels, dispatcher, worker, hint, simulated)
        log_texts.started(host, port, sorted(settings.server.roles), snapshot.hash)

    async def stop(self) -> None:
        """Drain and stop: no new events, what is in flight finishes."""
        log_texts.stopping(self.settings.server.drain_seconds)
        await self._stack.aclose()

    def _watch(self) -> None:
        seconds = self.settings.knowledge.reload_seconds
        if not seconds or "worker" not in self.settings.server.roles:
            return
        folder = knowledge_folder(self.settings) or SHIPPED
        reloader = Reloader(folder, self._desk.snapshot.hash, self.serve_snapshot, seconds)
        self._stack.push_async_callback(_cancel, asyncio.create_task(reloader.run()))

    def serve_snapshot(self, snapshot: Snapshot) -> None:
        """Answer from another snapshot from now on; a turn under way finishes with the old one."""
        self._desk = build_desk(self.settings, snapshot)
        self.metrics.set_knowledge(snapshot.hash)

    # -- parts ----------------------------------------------------------------------------
    def _listen(self) -> socket.socket | None:
        server = self.settings.server
        if "web" not in server.roles:
            return None
        family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
        listener = socket.create_server((server.host, server.port), family=family, backlog=1024)
        self._stack.callback(listener.close)
        return listener

    async def _open_store(self) -> SqlStore:
        settings = self.settings
        store = open_store(
            settings.database_url,
            batch_size=settings.store.batch_size,
            lease_seconds=settings.store.lease_seconds,
            takeover_minutes=settings.conversation.takeover_minutes,
            crash_resend_seconds=settings.delivery.crash_resend_seconds,
            in_flight_seconds=longest_attempt_seconds(settings),
        )
        await store.open()
        self._stack.push_async_callback(store.close)
        return store

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the service has not been started")
        return self._session

    def _default_places(self) -> dict[tuple[str, str], str]:
        """Place ids by (channel, account). Raises `SettingsError` for a name of no place."""
        places = self._desk.snapshot.places.values()
        return default_places(self.settings, self._desk.place_id, [place.name for place in places])

    async def _token_pairs(
        self, channels: Mapping[str, Channel], simulated: Mapping[str, Account], store: SqlStore
    ) -> ZaloTokens:
        zalo = self.settings.channels.zalo
        made_up = {account.id for account in simulated.values()}
        pairs = ZaloTokens(
            store,
            ZaloOAuth(self._client, zalo.oauth_base, zalo.timeout_seconds),
            [a for a in channels["zalo"].accounts.values() if a.id not in made_up],
            ahead=timedelta(minutes=zalo.refresh_ahead_minutes),
            call_seconds=zalo.timeout_seconds,
        )
        self._stack.push_async_callback(pairs.close)
        if "sender" in self.settings.server.roles:
            await pairs.start()
            keeper = asyncio.create_task(pairs.keep_fresh())
            self._stack.push_async_callback(_cancel, keeper)
        return pairs

    def _worker(
        self, store: SqlStore, channels: Mapping[str, Channel], dispatcher: Dispatcher
    ) -> Worker:
        settings = self.settings
        line = hotline(self._desk.snapshot, datetime.now(UTC).date())
        return Worker(
            store,
            self.respond,
            lambda channel, parts, options: cut(channels[channel], parts),
            clock=lambda: datetime.now(UTC),
            settings=WorkerSettings(
                concurrency=settings.worker.concurrency,
                poll_seconds=settings.worker.poll_seconds,
                lease_seconds=settings.store.lease_seconds,
                burst=settings.limits.user_burst,
                refill_seconds=settings.limits.user_refill_seconds,
            ),
            sorry_text=texts.INTERNAL_ERROR.format(hotline=line),
            after_close=dispatcher.wake,
            snapshot=lambda: self._desk.snapshot.hash,
            observe=self._observe,
        )

    async def _serve(
        self,
        listener: socket.socket,
        store: SqlStore,
        channels: Mapping[str, Channel],
        dispatcher: Dispatcher,
        worker: Worker,
        hint: TypingHint,
        simulated: Mapping[str, Account],
    ) -> None:
        settings = self.settings
        host, port = settings.server.host, listener.getsockname()[1]

        async def accept(
            parsed: Parsed, redacted: Mapping[str, tuple[str, ...]], *, channel: str
        ) -> Accepted:
            accepted = await store.accept(parsed, redacted, channel=channel)
            for item in parsed.ignored:
                self.metrics.ignored.labels(channel, item.kind, item.reason).inc()
            for event in parsed.events:
                hint.event_arrived(ConversationKey(event.channel, event.account, event.user))
            return accepted

        app = web.Application()
        add_routes(
            app,
            channels,
            accept,
            redact=redact,
            wake=worker.wake.set,
            observe=lambda name, _result, seconds: self.metrics.webhook_seconds.labels(
                name
            ).observe(seconds),
            deletions=store,
            public_url=settings.server.public_url,
            max_body=settings.server.max_body_bytes,
        )
        add_monitor(app, store, self.metrics, dispatcher.degraded)
        self.address = loopback_url(host, port)
        if simulated:
            add_simulator(app, webhook_base_url=self.address, accounts=simulated)
            self.simulator_address = f"{self.address}/simulator/"
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=2)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listener).start()

    def _observe(self, channel: str, closing: Closing, seconds: float) -> None:
        self.metrics.events.labels(channel, closing.outcome.value).inc()
        self.metrics.answer_seconds.observe(seconds)

    async def _expire(self, store: SqlStore) -> None:
        """Delete what is older than the retention allows, a little at every turn."""
        kept = timedelta(days=self.settings.privacy.retention_days)
        while True:
            try:
                await store.expire(datetime.now(UTC) - kept)
            except StoreError as error:
                log_texts.store_unavailable("retention", error, RETENTION_SECONDS)
            await asyncio.sleep(RETENTION_SECONDS)

    # -- answering --------------------------------------------------------------------------
    def respond(
        self, event: InboxEvent, conversation: Conversation, now: datetime
    ) -> tuple[Reply, Conversation]:
        """The worker's pure function: one stored event -> reply and conversation."""
        said = Said(
            text=event.event.text,
            kind=event.event.kind,
            payload=event.event.payload,
            attachment=event.event.attachment,
            redacted=event.redacted,
        )
        place = self._places.get((event.event.channel, event.event.account), "")
        return self._desk.respond(said, conversation, Circumstances(now=now, place=place))


def cut(channel: Channel, parts: Sequence[str]) -> list[str]:
    """A reply's parts as messages of the channel's size."""
    return split("\n\n".join(parts), channel.limits.text_length) if parts else []


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _finish(worker: Worker, running: asyncio.Task[None]) -> None:
    worker.stop()
    await running
