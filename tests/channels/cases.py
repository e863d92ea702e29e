"""Every channel with what the contract tests need to know about it.

A new channel joins by one more entry in `CASES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from bot.errors import AccountTrouble, SendError, TokenRefused
from tests.channels import vectors
from tests.channels.vectors import OA, PAGE
from tests.fake_platform import MESSENGER_SEND, ZALO_SEND
from webhooks.base import Account, Channel
from webhooks.http import Http
from webhooks.messenger import MessengerChannel
from webhooks.zalo import ZaloChannel


@dataclass(frozen=True)
class Case:
    """A channel with its samples and where it sends."""

    platform: str
    account: Account
    build: Callable[[list[Account], Http, str], Channel]
    sign: Callable[[bytes], dict[str, str]]
    endpoint: str
    user: str
    token: str
    bad_token: type[SendError]


CASES = {
    "zalo": Case(
        "zalo",
        OA,
        lambda accounts, http, url: ZaloChannel(
            accounts, http=http, api_base=url, timeout_seconds=0.3
        ),
        vectors.zalo_headers,
        ZALO_SEND,
        vectors.ZALO_USER,
        "zalo-token",
        TokenRefused,
    ),
    "messenger": Case(
        "fb",
        PAGE,
        lambda accounts, http, url: MessengerChannel(
            accounts, http=http, graph_base=url, timeout_seconds=0.3
        ),
        vectors.messenger_headers,
        MESSENGER_SEND,
        vectors.FB_USER,
        "page-token",
        AccountTrouble,
    ),
}


def no_http() -> aiohttp.ClientSession:
    raise AssertionError("verify and parse must not call anybody")


def offline(name: str, *, on: bool = True) -> Channel:
    case = CASES[name]
    return case.build([case.account] if on else [], no_http, "http://nowhere.invalid")
