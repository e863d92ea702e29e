"""What the service does about the console at its start."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.config_schema import Console, Secrets, Server, Settings, Simulator
from bot.console import Opened, open_console, passwords
from bot.console.opening import SECRET, is_local_run
from bot.store import ConsoleStore, SqlStore, open_store
from bot.store.users import LOCAL_USER, Role
from tests.small_answers import desk

LONG = {SECRET: "a long random string"}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path}/bot.db")
    await opened.open()
    yield opened
    await opened.close()


def settings(
    *,
    simulator: bool = False,
    host: str = "127.0.0.1",
    secrets: dict[str, str] | None = None,
    **server: Any,
) -> Settings:
    return Settings(
        server=Server(host=host, **server),
        simulator=Simulator(enabled=simulator),
        secrets=Secrets(secrets or {}),
    )


async def opened(store: SqlStore, given: Settings) -> tuple[web.Application, Opened, list[str]]:
    app = web.Application()
    with structlog.testing.capture_logs() as logs:
        result = await open_console(app, given, store, desk, address="http://127.0.0.1:1")
    return app, result, [line["event"] for line in logs]


async def status(app: web.Application, path: str = "/console/login") -> tuple[int, str]:
    async with (
        TestServer(app) as server,
        aiohttp.ClientSession() as http,
        http.get(server.make_url(path)) as answer,
    ):
        return answer.status, await answer.text()


async def test_a_local_run_makes_an_editor_with_a_password_shown_once(store: SqlStore) -> None:
    app, result, logs = await opened(store, settings(simulator=True))
    assert result.address == "http://127.0.0.1:1/console/"
    found = await ConsoleStore(store).password_of(LOCAL_USER)
    assert found is not None
    user, stored = found
    assert (user.role, user.local) == (Role.EDITOR, True)
    assert passwords.fits(result.local_password, stored)
    assert result.local_password not in " ".join(logs)
    assert (await status(app))[0] == 200


async def test_the_next_local_run_has_another_password(store: SqlStore) -> None:
    _, first, _ = await opened(store, settings(simulator=True))
    _, second, _ = await opened(store, settings(simulator=True))
    found = await ConsoleStore(store).password_of(LOCAL_USER)
    assert found is not None
    assert not passwords.fits(first.local_password, found[1])
    assert passwords.fits(second.local_password, found[1])


async def test_elsewhere_no_editor_is_made_up_and_old_ones_are_shut_out(store: SqlStore) -> None:
    await opened(store, settings(simulator=True))
    _, result, _ = await opened(store, settings(secrets=LONG))
    assert result == Opened("http://127.0.0.1:1/console/")
    assert await ConsoleStore(store).password_of(LOCAL_USER) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - nothing listens there
async def test_without_the_secret_it_is_off_and_says_what_is_missing(
    store: SqlStore, host: str
) -> None:
    app, result, logs = await opened(store, settings(host=host))
    assert result == Opened()
    assert any("BOT_SECRET_KEY is missing" in line for line in logs)
    for path in ("/console", "/console/", "/console/login"):
        code, text = await status(app, path)
        assert code == 503
        assert "BOT_SECRET_KEY" in text


async def test_switched_off_it_is_not_there(store: SqlStore) -> None:
    given = settings(simulator=True).model_copy(update={"console": Console(enabled=False)})
    app, result, logs = await opened(store, given)
    assert result == Opened()
    assert logs == []
    assert (await status(app))[0] == 404


@pytest.mark.parametrize(
    ("host", "public_url", "warned"),
    [("0.0.0.0", "", True), ("0.0.0.0", "https://x.vn", False), ("127.0.0.1", "", False)],  # noqa: S104 - same
)
async def test_an_open_address_without_https_is_warned_about(
    store: SqlStore, host: str, public_url: str, warned: bool
) -> None:
    given = settings(host=host, public_url=public_url, secrets=LONG)
    _, _, logs = await opened(store, given)
    assert any("without https" in line for line in logs) is warned


async def test_the_bare_prefix_leads_to_the_page(store: SqlStore) -> None:
    app, _, _ = await opened(store, settings(simulator=True))
    code, text = await status(app, "/console")
    assert code == 200
    assert "Đăng nhập" in text


def test_a_local_run_is_the_simulator_on_a_loopback_host() -> None:
    assert is_local_run(settings(simulator=True))
    assert not is_local_run(settings())
    assert not is_local_run(settings(simulator=True, host="192.168.1.4"))
