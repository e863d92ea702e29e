"""Zalo OAuth v4: trading a refresh token (or a log-in code) for a token pair.

A refresh token works once: the answer holds its successor, and the access token before it
dies at once. Failure may come as HTTP 200 with `error` or `error_name`, so only an answer
with two tokens and no error counts. Storing and reuse are the business of `bot.tokens`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp

from bot.errors import Refused, TokenRefused, Unknown
from webhooks.base import Account
from webhooks.http import Http

TOKEN_PATH = "/v4/oa/access_token"  # noqa: S105 - an address
#: Where a person agrees, in a browser (`bot.zalo_login`).
PERMISSION_PATH = "/v4/oa/permission"
#: Life of an access token by the platform's documentation; used when `expires_in` is unusable.
ACCESS_LIFE = timedelta(hours=25)


@dataclass(frozen=True, slots=True)
class Granted:
    """A fresh token pair. `repr` hides the tokens."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: timedelta


class ZaloOAuth:
    """The token API of Zalo.

    Args:
        http: gives the HTTP client when a call is made.
        oauth_base: address of the token API.
        timeout_seconds: longest wait for one answer.
    """

    def __init__(self, http: Http, oauth_base: str, timeout_seconds: float) -> None:
        self._http = http
        self._url = oauth_base + TOKEN_PATH
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)

    async def renew(self, account: Account, refresh_token: str) -> Granted:
        """Trade a refresh token for a new pair.

        Raises:
            TokenRefused: Zalo said no; the refresh token given is as good as before.
            Refused: no connection came about; the refresh token was not used.
            Unknown: no usable answer; the refresh token may be used up.
        """
        return await self._grant(
            account, {"grant_type": "refresh_token", "refresh_token": refresh_token}
        )

    async def exchange(self, account: Account, code: str, verifier: str) -> Granted:
        """Trade the code of a log-in for the first pair, with the verifier behind the
        challenge of its permission URL. Raises as `renew`; a code works once."""
        return await self._grant(
            account,
            {"grant_type": "authorization_code", "code": code, "code_verifier": verifier},
        )

    async def _grant(self, account: Account, form: Mapping[str, str]) -> Granted:
        app_secret = account.secrets.get("app_secret", "")
        if not app_secret:
            raise TokenRefused("the app secret is missing", code="no app secret")
        try:
            async with self._http().post(
                self._url,
                data={"app_id": account.secrets.get("app_id", ""), **form},
                headers={"secret_key": app_secret},
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                return _read(response.status, await response.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Refused(f"no connection: {type(error).__name__}", code="no connection") from None
        except TimeoutError:
            raise Unknown("the token API did not answer in time", code="timeout") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Unknown(f"the call broke off: {type(error).__name__}", code="broken") from None


def _read(status: int, raw: bytes) -> Granted:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Unknown(f"the token API answered HTTP {status} without JSON", code=f"http {status}")
    error, name = body.get("error"), body.get("error_name")
    if error not in (None, 0, "0", "") or name or status != 200:
        # The name is the platform's word for the fault; its description may quote our input.
        said = str(name or error or f"HTTP {status}")
        raise TokenRefused(f"Zalo granted no tokens: {said}", code=said)
    access, refresh = body.get("access_token"), body.get("refresh_token")
    if not (isinstance(access, str) and access and isinstance(refresh, str) and refresh):
        raise TokenRefused("the token API answered without both tokens", code="no tokens")
    return Granted(access, refresh, _life(body.get("expires_in")))


def _life(expires_in: Any) -> timedelta:
    """`expires_in` is seconds, as a string in the documentation and a number elsewhere."""
    try:
        seconds = int(expires_in)
    except (TypeError, ValueError, OverflowError):
        return ACCESS_LIFE
    return timedelta(seconds=seconds) if 0 < seconds < 10**9 else ACCESS_LIFE
