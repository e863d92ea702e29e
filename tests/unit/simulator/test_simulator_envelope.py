"""Bodies and signatures of the simulator, held against the platforms' published formulas."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from bot.models import EventKind
from bot.simulator.accounts import base_urls, loopback_url, simulator_accounts
from bot.simulator.envelope import Action, ActionKind, Person, Webhook, wrap
from webhooks.base import Account
from webhooks.messenger import MessengerChannel
from webhooks.zalo import ZaloChannel

PERSON = Person(id="7300000000000000003", id_by_app="5500000000000000004")
NOW_MS = 1_790_000_000_000
TEXT = "Thẻ BHYT hết hạn 31/12? 👶🏽"


@pytest.fixture
def accounts() -> dict[str, Account]:
    return simulator_accounts()


def _wrap(accounts: dict[str, Account], channel: str, action: Action) -> Webhook:
    return wrap(accounts[channel], PERSON, action, now_ms=NOW_MS)


def _messaging(webhook: Webhook) -> dict[str, Any]:
    body = json.loads(webhook.body)
    assert body["object"] == "page"
    [entry] = body["entry"]
    [event] = entry["messaging"]
    assert isinstance(event, dict)
    return event


def test_zalo_text_has_the_documented_envelope(accounts: dict[str, Account]) -> None:
    webhook = _wrap(accounts, "zalo", Action(ActionKind.TEXT, TEXT))
    body = json.loads(webhook.body)
    message_id = body["message"].pop("msg_id")
    assert message_id
    assert body == {
        "app_id": accounts["zalo"].secrets["app_id"],
        "sender": {"id": PERSON.id},
        "user_id_by_app": PERSON.id_by_app,
        "recipient": {"id": accounts["zalo"].id},
        "event_name": "user_send_text",
        "message": {"text": TEXT},
        "timestamp": "1790000000000",
    }
    assert webhook.path == "/webhooks/zalo"


def test_zalo_signature_is_plain_sha256_of_the_four_parts(accounts: dict[str, Account]) -> None:
    webhook = _wrap(accounts, "zalo", Action(ActionKind.TEXT, TEXT))
    secrets = accounts["zalo"].secrets
    parts = [secrets["app_id"], webhook.body.decode(), "1790000000000", secrets["oa_secret_key"]]
    expected = "mac=" + hashlib.sha256("".join(parts).encode()).hexdigest()
    assert webhook.headers["X-ZEvent-Signature"] == expected


def test_messenger_body_is_escaped_as_meta_escapes_it(accounts: dict[str, Account]) -> None:
    webhook = _wrap(accounts, "messenger", Action(ActionKind.TEXT, TEXT))
    assert webhook.body.isascii()
    assert b"Th\\u1ebb BHYT h\\u1ebft h\\u1ea1n 31\\/12? \\ud83d\\udc76" in webhook.body
    event = _messaging(webhook)
    assert event["message"].pop("mid").startswith("m_")
    assert event == {
        "sender": {"id": PERSON.id},
        "recipient": {"id": accounts["messenger"].id},
        "timestamp": NOW_MS,
        "message": {"text": TEXT},
    }


def test_messenger_signature_is_hmac_of_the_raw_body(accounts: dict[str, Account]) -> None:
    webhook = _wrap(accounts, "messenger", Action(ActionKind.TEXT, TEXT))
    key = accounts["messenger"].secrets["app_secret"].encode()
    expected = "sha256=" + hmac.new(key, webhook.body, hashlib.sha256).hexdigest()
    assert webhook.headers["X-Hub-Signature-256"] == expected


def test_a_messenger_tap_carries_title_and_payload(accounts: dict[str, Account]) -> None:
    action = Action(ActionKind.TAP, "Nộp ở đâu", "answer:noi-nop")
    message = _messaging(_wrap(accounts, "messenger", action))["message"]
    assert (message["text"], message["quick_reply"]) == (
        "Nộp ở đâu",
        {"payload": "answer:noi-nop"},
    )


def test_a_zalo_tap_arrives_as_its_payload(accounts: dict[str, Account]) -> None:
    webhook = _wrap(accounts, "zalo", Action(ActionKind.TAP, "Nộp ở đâu", "#noi-nop"))
    assert json.loads(webhook.body)["message"]["text"] == "#noi-nop"


def test_first_contact(accounts: dict[str, Account]) -> None:
    action = Action(ActionKind.START)
    zalo = json.loads(_wrap(accounts, "zalo", action).body)
    assert (zalo["event_name"], zalo["user_id"]) == ("user_click_chatnow", PERSON.id)
    assert "sender" not in zalo
    postback = _messaging(_wrap(accounts, "messenger", action))["postback"]
    assert postback["payload"] == "GET_STARTED"


@pytest.mark.parametrize("kind", [ActionKind.STICKER, ActionKind.IMAGE, ActionKind.AUDIO])
def test_attachments_name_their_type_and_nothing_that_could_be_fetched(
    accounts: dict[str, Account], kind: ActionKind
) -> None:
    zalo = json.loads(_wrap(accounts, "zalo", Action(kind)).body)
    assert zalo["event_name"] == f"user_send_{kind}"
    [attachment] = zalo["message"]["attachments"]
    assert attachment["type"] == kind
    [other] = _messaging(_wrap(accounts, "messenger", Action(kind)))["message"]["attachments"]
    assert other["type"] == kind
    for url in (attachment["payload"]["url"], other["payload"]["url"]):
        assert url.startswith("https://simulator.invalid/")


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (Action(ActionKind.TEXT, TEXT), EventKind.TEXT),
        (Action(ActionKind.STICKER), EventKind.ATTACHMENT),
        (Action(ActionKind.IMAGE), EventKind.ATTACHMENT),
        (Action(ActionKind.AUDIO), EventKind.ATTACHMENT),
        (Action(ActionKind.START), EventKind.WELCOME),
    ],
)
def test_the_real_channels_accept_every_action(
    accounts: dict[str, Account], action: Action, kind: EventKind
) -> None:
    def no_http() -> Any:
        raise AssertionError("nothing is sent here")

    for channel in (
        ZaloChannel([accounts["zalo"]], http=no_http),
        MessengerChannel([accounts["messenger"]], http=no_http),
    ):
        webhook = _wrap(accounts, channel.name, action)
        channel.verify(webhook.body, webhook.headers)
        [event] = channel.parse(webhook.body).events
        assert (event.user, event.kind) == (PERSON.id, kind)
        if kind is EventKind.TEXT:
            assert event.text == TEXT


def test_accounts_are_new_at_every_start_and_hide_their_secrets() -> None:
    first, second = simulator_accounts(), simulator_accounts()
    for channel in ("zalo", "messenger"):
        assert first[channel].id != second[channel].id
        assert set(first[channel].secrets.values()).isdisjoint(second[channel].secrets.values())
        for secret in first[channel].secrets.values():
            assert secret
            assert secret not in repr(first[channel])


def test_the_zalo_account_has_nothing_to_refresh_with() -> None:
    assert simulator_accounts()["zalo"].secrets.keys() == {
        "app_id",
        "oa_secret_key",
        "access_token",
    }


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),  # noqa: S104 - the wildcard a server listens on
        ("", "http://127.0.0.1:8080"),
        ("::", "http://[::1]:8080"),
        ("::1", "http://[::1]:8080"),
        ("localhost", "http://localhost:8080"),
    ],
)
def test_loopback_url(host: str, expected: str) -> None:
    assert loopback_url(host, 8080) == expected
    assert base_urls(host, 8080)["zalo"] == f"{expected}/simulator/platform/zalo"
