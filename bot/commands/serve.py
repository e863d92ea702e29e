"""`bot serve`: the service."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import click

from bot.config import load_settings
from bot.config_schema import Settings
from bot.errors import BotError


@click.command()
@click.option("--host", help="address to listen on (server.host)")
@click.option("--port", type=int, help="port to listen on (server.port)")
@click.option("--roles", help="web,worker,sender or some of them (server.roles)")
def serve(host: str | None, port: int | None, roles: str | None) -> None:
    """Run the service until it is told to stop (Ctrl+C or SIGTERM)."""
    given: dict[str, Any] = {"server.host": host, "server.port": port, "server.roles": roles}
    settings = load_settings(overrides={k: v for k, v in given.items() if v is not None})
    try:
        asyncio.run(_run(settings))
    except OSError as error:
        where = f"{settings.server.host}:{settings.server.port}"
        raise BotError(
            f"Cannot listen on {where}: {error.strerror}. Stop the other program, or choose "
            "another port with --port or BOT__SERVER__PORT."
        ) from error


async def _run(settings: Settings) -> None:
    from bot.app import Service

    service = Service(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await service.start()
    if service.simulator_address:
        click.echo(f"Simulator: {service.simulator_address}")
    if service.address:
        click.echo(f"Service:   {service.address} (stop with Ctrl+C)")
    await stop.wait()
    await service.stop()
