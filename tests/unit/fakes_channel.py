"""A channel and a token source that record what sending asks of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.models import Parsed
from webhooks.base import Account, Limits, OutPart, Receipt

ZALO = Account("zalo", "22", {"app_id": "11", "app_secret": "s", "oa_secret_key": "k"})


class FakeChannel:
    """Records what was sent; `answer` decides, per part and token, by raising or not."""

    limits = Limits(text_length=2000, window=timedelta(hours=48))
    missing: tuple[str, ...] = ()

    def __init__(self, *accounts: Account, name: str = "zalo") -> None:
        self.name = name
        self._accounts = {a.id: a for a in accounts or (ZALO,)}
        self.sent: list[tuple[str, OutPart, str]] = []
        self.typed: list[str] = []
        self.answer: Callable[[OutPart, str], None] = lambda part, token: None
        self.gate = asyncio.Event()
        self.gate.set()
        self.most_at_once = 0
        self._now = 0

    @property
    def accounts(self) -> Mapping[str, Account]:
        return self._accounts

    @property
    def texts(self) -> list[str]:
        return [part.text for _, part, _ in self.sent]

    def verify(self, raw: bytes, headers: Mapping[str, str]) -> None:
        raise NotImplementedError

    def parse(self, raw: bytes) -> Parsed:
        raise NotImplementedError

    async def send(self, account: Account, user: str, part: OutPart, token: str) -> Receipt:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        self.sent.append((user, part, token))
        try:
            await self.gate.wait()
            await asyncio.sleep(0)
            self.answer(part, token)
        finally:
            self._now -= 1
        return Receipt(f"m{len(self.sent)}")

    async def typing(self, account: Account, user: str, token: str) -> None:
        self.typed.append(user)
        self.answer(OutPart(""), token)


class FakeTokens:
    """Hands out t1, t2, … ; `trouble` is raised instead when set."""

    def __init__(self) -> None:
        self.number = 1
        self.trouble: Exception | None = None
        self.refreshes: list[str] = []

    async def token(self, account: Account) -> str:
        if self.trouble:
            raise self.trouble
        return f"t{self.number}"

    async def refresh(self, account: Account, refused: str) -> str:
        self.refreshes.append(refused)
        if self.trouble:
            raise self.trouble
        self.number += 1
        return f"t{self.number}"

    def degraded(self) -> list[str]:
        return []
