"""`bot serve`: the service."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from bot.config import load_settings
from bot.config_schema import Settings
from bot.errors import BotError
from bot.interpreter import settle, share_fairly

if TYPE_CHECKING:
    from bot.app import Service


@click.command()
@click.option("--host", help="address to listen on (server.host)")
@click.option("--port", type=int, help="port to listen on (server.port)")
@click.option("--roles", help="web,worker,sender or some of them (server.roles)")
def serve(host: str | None, port: int | None, roles: str | None) -> None:
    """Run the service until it is told to stop (Ctrl+C or SIGTERM)."""
    given: dict[str, Any] = {"server.host": host, "server.port": port, "server.roles": roles}
    settings = load_settings(overrides={k: v for k, v in given.items() if v is not None})
    # Beside a thread that computes, the event loop waits one such interval for its turn.
    share_fairly()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_run(settings))
    except OSError as error:
        where = f"{settings.server.host}:{settings.server.port}"
        raise BotError(
            f"Cannot listen on {where}: {error.strerror}. Stop the other program, or choose "
            "another port with --port or BOT__SERVER__PORT."
        ) from error


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where there is one (not on Windows), else asyncio's own loop."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _run(settings: Settings) -> None:
    from bot.app import Service

    service = Service(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await service.start()
    settle()
    for line in addresses(service):
        click.echo(line)
    await stop.wait()
    await service.stop()


def addresses(service: Service) -> Iterator[str]:
    """What the terminal shows once the service is up.

    The local editor's password stands here only: the log goes to files and other machines, the
    terminal to one person.
    """
    if service.simulator_address:
        yield f"Simulator: {service.simulator_address}"
    console = service.console
    if console.address:
        yield f"Console:   {console.address}"
    if console.local_password:
        yield (
            f"           user {console.local_user}, password {console.local_password} "
            "(for this run, shown once)"
        )
    if service.address:
        yield f"Service:   {service.address} (stop with Ctrl+C)"
