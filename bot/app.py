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
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from aiohttp import web

from bot import log_texts, texts
from bot.accounts import default_places, warnings
from bot.alarm_wiring import build_alarms
from bot.answer import prepare
from bot.answerers import Answerers
from bot.builder import build
from bot.commands.common import knowledge_folder, recipe
from bot.config_schema import Settings
from bot.console import Opened, open_console
from bot.dialogue import Circumstances, Desk, Said
from bot.dispatch import Dispatcher, longest_attempt_seconds
from bot.interpreter import settle
from bot.models import Conversation, Parsed, Reply
from bot.monitor import add_monitor
from bot.privacy import redact
from bot.reload import Reloader
from bot.scope import hotline
from bot.simulator import add_simulator, base_urls, loopback_url, simulator_accounts
from bot.split import split
from bot.store.api import Accepted, Closing, ConversationKey, InboxEvent
from bot.store.sql_store import SqlStore, open_store
from bot.switches import Off, Switchboard
from bot.telemetry import Metrics, configure_logging, hide
from bot.tokens import ZaloTokens
from bot.trace import Trace
from bot.typing_hint import TypingHint
from bot.upkeep import Upkeep
from bot.vault import Vault
from bot.wiring import build_channels, build_lanes
from bot.worker import Worker, WorkerSettings
from knowledge.loader import SHIPPED
from knowledge.snapshot import Snapshot
from webhooks.base import Account, Channel
from webhooks.routes import add_routes
from webhooks.zalo_oauth import ZaloOAuth


