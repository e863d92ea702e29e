"""The sample bodies of tests/fixtures/payloads, their secrets, and how to sign others."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from webhooks.base import Account

FOLDER = Path(__file__).parent.parent / "fixtures" / "payloads"
SIGNATURES: Mapping[str, Any] = json.loads((FOLDER / "_signatures.json").read_text("utf-8"))

APP_ID = SIGNATURES["zalo_app_id"]
OA_ID = SIGNATURES["zalo_oa_id"]
OA_SECRET = SIGNATURES["zalo_oa_secret_key"]
PAGE_ID = SIGNATURES["fb_page_id"]
FB_APP_ID = str(SIGNATURES["fb_app_id"])
FB_SECRET = SIGNATURES["fb_app_secret"]
VERIFY_TOKEN = "verify-me"

ZALO_USER = "7300000000000000003"
FB_USER = "7392000000000001"

OA = Account("zalo", OA_ID, {"app_id": APP_ID, "oa_secret_key": OA_SECRET})
PAGE = Account(
    "messenger",
    PAGE_ID,
    {"app_id": FB_APP_ID, "app_secret": FB_SECRET, "verify_token": VERIFY_TOKEN},
)


def payload(name: str) -> bytes:
    """The exact bytes of the one sample whose file name starts so."""
    (path,) = FOLDER.glob(f"{name}*.json")
    return path.read_bytes()


def headers(name: str) -> dict[str, str]:
    """The header values that belong to a sample's bytes."""
    (vector,) = (v for v in SIGNATURES["vectors"] if v["file"].startswith(name))
    return dict(vector["headers"])


def samples(platform: str) -> list[str]:
    """File names of all samples of a platform: "zalo", "fb", "zbot"."""
    return [
        v["file"].removesuffix(".json") for v in SIGNATURES["vectors"] if v["platform"] == platform
    ]


def sign_zalo(raw: bytes, stamp: str, *, app_id: str = APP_ID, secret: str = OA_SECRET) -> str:
    """The mac that Zalo would send, without its prefix."""
    return hashlib.sha256(app_id.encode() + raw + stamp.encode() + secret.encode()).hexdigest()


def zalo_headers(raw: bytes, stamp: str = "") -> dict[str, str]:
    """Headers for a made-up Zalo body; `stamp` as in the body."""
    return {"X-ZEvent-Signature": f"mac={sign_zalo(raw, stamp)}"}


def messenger_headers(raw: bytes, secret: str = FB_SECRET) -> dict[str, str]:
    """Headers for a made-up Messenger body."""
    mac = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={mac}"}
