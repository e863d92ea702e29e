"""Looks for alarms every minute, keeps them in the store, and tells each of them once.

    store facts + served snapshot -> bot.alarm_rules -> bot.store.alarms -> console, webhook, e-mail

Every worker process looks; the rows in the store make that one alarm, told once between them. A
way that does not take an alarm is tried again at growing intervals; the others go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from bot import log_texts
from bot.alarm_rules import Rules, judge
from bot.alarm_sending import Message, NotTold, Way
from bot.alarm_words import told
from bot.config_schema import Alarms as AlarmSettings
from bot.errors import StoreError
from bot.handover import Hours
from bot.store import alarms as kept
from bot.store.alarms import Facts, Notice
from bot.store.sql_store import SqlStore
from bot.turn import VIETNAM
from knowledge.snapshot import Snapshot


def rules_of(settings: AlarmSettings) -> Rules:
    """The thresholds of the settings."""
    return Rules(
        spike_questions=settings.spike_questions,
        expires_days=settings.expires_days,
        silence_minutes=settings.silence_minutes,
        silence_hours=Hours.parse(settings.silence_hours),
    )


class Alarms:
    """Looks, keeps and tells until cancelled.

    Args:
        store: open.
        snapshot: gives what is being served now.
        settings: of the section `alarms`.
        channels: gives the channels from which events are expected now.
        ways: how alarms leave beside the console.
        link: the console's page of alarms as staff reach it, "" when unknown.
    """

    def __init__(
        self,
        store: SqlStore,
        snapshot: Callable[[], Snapshot],
        settings: AlarmSettings,
        *,
        channels: Callable[[], Collection[str]] = tuple,
        ways: Sequence[Way] = (),
        link: str = "",
    ) -> None:
        self._store = store
        self._snapshot = snapshot
        self._settings = settings
        self._rules = rules_of(settings)
        self._channels = channels
        self._ways = ways
        self._link = link
        self._since: datetime | None = None

    async def turn(self) -> None:
        """Look once, and tell what is new. Raises `StoreError`."""
        db, settings = self._store.database, self._settings
        channels = tuple(self._channels())
        facts: Facts = await self._store.read(
            lambda conn: kept.facts(
                conn,
                db,
                spike_ms=round(settings.spike_minutes * 60_000),
                channels=channels,
                silence_ms=round(settings.silence_minutes * 60_000),
            )
        )
        self._since = since = self._since or facts.now
        found = await asyncio.to_thread(
            judge, facts, self._snapshot(), self._rules, channels=channels, watched_since=since
        )
        await self._store.write(lambda conn: kept.sync(conn, db, found))
        if self._ways:
            await self._tell()

    async def run(self) -> None:
        """Look until cancelled; a store that is away is asked again at the next turn."""
        while True:
            try:
                await self.turn()
            except StoreError as error:
                log_texts.store_unavailable("alarms", error, self._settings.check_seconds)
            except Exception as error:
                # One rule that fails must not end the watch over all the others.
                log_texts.alarms_broke(error)
            await asyncio.sleep(self._settings.check_seconds)

    async def _tell(self) -> None:
        db = self._store.database
        names = [way.name for way in self._ways]
        new = await self._store.write(lambda conn: kept.claim_unsent(conn, db, names))
        if not new:
            return
        results = await asyncio.gather(*(self._by(way, new) for way in self._ways))
        failed = {key for keys in results for key in keys}
        if failed:
            await self._store.write(lambda conn: kept.again_later(conn, db, failed))

    async def _by(self, way: Way, new: Sequence[Notice]) -> set[str]:
        """Tell what has not left by this way yet; returns the keys that still have not."""
        db = self._store.database
        mine = [notice for notice in new if way.name not in notice.sent]
        keys = {notice.alarm.key for notice in mine}
        if not mine:
            return set()
        try:
            await way.tell([self._message(notice) for notice in mine], self._link)
        except NotTold as error:
            log_texts.alarm_not_told(way.name, str(error))
            return keys
        await self._store.write(lambda conn: kept.sent(conn, db, keys, way.name))
        log_texts.alarms_told(way.name, len(mine))
        return set()

    def _message(self, notice: Notice) -> Message:
        alarm = notice.alarm
        today = datetime.now(UTC).astimezone(VIETNAM).date()
        words = told(alarm, self._snapshot(), today, self._settings.spike_minutes)
        return Message(alarm.key, alarm.kind, words.title, words.text, notice.since.isoformat())
