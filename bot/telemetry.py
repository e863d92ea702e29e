"""What operators see: structured logs and Prometheus metrics.

Logs are one JSON object a line (or coloured text on a console). Whatever a caller passes,
secrets and personal identifiers are taken out on the way: by the name of the field, by the
value of a known secret, and by the shape of a Vietnamese phone, identity or card number.
Their texts stand in `bot.log_texts`. Metrics live on a registry of their own, so that two
services in one test do not share counts.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from bot.store.api import TokenAge

HIDDEN = "[hidden]"
#: Fields that never reach a log, whoever passes them.
PRIVATE_FIELDS = frozenset(
    [
        "access_token",
        "api_key",
        "app_secret",
        "authorization",
        "body",
        "cookie",
        "oa_secret_key",
        "page_access_token",
        "password",
        "payload",
        "phone",
        "psid",
        "question",
        "raw",
        "refresh_token",
        "secret",
        "secret_key",
        "signature",
        "text",
        "token",
        "user",
        "user_id",
        "verify_token",
    ]
)
#: Fields whose digits are ours and public: accounts, rows, hashes.
PUBLIC_FIELDS = frozenset(
    ["account", "attempt", "correlation", "hash", "inbox_id", "level", "outbox_id", "timestamp"]
)
#: Phone (0… or +84…), identity card (9 or 12 digits), insurance code and card number.
IDENTIFIER = re.compile(r"(?<![\w.])(?:\+?84\d{9}|[A-Z]{2}\d{13}|\d{9,13})(?![\w.]\d|\w)")

_secret_values: set[str] = set()
#: Where `write_line` writes: (stream, "json" or "console"), None when nothing is wanted.
_lines: tuple[TextIO, str] | None = None


def hide(*values: str) -> None:
    """Keep these values out of every later log line. Short ones (under 6 letters) are not
    taken, for they would blot out ordinary words."""
    _secret_values.update(v for v in values if len(v) >= 6)


def configure_logging(
    level: str = "info", form: str = "json", stream: TextIO | None = None
) -> None:
    """Send all logs, those of libraries included, to `stream` (default: standard error).

    Args:
        level: debug, info, warning or error.
        form: "json" for one object a line, "console" for people.
        stream: where to write.
    """
    global _lines
    _lines = (stream or sys.stderr, form) if level in ("debug", "info") else None
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Tracebacks become text before the filter sees them: they may quote an address.
        structlog.processors.format_exc_info,
        drop_private,
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if form == "console"
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    if level != "debug":
        # One line for each call or migration step tells an operator nothing.
        for library in ("aiohttp.access", "alembic"):
            logging.getLogger(library).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def write_line(event: str, **fields: str | int | float) -> None:
    """Write one line of level info past the filters, for lines that come with every message.

    Only for fields that hold nothing a citizen gave: names of our own, hashes, counts.
    """
    if _lines is None:
        return
    stream, form = _lines
    at = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if form == "console":
        told = " ".join(f"{name}={value}" for name, value in fields.items())
        stream.write(f"{at} [info     ] {event:<10} {told}\n")
        return
    line = {**fields, "event": event, "level": "info", "timestamp": at}
    stream.write(json.dumps(line, ensure_ascii=False) + "\n")


def drop_private(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The processor that takes secrets and personal identifiers out of a log line."""
    for name, value in list(event.items()):
        if name.lower() in PRIVATE_FIELDS:
            event[name] = HIDDEN
        elif not name.startswith("_"):
            event[name] = _clean(value, name in PUBLIC_FIELDS)
    return event


def _clean(value: Any, public: bool) -> Any:
    if isinstance(value, Mapping):
        return {
            k: HIDDEN if str(k).lower() in PRIVATE_FIELDS else _clean(v, public)
            for k, v in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(v, public) for v in value]
    if value is None or isinstance(value, bool | float):
        return value
    text = str(value)
    for secret in _secret_values:
        text = text.replace(secret, HIDDEN)
    if not public:
        text = IDENTIFIER.sub("[number]", text)
    return value if text == str(value) and isinstance(value, int) else text


@contextmanager
def correlation(name: str | None = None) -> Iterator[str]:
    """Mark every log line inside with one id, made up when `name` is None.

    It follows `await`s and the tasks started inside.
    """
    chosen = name or secrets.token_hex(6)
    with structlog.contextvars.bound_contextvars(correlation=chosen):
        yield chosen


