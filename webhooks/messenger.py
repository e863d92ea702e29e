"""Facebook Messenger: signature and events. Sending is in `webhooks.messenger_send`.

One body holds many entries, each with many items; every item becomes exactly one `Event`
or one `Ignored`. Meta's list of item keys keeps growing: an unknown key is counted, never
an error.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from bot.errors import BadSignature, ChannelOff
from bot.models import Parsed
from webhooks.base import Account, Limits, OutPart, Receipt
from webhooks.http import Http
from webhooks.messenger_items import Items
from webhooks.messenger_send import Graph, send_message, send_typing
from webhooks.wire import as_dict, as_id, as_name, load_object

SIGNATURE_HEADER = "X-Hub-Signature-256"


class MessengerChannel:
    """Facebook Pages. Implements `webhooks.base.Channel`.

    Args:
        accounts: the Pages; `secrets` holds "app_secret", "verify_token" and, to tell own
            echoes from others', "app_id". An account without an app secret is left out, so
            that nothing is ever verified against an empty secret.
        http: gives the HTTP client when a message is sent.
        graph_base: address of the Graph API.
        graph_bases: other addresses for single accounts, by id (the simulator's).
        graph_version: its version, for example "v25.0".
        timeout_seconds: wait for an answer to a send.
        window: how long after the citizen's last message a reply may leave.
        missing: names of the missing settings, for the operator.
    """

    name = "messenger"

    def __init__(
        self,
        accounts: Iterable[Account],
        *,
        http: Http,
        graph_base: str = "https://graph.facebook.com",
        graph_bases: Mapping[str, str] = MappingProxyType({}),
        graph_version: str = "v25.0",
        timeout_seconds: float = 10.0,
        window: timedelta = timedelta(hours=24),
        missing: Sequence[str] = (),
    ) -> None:
        self.accounts: Mapping[str, Account] = {
            a.id: a for a in accounts if a.id and a.secrets.get("app_secret")
        }
        self.missing = tuple(missing)
        # 2,000 is customary in an unnamed unit; the rest is a margin.
        self.limits = Limits(text_length=1900, window=window, quick_replies=13)
        self._graph = Graph(http, graph_base, graph_version, timeout_seconds)
        self._graph_bases = graph_bases

    def verify(self, raw: bytes, headers: Mapping[str, str]) -> None:
        """Check HMAC-SHA256 over the raw bytes; the older SHA-1 header counts for nothing.

        Raises:
            ChannelOff: no account is configured.
            BadSignature: the header is missing, malformed, or fits no app secret.
        """
        if not self.accounts:
            raise ChannelOff
        given = headers.get(SIGNATURE_HEADER, "")
        if not given:
            raise BadSignature(f"{SIGNATURE_HEADER} is missing")
        genuine = False
        for secret in {a.secrets["app_secret"] for a in self.accounts.values()}:
            expected = f"sha256={signature(raw, secret)}"
            genuine |= hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
        if not genuine:
            raise BadSignature(f"{SIGNATURE_HEADER} fits no configured app secret")

    def verify_token_fits(self, token: str) -> bool:
        """True when the token of a subscription check is one of ours (never an empty one)."""
        given, fits = token.encode("utf-8", "replace"), False
        for account in self.accounts.values():
            own = account.secrets.get("verify_token", "")
            fits |= bool(own) and hmac.compare_digest(own.encode(), given)
        return fits

    def parse(self, raw: bytes) -> Parsed:
        """Every item of every entry, in body order. Raises `BadBody` without a JSON object."""
        body = load_object(raw)
        items = Items(self.name, self.accounts)
        entries = body.get("entry")
        if body.get("object") != "page":
            items.ignore(as_name(body.get("object")), "not_a_page")
        elif not isinstance(entries, list):
            items.ignore("entry", "malformed")
        else:
            for entry in entries:
                _read_entry(items, as_dict(entry))
        return items.parsed()

    async def send(self, account: Account, user: str, part: OutPart, token: str) -> Receipt:
        """Send one text with quick replies; see `webhooks.messenger_send.send_message`."""
        graph = self._graph_of(account)
        return await send_message(graph, account, user, part, self.limits, token)

    async def typing(self, account: Account, user: str, token: str) -> None:
        """Show the typing sign; see `webhooks.messenger_send.send_typing`."""
        await send_typing(self._graph_of(account), account, user, token)

    def _graph_of(self, account: Account) -> Graph:
        base = self._graph_bases.get(account.id, self._graph.base)
        return replace(self._graph, base=base.rstrip("/"))


def signature(raw: bytes, app_secret: str) -> str:
    """Lower-case hex HMAC-SHA256 of a body under the app secret."""
    mac = _keyed(app_secret).copy()
    mac.update(raw)
    return mac.hexdigest()


@lru_cache(maxsize=64)
def _keyed(app_secret: str) -> hmac.HMAC:
    """The key's half of the work, once. (`hmac.digest` would also let go of the interpreter lock
    for every body, and wait to have it back.)"""
    return hmac.new(app_secret.encode(), digestmod=hashlib.sha256)


def _read_entry(items: Items, entry: Mapping[str, Any]) -> None:
    page = as_id(entry.get("id"))
    lists = [name for name in ("messaging", "standby", "changes") if name in entry]
    if not lists:
        items.ignore("entry", "malformed")
    for name in lists:
        values = entry[name]
        if not isinstance(values, list):
            items.ignore(name, "malformed")
            continue
        for value in values:
            if name == "changes":
                items.ignore(as_name(as_dict(value).get("field")), "page_change")
            else:
                items.read(page, as_dict(value), standby=name == "standby")
