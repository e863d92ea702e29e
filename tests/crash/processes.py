"""Real `bot serve` processes: started, killed without warning, started again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.channels import vectors

ROOT = Path(__file__).parents[2]
#: A start loads knowledge and builds its index; on a busy machine that takes a while.
START_SECONDS = 90.0


async def until(condition: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Look until it holds. Raises `TimeoutError` after so many seconds."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - it holds in another process
            await asyncio.sleep(0.05)


def free_port() -> int:
    """A loopback port that nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def environment(database_url: str, platform_url: str, **more: str) -> dict[str, str]:
    """The variables of a service that keeps its rows in `database_url`."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "DATABASE_URL": database_url,
        "BOT_SECRET_KEY": "a key for tests only",
        "ZALO_APP_ID": vectors.APP_ID,
        "ZALO_APP_SECRET": "zalo-app-secret",
        "ZALO_OA_ID": vectors.OA_ID,
        "ZALO_OA_SECRET_KEY": vectors.OA_SECRET,
        "ZALO_ACCESS_TOKEN": "zalo-token",
        "ZALO_REFRESH_TOKEN": "zalo-refresh",
        "MESSENGER_APP_ID": vectors.FB_APP_ID,
        "MESSENGER_APP_SECRET": vectors.FB_SECRET,
        "MESSENGER_VERIFY_TOKEN": vectors.VERIFY_TOKEN,
        "MESSENGER_PAGE_ID": vectors.PAGE_ID,
        "MESSENGER_PAGE_ACCESS_TOKEN": "page-token",
        "BOT__CHANNELS__ZALO__API_BASE": platform_url,
        "BOT__CHANNELS__ZALO__OAUTH_BASE": platform_url,
        "BOT__CHANNELS__MESSENGER__GRAPH_BASE": platform_url,
        "BOT__LOG__LEVEL": "error",
        **more,
    }


@dataclass
class Node:
    """One process of the service; `roles` as in `bot serve --roles`."""

    env: Mapping[str, str]
    port: int
    roles: str = "web,worker,sender"
    command: Sequence[str] = ("-m", "bot")
    log: Path = Path(os.devnull)
    process: asyncio.subprocess.Process | None = field(default=None, init=False)

    @property
    def address(self) -> str:
        """Where it answers: everything with the web role, `/readyz` without."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process id. Raises `RuntimeError` before the start."""
        if self.process is None:
            raise RuntimeError("the process has not been started")
        return self.process.pid

    async def start(self) -> None:
        """Start without waiting until it is ready."""
        arguments = ["serve", "--port", str(self.port), "--roles", self.roles]
        env = dict(self.env)
        if "web" not in self.roles:
            env["BOT__SERVER__MONITOR_PORT"] = str(self.port)
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self.command,
                *arguments,
                cwd=ROOT,
                env=env,
                stdout=log,
                stderr=log,
            )

    async def ready(self) -> None:
        """Wait until events can be stored. Raises `RuntimeError` when the process ends first."""
        async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as http:
            while True:
                if self.process is not None and self.process.returncode is not None:
                    raise RuntimeError(f"the service ended with {self.process.returncode}")
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    async with http.get(f"{self.address}/readyz") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """End the process at once, wherever it is (`kill -9`)."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def terminate(self) -> int:
        """Ask the process to end and wait for it; its exit status."""
        if self.process is None:
            raise RuntimeError("the process has not been started")
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await self.process.wait()


@contextlib.asynccontextmanager
async def running(*nodes: Node) -> AsyncIterator[None]:
    """The nodes started, and killed afterwards whatever happens."""
    try:
        for node in nodes:
            await node.start()
        for node in nodes:
            await node.ready()
        yield
    finally:
        for node in nodes:
            await node.kill()