class Metrics:
    """Every metric of the service, on a registry of its own. Meanings: docs/metrics.md."""

    def __init__(self) -> None:
        # The moments of creation would double the page and say nothing that a restart does not.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.events = self._counter(
            "events", "Verified events by how they ended.", "channel", "outcome"
        )
        self.ignored = self._counter(
            "ignored", "Events without a row, by reason.", "channel", "kind", "reason"
        )
        self.webhook_seconds = self._histogram(
            "webhook_seconds",
            "From the last byte of a webhook call to its answer.",
            (0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 2, 5),
            "channel",
        )
        self.answer_seconds = self._histogram(
            "answer_seconds",
            "From claiming an event to its written outcome.",
            (0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 3, 10),
        )
        self.delivery_seconds = self._histogram(
            "delivery_seconds",
            "From the written reply to the platform's acceptance.",
            (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3600),
            "channel",
        )
        self.send_seconds = self._histogram(
            "send_seconds",
            "One call of a platform's send API.",
            (0.025, 0.05, 0.1, 0.3, 1, 2, 5, 10),
            "channel",
        )
        self.webhook_calls = self._counter(
            "webhook_calls", "Webhook calls by what became of them.", "channel", "result"
        )
        self.deliveries = self._counter(
            "deliveries", "Reply parts by their final state.", "channel", "state"
        )
        self.retries = self._counter("retries", "Refused attempts to be repeated.", "channel")
        self.resent_after_crash = self._counter(
            "resent_after_crash", "Attempts cut off by our own crash and repeated.", "channel"
        )
        self.typing = self._counter(
            "typing", "Typing hints by what became of them.", "channel", "outcome"
        )
        self.account_paused = self._gauge(
            "account_paused", "1 while an account is paused.", "channel", "account"
        )
        self.token_age_seconds = self._gauge(
            "token_age_seconds", "Since when the stored token pair is held.", "channel", "account"
        )
        self.token_left_seconds = self._gauge(
            "token_left_seconds", "How long the access token still lasts.", "channel", "account"
        )
        self.switched_off = self._gauge(
            "switched_off", "1 for everything an operator has switched off.", "target"
        )
        self.knowledge = self._gauge(
            "knowledge_info", "1 for the snapshot that is being served.", "hash"
        )
        self.depths = {
            "inbox_open": self._gauge("inbox_open", "Stored events without an outcome."),
            "inbox_oldest_seconds": self._gauge(
                "inbox_oldest_seconds", "Age of the oldest event without an outcome."
            ),
            "outbox_pending": self._gauge("outbox_pending", "Reply parts that have yet to leave."),
            "outbox_unknown": self._gauge(
                "outbox_unknown", "Reply parts of which nobody knows whether they arrived."
            ),
            "outbox_dead": self._gauge("outbox_dead", "Dead letters."),
        }

    def set_depths(self, depths: Mapping[str, float]) -> None:
        """Take over the gauges of `Store.gauges`; names this class does not know are left."""
        for name in self.depths.keys() & depths.keys():
            self.depths[name].set(depths[name])

    def set_tokens(self, pairs: Iterable[TokenAge], now: datetime) -> None:
        """Show how old every stored token pair is."""
        for pair in pairs:
            labels = (pair.channel, pair.account)
            self.token_age_seconds.labels(*labels).set((now - pair.obtained_at).total_seconds())
            self.token_left_seconds.labels(*labels).set((pair.expires_at - now).total_seconds())

    def set_switches(self, targets: Iterable[str]) -> None:
        """Show what is switched off; what was switched on again disappears."""
        self.switched_off.clear()
        for target in targets:
            self.switched_off.labels(target).set(1)

    def set_knowledge(self, snapshot_hash: str) -> None:
        """Show which snapshot is served; the one before disappears."""
        self.knowledge.clear()
        self.knowledge.labels(snapshot_hash).set(1)

    def names(self) -> list[str]:
        """Every metric as it appears on /metrics (counters end in `_total`)."""
        return [
            family.name + ("_total" if family.type == "counter" else "")
            for family in self.registry.collect()
        ]

    def render(self) -> bytes:
        """The Prometheus text page."""
        return generate_latest(self.registry)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, namespace="hoidap", registry=self.registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(name, meaning, labels, namespace="hoidap", registry=self.registry)

    def _histogram(
        self, name: str, meaning: str, buckets: Iterable[float], *labels: str
    ) -> Histogram:
        return Histogram(
            name,
            meaning,
            labels,
            namespace="hoidap",
            registry=self.registry,
            buckets=tuple(buckets),
        )
