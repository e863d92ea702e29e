"""What a platform tells a webhook about our own sends: echo, then receipts.

platform.on_accepted = Echoes("http://127.0.0.1:8080", oa=OA, page=PAGE)
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.channels.vectors import messenger_headers, sign_zalo
from tests.fake_platform import ZALO_SEND, Request
from webhooks.base import Account

STAMP = 1_790_000_000_000


@dataclass
class Echoes:
    """Posts the echo of every accepted message, signed, before the send call is answered.

    `statuses` notes what the webhook answered; `receipts` adds delivered and read.
    """

    base_url: str
    oa: Account | None = None
    page: Account | None = None
    receipts: bool = True
    statuses: list[int] = field(default_factory=list)

    async def __call__(self, call: Request, message_id: str) -> None:
        async with aiohttp.ClientSession(self.base_url) as http:
            if call.endpoint == ZALO_SEND and self.oa:
                for event in self._zalo(self.oa, call, message_id):
                    raw = json.dumps(event, ensure_ascii=False).encode()
                    mac = sign_zalo(
                        raw,
                        str(STAMP),
                        app_id=self.oa.secrets["app_id"],
                        secret=self.oa.secrets["oa_secret_key"],
                    )
                    await self._post(http, "zalo", raw, {"X-ZEvent-Signature": f"mac={mac}"})
            elif self.page:
                for item in self._messenger(self.page, call, message_id):
                    entry = {"id": self.page.id, "time": STAMP, "messaging": [item]}
                    raw = json.dumps({"object": "page", "entry": [entry]}).encode()
                    sent = messenger_headers(raw, self.page.secrets["app_secret"])
                    await self._post(http, "messenger", raw, sent)

    async def _post(
        self, http: aiohttp.ClientSession, channel: str, raw: bytes, sent: dict[str, str]
    ) -> None:
        async with http.post(f"/webhooks/{channel}", data=raw, headers=sent) as answer:
            self.statuses.append(answer.status)

    def _zalo(self, oa: Account, call: Request, message_id: str) -> list[dict[str, Any]]:
        common = {"app_id": oa.secrets["app_id"], "timestamp": str(STAMP)}
        to_user = {"sender": {"id": oa.id}, "recipient": {"id": call.user}}
        to_oa = {"sender": {"id": call.user}, "recipient": {"id": oa.id}}
        echo = {
            **common,
            **to_user,
            "event_name": "oa_send_text",
            "message": {"text": call.text, "msg_id": message_id},
        }
        if not self.receipts:
            return [echo]
        return [
            echo,
            {
                **common,
                **to_oa,
                "event_name": "user_received_message",
                "message": {"msg_id": message_id},
            },
            {
                **common,
                **to_oa,
                "event_name": "user_seen_message",
                "message": {"msg_ids": [message_id]},
            },
        ]

    def _messenger(self, page: Account, call: Request, message_id: str) -> list[dict[str, Any]]:
        to_user = {"sender": {"id": page.id}, "recipient": {"id": call.user}, "timestamp": STAMP}
        to_page = {"sender": {"id": call.user}, "recipient": {"id": page.id}, "timestamp": STAMP}
        message: dict[str, Any] = {"mid": message_id, "is_echo": True, "text": call.text}
        message["app_id"] = int(page.secrets["app_id"])
        if "metadata" in call.body["message"]:
            message["metadata"] = call.body["message"]["metadata"]
        echo = {**to_user, "message": message}
        if not self.receipts:
            return [echo]
        return [
            echo,
            {**to_page, "delivery": {"mids": [message_id], "watermark": STAMP}},
            {**to_page, "read": {"watermark": STAMP}},
        ]
