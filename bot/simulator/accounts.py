"""The simulator's own accounts: random at every start, kept in memory only."""

from __future__ import annotations

import ipaddress
import secrets

from webhooks.base import Account

PREFIX = "/simulator"


def digits(length: int) -> str:
    """A random id of so many decimal digits, never starting with 0 (as platform ids look)."""
    return str(10 ** (length - 1) + secrets.randbelow(9 * 10 ** (length - 1)))


def simulator_accounts() -> dict[str, Account]:
    """One made-up account per channel, by channel name.

    Ids have the platforms' shapes; secrets and tokens come from the system's random source
    and exist nowhere else, so nobody outside this process can sign for these accounts.
    """
    return {
        "zalo": Account(
            channel="zalo",
            id=digits(19),
            secrets={
                "app_id": digits(19),
                "oa_secret_key": secrets.token_urlsafe(24),
                "access_token": secrets.token_urlsafe(48),
                # No refresh token and no app secret: nothing to store as a pair, and nothing
                # with which the real token API could ever be called.
            },
        ),
        "messenger": Account(
            channel="messenger",
            id=digits(15),
            secrets={
                "app_id": digits(15),
                "app_secret": secrets.token_hex(16),
                "verify_token": secrets.token_urlsafe(24),
                "page_access_token": "SIM" + secrets.token_urlsafe(64),
            },
        ),
    }


def loopback_url(host: str, port: int) -> str:
    """The address under which this process reaches itself, without a trailing slash.

    `host` and `port` are those the server listens on. A wildcard address is reached through
    loopback of the same family; any other address is used as it is.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host or "127.0.0.1"
    else:
        if address.is_unspecified:
            name = "127.0.0.1" if address.version == 4 else "[::1]"
        else:
            name = host if address.version == 4 else f"[{host}]"
    return f"http://{name}:{port}"


def base_urls(host: str, port: int) -> dict[str, str]:
    """Where the simulator's accounts send, by channel name, without a trailing slash.

    Stands in for `channels.zalo.api_base` and `channels.messenger.graph_base`; the sender
    appends the same paths as for the real platforms.
    """
    base = loopback_url(host, port)
    return {channel: f"{base}{PREFIX}/platform/{channel}" for channel in ("zalo", "messenger")}
