"""Accuracy on labelled questions: the figures of `bot eval`.

A row is one JSON object of a labelled file: `text` and `topic` (and `also`), or `expected` for a
message that must not get a policy answer, or `turns` for a dialogue. An answer is right when its
topic is the row's, one that `accepts` of topics.yaml names for it, or one of `also`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from knowledge.schema import Topic

#: Topics whose answers only point to the right office: never a wrong policy answer.
POINTERS = frozenset({"other_bhxh"})
#: Labels that no answer exists for.
OUTSIDE = frozenset({"out_of_domain", "chitchat", ""})


@dataclass(frozen=True, slots=True)
class Response:
    """What the desk did with one message, as far as accuracy goes."""

    outcome: str
    topic: str | None = None
    more: tuple[str, ...] = ()
    #: Topics of the options under the reply, best first.
    options: tuple[str, ...] = ()


@dataclass(slots=True)
class Report:
    """Counts by group of rows, and what went wrong."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    #: (row id, text, expected topic, verdict, given topic)
    misses: list[tuple[str, str, str, str, str]] = field(default_factory=list)

    def share(self, verdicts: Sequence[str], scope: str = "in") -> float:
        """The share of rows in scope ("in") or outside ("out") with one of the verdicts, 0..1."""
        total = hits = 0
        for counts in self.counts.values():
            for verdict, n in counts.items():
                if verdict.startswith(f"{scope}:"):
                    total += n
                    hits += n * (verdict.partition(":")[2] in verdicts)
        return hits / total if total else 0.0

    @property
    def wrong(self) -> float:
        """In scope, answered with a topic that is not right."""
        return self.share(["wrong"])

    @property
    def right_or_offered(self) -> float:
        """In scope, answered right, or the right topic among the options."""
        return self.share(["right", "offered"])

    @property
    def outside_answered(self) -> float:
        """Outside the scope, and yet given a policy answer."""
        return self.share(["wrong"], "out")

    def lines(self) -> list[str]:
        """The report as lines of text: one per group, then the totals."""
        out = []
        for group, counts in sorted(self.counts.items()):
            total = counts.total()
            parts = ", ".join(
                f"{verdict.partition(':')[2]} {n} ({100 * n / total:.1f} %)"
                for verdict, n in sorted(counts.items())
            )
            out.append(f"{group}: {total} rows: {parts}")
        out.append(
            f"in scope: right {100 * self.share(['right']):.1f} %, "
            f"right or offered {100 * self.right_or_offered:.1f} %, "
            f"wrong {100 * self.wrong:.1f} %; outside answered {100 * self.outside_answered:.1f} %"
        )
        return out


def accepted(row: Mapping[str, Any], topic: str, topics: Mapping[str, Topic]) -> bool:
    """True when an answer of this topic is right for the row."""
    wanted = str(row.get("topic") or "")
    if topic == wanted or topic in (row.get("also") or ()):
        return True
    if wanted == "other_bhyt":
        return topic not in ("other_bhxh", "out_of_domain") and not topic.startswith("voluntary")
    return wanted in topics and topic in topics[wanted].accepts


def verdict(row: Mapping[str, Any], given: Response, topics: Mapping[str, Topic]) -> str:
    """How one response counts: "in:right", "in:wrong", "in:offered", "in:missed", "out:…"."""
    wanted = str(row.get("topic") or "")
    answered = given.outcome == "answered"
    given_topics = [topic for topic in (given.topic, *given.more) if topic]
    if wanted in OUTSIDE:
        policy = answered and any(topic not in POINTERS for topic in given_topics)
        return "out:wrong" if policy else "out:right"
    right = any(accepted(row, topic, topics) for topic in given_topics)
    if wanted == "other_bhxh":
        return "in:wrong" if answered and not right else "in:right"
    if answered:
        return "in:right" if right else "in:wrong"
    offered = any(accepted(row, topic, topics) for topic in given.options)
    return "in:offered" if offered else "in:missed"


def evaluate(
    rows: Iterable[Mapping[str, Any]],
    respond: Callable[[Mapping[str, Any]], Sequence[Response]],
    topics: Mapping[str, Topic],
) -> Report:
    """Put every row to the desk and count.

    Args:
        rows: labelled rows; a row's group in the report is its `kind`, `form` or `style`.
        respond: one response per message of the row (one, or one per turn).
        topics: the snapshot's topics, for `accepts`.
    """
    report = Report()
    for row in rows:
        responses = respond(row)
        for message, given in zip(_messages(row), responses, strict=True):
            found = verdict(message, given, topics)
            report.counts.setdefault(_group(row, message), Counter())[found] += 1
            if not found.endswith("right"):
                report.misses.append(
                    (
                        str(row.get("id", "")),
                        str(message.get("text", "")),
                        str(message.get("topic") or ""),
                        found,
                        given.topic or ",".join(given.options),
                    )
                )
    return report


def _messages(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "turns" not in row:
        return [row]
    return [{"text": turn["user"], "topic": turn["expect_topic"]} for turn in row["turns"]]


def _group(row: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    if "turns" in row:
        return "dialogue"
    name = row.get("kind") or row.get("form") or ("chat" if row.get("style") else "questions")
    return f"outside/{name}" if str(message.get("topic") or "") in OUTSIDE else f"in/{name}"