class Service:
    """One process of the answer desk. `start`, then `stop`; `address` is where it listens."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.address = ""
        self.simulator_address = ""
        self.console = Opened()
        self._desk, self._packed = self._build(knowledge_folder(settings))
        prepare(self._desk.snapshot)
        self._stack = contextlib.AsyncExitStack()
        self._session: aiohttp.ClientSession | None = None
        self._places: dict[tuple[str, str], str] = {}
        self._off: Callable[[], Off] = Off
        self._trace = Trace(settings.secrets.get("BOT_SECRET_KEY"))
        self._answerers = Answerers(settings.worker.processes)

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
        await self._follow_knowledge(store)
        await self._follow_switches(store)
        simulated = simulator_accounts() if settings.simulator.enabled else {}
        settled = await store.settle_simulators([(a.channel, a.id) for a in simulated.values()])
        if settled:
            log_texts.simulators_settled(settled)
        channels = build_channels(settings, self._client, simulated, base_urls(host, port))
        pairs = await self._token_pairs(channels, simulated, store)
        lanes = build_lanes(settings, channels, pairs, simulated)
        hint = TypingHint(store, lanes, self.metrics, settings.delivery.typing_after_seconds)
        self._stack.push_async_callback(hint.stop)
        dispatcher = Dispatcher(
            store, lanes, settings.delivery, self.metrics, hint=hint, trace=self._trace
        )
        if "sender" in settings.server.roles:
            await dispatcher.start()
            self._stack.push_async_callback(dispatcher.stop, settings.server.drain_seconds)
        worker = self._worker(store, channels, dispatcher)
        if "worker" in settings.server.roles:
            self._stack.callback(self._answerers.close)
            await asyncio.to_thread(self._answerers.start, self._desk, self._packed)
            kept = timedelta(days=settings.privacy.retention_days)
            self._stack.push_async_callback(_cancel, asyncio.create_task(Upkeep(store, kept).run()))
            if settings.alarms.check_seconds:
                alarms = build_alarms(
                    settings,
                    store,
                    lambda: self._desk.snapshot,
                    self._client,
                    channels=channels,
                    simulated=simulated,
                    off=lambda: self._off(),
                )
                self._stack.push_async_callback(_cancel, asyncio.create_task(alarms.run()))
            running = asyncio.create_task(worker.run())
            self._stack.push_async_callback(_finish, worker, running)
        self._packed = b""  # as large as the index; the helpers have their copies now
        if listener and "web" not in settings.server.roles:
            app = web.Application()
            sends = "sender" in settings.server.roles
            add_monitor(app, store, self.metrics, dispatcher.degraded, sends=sends, off=self._off)
            await self._run(app, listener)
        elif listener:
            await self._serve(listener, store, channels, dispatcher, worker, hint, simulated)
        log_texts.started(host, port, sorted(settings.server.roles), self._desk.snapshot.hash)

    async def stop(self) -> None:
        """Drain and stop: no new events, what is in flight finishes."""
        log_texts.stopping(self.settings.server.drain_seconds)
        await self._stack.aclose()

    async def _follow_knowledge(self, store: SqlStore) -> None:
        """Serve what is published, now and whenever it changes."""
        folder = knowledge_folder(self.settings) or SHIPPED
        seconds = self.settings.knowledge.reload_seconds
        snapshot = self._desk.snapshot
        reloader = Reloader(store.knowledge, folder, snapshot, self.serve_snapshot, seconds)
        await reloader.start()
        # A pure sender answers nobody, so a change makes no difference to it.
        if seconds and set(self.settings.server.roles) != {"sender"}:
            self._stack.push_async_callback(_cancel, asyncio.create_task(reloader.run()))

    async def _follow_switches(self, store: SqlStore) -> None:
        """Know what an operator has switched off, now and whenever it changes."""
        board = Switchboard(store, changed=lambda off: self.metrics.set_switches(off.targets))
        self._off = lambda: board.off
        await board.look()
        self._stack.push_async_callback(_cancel, asyncio.create_task(board.run()))

    def serve_snapshot(self, snapshot: Snapshot) -> None:
        """Answer from another snapshot from now on; a turn under way finishes with the old one."""
        desk, packed = self._build(snapshot)
        prepare(desk.snapshot)
        self._answerers.serve(desk, packed)
        self._desk = desk
        self.metrics.set_knowledge(snapshot.hash)
        settle()

    def _build(self, knowledge: Snapshot | Path | None) -> tuple[Desk, bytes]:
        return build(recipe(self.settings, knowledge), apart=self.settings.worker.processes > 0)

    # -- parts ----------------------------------------------------------------------------
    def _listen(self) -> socket.socket | None:
        server = self.settings.server
        web_role = "web" in server.roles
        port = server.port if web_role else server.monitor_port
        if not web_role and not port:
            return None
        family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
        listener = socket.create_server((server.host, port), family=family, backlog=1024)
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
            vault=Vault(self.settings.secrets.get("BOT_TOKEN_KEY")),
        )
        self._stack.push_async_callback(pairs.close)
        sends = "sender" in self.settings.server.roles
        if sends:
            await pairs.start()
        keeper = asyncio.create_task(pairs.keep_fresh() if sends else pairs.watch())
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
            trace=self._trace,
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
                self._trace.received(event)
                hint.event_arrived(ConversationKey(event.channel, event.account, event.user))
            return accepted

        app = web.Application()
        add_routes(
            app,
            channels,
            accept,
            redact=redact,
            wake=worker.wake.set,
            observe=self._observe_call,
            off=self._off,
            deletions=store,
            public_url=settings.server.public_url,
            max_body=settings.server.max_body_bytes,
        )
        sends = "sender" in settings.server.roles
        add_monitor(app, store, self.metrics, dispatcher.degraded, sends=sends, off=self._off)
        self.address = loopback_url(host, port)
        if simulated:
            add_simulator(app, webhook_base_url=self.address, accounts=simulated)
            self.simulator_address = f"{self.address}/simulator/"
        self.console = await open_console(
            app, settings, store, lambda: self._desk, address=self.address
        )
        await self._run(app, listener)

    async def _run(self, app: web.Application, listener: socket.socket) -> None:
        """Answer on the listener until the service stops."""
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=2)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listener).start()

    def _observe_call(self, channel: str, result: str, seconds: float) -> None:
        self.metrics.webhook_calls.labels(channel, result).inc()
        self.metrics.webhook_seconds.labels(channel).observe(seconds)

    def _observe(self, channel: str, closing: Closing, seconds: float) -> None:
        self.metrics.events.labels(channel, closing.outcome.value).inc()
        self.metrics.answer_seconds.observe(seconds)

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
        desk = self._desk  # another snapshot may be served from the next turn on
        place = self._places.get((event.event.channel, event.event.account), "")
        place = place if place in desk.snapshot.places else ""
        at = Circumstances(now=now, place=place, topics_off=self._off().topics, meets=True)
        return self._answerers.respond(desk, said, conversation, at)


def cut(channel: Channel, parts: Sequence[str]) -> list[str]:
    """A reply's parts as messages of the channel's size."""
    return split("\n\n".join(parts), channel.limits.text_length) if parts else []


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _finish(worker: Worker, running: asyncio.Task[None]) -> None:
    worker.stop()
    await running
