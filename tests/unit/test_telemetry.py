"""Logs leak nothing and teach; metrics have the promised names."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog

from bot import log_texts, telemetry
from bot.store.api import TokenAge
from bot.telemetry import Metrics, configure_logging, correlation, hide


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers, root.level
    stream = io.StringIO()
    configure_logging("info", "json", stream)
    yield stream
    root.handlers, root.level = before, level
    structlog.reset_defaults()
    telemetry._secret_values.clear()


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_private_fields_secrets_and_identifiers_are_dropped(out: io.StringIO) -> None:
    hide("very-secret-token", "abc")
    log = structlog.get_logger("x")
    log.info(
        "called https://graph/?access_token=very-secret-token abc",
        text="tôi là Nguyễn Văn A",
        user="99887766",
        error="thẻ GD4012345678901, CCCD 024196000123, gọi 0912345678 hay +84912345678",
        account="4318657068771012646",
        nested={"token": "x", "list": ["very-secret-token", 7]},
    )
    (line,) = lines(out)
    assert line["event"] == "called https://graph/?access_token=[hidden] abc"
    assert line["text"] == line["user"] == "[hidden]"
    assert line["error"] == "thẻ [number], CCCD [number], gọi [number] hay [number]"
    assert line["account"] == "4318657068771012646"
    assert line["nested"] == {"token": "[hidden]", "list": ["[hidden]", 7]}


def test_tracebacks_pass_the_same_filter(out: io.StringIO) -> None:
    hide("very-secret-token")
    try:
        raise ValueError("refused very-secret-token of 024196000123")
    except ValueError as error:
        log_texts.send_broke("zalo", 7, error)
    (line,) = lines(out)
    assert "ValueError: refused [hidden] of [number]" in line["exception"]
    assert line["outbox_id"] == 7


def test_library_logs_pass_the_same_filter(out: io.StringIO) -> None:
    hide("very-secret-token")
    logging.getLogger("aiohttp.client").warning("GET /?t=%s", "very-secret-token")
    (line,) = lines(out)
    assert line["event"] == "GET /?t=[hidden]"
    assert line["level"] == "warning"


def test_level_and_console_form(out: io.StringIO) -> None:
    structlog.get_logger("x").debug("not shown")
    assert out.getvalue() == ""
    configure_logging("debug", "console", out)
    structlog.get_logger("x").debug("shown", n=1)
    assert "shown" in out.getvalue()


def test_money_dates_and_document_numbers_stay(out: io.StringIO) -> None:
    structlog.get_logger("x").info("683.100 đồng, 30/11/2023, 2207/BHXH-TST, 1234567890123456")
    assert lines(out)[0]["event"] == ("683.100 đồng, 30/11/2023, 2207/BHXH-TST, 1234567890123456")


def test_correlation_marks_lines_inside_only(out: io.StringIO) -> None:
    log = structlog.get_logger("x")
    with correlation() as name:
        log.info("inside")
    log.info("outside")
    inside, outside = lines(out)
    assert inside["correlation"] == name
    assert "correlation" not in outside


def test_texts_say_what_to_do_next(out: io.StringIO) -> None:
    log_texts.channel_off("zalo", ("ZALO_APP_ID", "ZALO_OA_ID"))
    log_texts.account_paused("zalo", "22", "-223", datetime(2026, 11, 22, tzinfo=UTC))
    off, paused = lines(out)
    assert "set ZALO_APP_ID, ZALO_OA_ID to switch it on" in off["event"]
    assert "Check the token" in paused["event"]


def test_metrics_have_the_promised_names() -> None:
    assert set(Metrics().names()) == {
        "hoidap_" + name
        for name in [
            "events_total",
            "ignored_total",
            "webhook_seconds",
            "answer_seconds",
            "delivery_seconds",
            "send_seconds",
            "webhook_calls_total",
            "token_age_seconds",
            "token_left_seconds",
            "switched_off",
            "deliveries_total",
            "retries_total",
            "resent_after_crash_total",
            "typing_total",
            "inbox_open",
            "inbox_oldest_seconds",
            "outbox_pending",
            "outbox_unknown",
            "outbox_dead",
            "account_paused",
            "knowledge_info",
        ]
    }


def test_metrics_render_what_was_counted() -> None:
    metrics = Metrics()
    metrics.events.labels("zalo", "answered").inc()
    metrics.set_depths({"inbox_open": 3, "something_else": 1})
    metrics.set_knowledge("aaa")
    metrics.set_knowledge("bbb")
    page = metrics.render().decode()
    assert 'hoidap_events_total{channel="zalo",outcome="answered"} 1.0' in page
    assert "hoidap_inbox_open 3.0" in page
    assert 'hoidap_knowledge_info{hash="bbb"} 1.0' in page
    assert "aaa" not in page
    assert "_created" not in page


def test_tokens_and_switches_are_shown_and_switches_disappear() -> None:
    metrics = Metrics()
    now = datetime(2026, 11, 22, tzinfo=UTC)
    pair = TokenAge("zalo", "22", now - timedelta(hours=1), now + timedelta(hours=24))
    metrics.set_tokens([pair], now)
    metrics.set_switches(["zalo", "topic:five_year"])
    page = metrics.render().decode()
    assert 'hoidap_token_age_seconds{account="22",channel="zalo"} 3600.0' in page
    assert 'hoidap_token_left_seconds{account="22",channel="zalo"} 86400.0' in page
    assert 'hoidap_switched_off{target="zalo"} 1.0' in page
    metrics.set_switches([])
    assert "switched_off{" not in metrics.render().decode()


def test_two_services_do_not_share_counts() -> None:
    one, two = Metrics(), Metrics()
    one.events.labels("zalo", "answered").inc()
    assert b"answered" not in two.render()
