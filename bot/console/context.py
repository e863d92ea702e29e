"""What every page of the console works with, and how a handler gets at it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from aiohttp import web

from bot.config_schema import Console as ConsoleSettings
from bot.console.signing import Signer
from bot.console.trials import Trials
from bot.dialogue import VIETNAM, Desk
from bot.store.console import ConsoleStore
from bot.store.inbox_view_verbs import ConversationStore
from bot.store.users import Role, Throttle, User
from knowledge.loader import SHIPPED

PREFIX = "/console"
SESSION_COOKIE = "console_session"
#: Of who has not logged in yet: ties the log-in form to this browser.
VISITOR_COOKIE = "console_visitor"


@dataclass(frozen=True, slots=True)
class Console:
    """The parts behind the pages. `desk` gives the present one: knowledge may be reloaded."""

    store: ConsoleStore
    desk: Callable[[], Desk]
    signer: Signer
    settings: ConsoleSettings
    clock: Callable[[], datetime]
    #: True when citizens and staff reach the service by https (`server.public_url`).
    behind_tls: bool = False
    #: True in a local run: the made-up editor may enter.
    local_run: bool = False
    #: A hash takes 64 MiB for its tens of milliseconds: two at once, the others wait.
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    #: How long the bot is silent after a person wrote (`conversation.takeover_minutes`).
    takeover_minutes: float = 60
    #: For how many hours after a citizen's message each channel takes a reply.
    windows: Mapping[str, float] = field(default_factory=dict)
    #: Over which time a rumour is counted (`alarms.spike_minutes`).
    spike_minutes: float = 60

    @property
    def conversations(self) -> ConversationStore:
        """What staff do with conversations."""
        return ConversationStore(self.store.store, self.takeover_minutes)

    #: Changes of the knowledge that are being tried.
    trials: Trials = field(default_factory=Trials)
    #: The knowledge folder of this node.
    folder: Path = SHIPPED

    def today(self) -> date:
        """The day in Việt Nam."""
        return self.clock().astimezone(VIETNAM).date()

    @property
    def throttle(self) -> Throttle:
        """How many failed log-ins are too many."""
        window = round(self.settings.login_window_minutes * 60_000)
        return Throttle(window, self.settings.login_attempts)


CONSOLE = web.AppKey("console", Console)
USER = web.RequestKey("user", User)
#: Token of the session, or of the visitor before it; forms are tied to it.
TOKEN = web.RequestKey("token", str)


def console_of(request: web.Request) -> Console:
    """The parts behind the page."""
    return request.config_dict[CONSOLE]


def user_of(request: web.Request) -> User:
    """Who is logged in. Only public pages are served without a user (see `guard`)."""
    return request[USER]


def csrf_of(request: web.Request) -> str:
    """The CSRF token for the forms of this page."""
    return console_of(request).signer.csrf(request.get(TOKEN, ""))


async def audited(request: web.Request, action: str, subject: str = "", **detail: str) -> None:
    """Write down what the user of this request did."""
    await console_of(request).store.record(user_of(request).name, action, subject, detail)


__all__ = [
    "CONSOLE",
    "PREFIX",
    "SESSION_COOKIE",
    "TOKEN",
    "USER",
    "VISITOR_COOKIE",
    "Console",
    "Role",
    "audited",
    "console_of",
    "csrf_of",
    "user_of",
]
