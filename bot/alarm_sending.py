"""How alarms leave: to a webhook (a chat room, a pager) and by e-mail. Never a citizen's words."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from http import HTTPStatus
from typing import Protocol

import aiohttp

from bot.config_schema import Settings
from bot.errors import BotError

SECONDS = 10.0
#: Of `Secrets`: chat services put their key into the address, so the whole of it is one.
WEBHOOK = "ALARM_WEBHOOK_URL"
PASSWORD = "ALARM_SMTP_PASSWORD"  # noqa: S105 - the name of the variable, not its value


class NotTold(BotError):
    """A way of telling alarms did not take them."""


@dataclass(frozen=True, slots=True)
class Message:
    """One alarm, ready to be told."""

    key: str
    kind: str
    title: str
    text: str
    #: ISO time in UTC since when it holds.
    since: str


class Way(Protocol):
    """Something that takes alarms. `name` stands in the store beside what left by it."""

    name: str

    async def tell(self, messages: Sequence[Message], link: str) -> None:
        """Tell these alarms at once. Raises `NotTold`."""


class Webhook:
    """POSTs `{"text", "alarms"}`: chat services show the text, other programs read the list."""

    name = "webhook"

    def __init__(self, http: Callable[[], aiohttp.ClientSession], url: str) -> None:
        self._http = http
        self._url = url

    async def tell(self, messages: Sequence[Message], link: str) -> None:
        """One call for all of them. Raises `NotTold`; the address is in no message."""
        body = {
            "text": plain(messages, link),
            "alarms": [
                {"key": m.key, "kind": m.kind, "title": m.title, "text": m.text, "since": m.since}
                for m in messages
            ],
        }
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        try:
            async with self._http().post(
                self._url, json=body, timeout=timeout, allow_redirects=False
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise NotTold(f"no connection ({type(error).__name__})") from error
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise NotTold(f"http {status}")


@dataclass(frozen=True, slots=True)
class Server:
    """Where and how mail is handed in (settings `alarms.smtp_*`)."""

    host: str
    port: int
    #: starttls, tls or none.
    security: str
    user: str = ""
    password: str = ""


class Mail:
    """One plain mail for all alarms, through the standard library in a thread."""

    name = "email"

    def __init__(self, server: Server, sender: str, to: Sequence[str]) -> None:
        self._server = server
        self._sender = sender
        self._to = list(to)

    async def tell(self, messages: Sequence[Message], link: str) -> None:
        """Hand the mail in. Raises `NotTold`."""
        mail = EmailMessage()
        first = messages[0].title
        more = f" (và {len(messages) - 1} cảnh báo khác)" if len(messages) > 1 else ""
        mail["Subject"] = f"[Hỏi đáp BHYT] {first}{more}"
        mail["From"] = self._sender
        mail["To"] = ", ".join(self._to)
        mail["Date"] = formatdate(localtime=True)
        mail.set_content(plain(messages, link))
        try:
            await asyncio.to_thread(self._hand_in, mail)
        except (OSError, smtplib.SMTPException) as error:
            raise NotTold(f"mail not taken ({type(error).__name__})") from error

    def _hand_in(self, mail: EmailMessage) -> None:
        server = self._server
        context = ssl.create_default_context()
        if server.security == "tls":
            link: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=SECONDS, context=context
            )
        else:
            link = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
        with link:
            if server.security == "starttls":
                link.starttls(context=context)
            if server.user:
                link.login(server.user, server.password)
            link.send_message(mail)


def ways(settings: Settings, http: Callable[[], aiohttp.ClientSession]) -> tuple[Way, ...]:
    """The ways that are set up; none is fine, the console shows alarms anyway."""
    chosen = settings.alarms
    found: list[Way] = []
    if url := settings.secrets.get(WEBHOOK):
        found.append(Webhook(http, url))
    if chosen.email_to:
        server = Server(
            chosen.smtp_host,
            chosen.smtp_port,
            chosen.smtp_security,
            chosen.smtp_user,
            settings.secrets.get(PASSWORD),
        )
        to = [part.strip() for part in chosen.email_to.split(",") if part.strip()]
        found.append(Mail(server, chosen.email_from or to[0], to))
    return tuple(found)


def plain(messages: Sequence[Message], link: str) -> str:
    """All alarms as one plain text, with where to look."""
    parts = [f"{m.title}\n{m.text}".strip() for m in messages]
    if link:
        parts.append(f"Xem tại: {link}")
    return "\n\n".join(parts)
