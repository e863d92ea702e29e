"""What the service does about the console at its start: on, off, warned, and a local editor.

local run       simulator on and a loopback host: no secret needed, an editor is made up
anything else   needs BOT_SECRET_KEY; users come from `bot user add`
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from bot import log_texts
from bot.config_schema import Settings, is_loopback
from bot.console import passwords
from bot.console.context import PREFIX, Console
from bot.console.signing import Signer
from bot.console.site import add_console, add_console_off
from bot.dialogue import Desk
from bot.store.console import ConsoleStore
from bot.store.sql_store import SqlStore
from bot.store.users import LOCAL_USER, Role
from bot.telemetry import hide
from knowledge.loader import SHIPPED

SECRET = "BOT_SECRET_KEY"  # noqa: S105 - the name of the variable, not its value


@dataclass(frozen=True, slots=True)
class Opened:
    """Where the console is, and the local editor's password, which is shown once."""

    address: str = ""
    local_user: str = ""
    local_password: str = ""


def is_local_run(settings: Settings) -> bool:
    """True for `make run`: the simulator is on, and only this machine can come in."""
    return settings.simulator.enabled and is_loopback(settings.server.host)


async def open_console(
    app: web.Application,
    settings: Settings,
    store: SqlStore,
    desk: Callable[[], Desk],
    *,
    address: str,
) -> Opened:
    """Mount the console on `app` as the settings allow.

    Args:
        app: the service's application, not yet started.
        settings: of this process.
        store: open.
        desk: gives the desk that serves now.
        address: under which this machine reaches the service.
    """
    if not settings.console.enabled:
        return Opened()
    local = is_local_run(settings)
    secret = settings.secrets.get(SECRET)
    if not secret and not local:
        log_texts.console_off(SECRET)
        add_console_off(app)
        return Opened()
    behind_tls = settings.server.public_url.startswith("https:")
    if not behind_tls and not is_loopback(settings.server.host):
        log_texts.console_without_tls(settings.server.host)
    rows = ConsoleStore(store)
    console = Console(
        store=rows,
        desk=desk,
        # Without the variable log-ins end with the process: right for trying out.
        signer=Signer(secret or secrets.token_hex(32)),
        settings=settings.console,
        clock=lambda: datetime.now(UTC),
        behind_tls=behind_tls,
        local_run=local,
        folder=Path(settings.knowledge.dir) if settings.knowledge.dir else SHIPPED,
        takeover_minutes=settings.conversation.takeover_minutes,
        windows={
            "zalo": settings.channels.zalo.window_hours,
            "messenger": settings.channels.messenger.window_hours,
        },
        spike_minutes=settings.alarms.spike_minutes,
    )
    add_console(app, console)
    log_texts.console_on(f"{address}{PREFIX}/")
    if not local:
        await rows.disable_local_users()
        return Opened(f"{address}{PREFIX}/")
    password = passwords.generated()
    hide(password)  # whatever happens, no log line shows it
    hashed = await asyncio.to_thread(passwords.hashed, password)
    await rows.put_user(LOCAL_USER, Role.EDITOR, hashed, actor="cli", local=True)
    return Opened(f"{address}{PREFIX}/", LOCAL_USER, password)
