"""Topics that are asked about more than they are prepared for.

How often a topic is asked is counted in the labelled questions of the tests; how well it is
prepared, in the phrasings of its answers for citizens.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.problems import Problem
from knowledge.source import Base

#: Thin: the topic's share of the questions is more than so many times its share of phrasings.
THIN = 2.0
#: Labelled questions below the folder of the tests: JSON Lines with a "topic".
ASKED = Path("eval") / "questions.jsonl"


@dataclass(frozen=True, slots=True)
class Thin:
    """A thin topic with its shares of all questions and of all phrasings."""

    topic: str
    asked: float
    phrasings: float


def asked_counts(tests: Path | None) -> Counter[str]:
    """Labelled questions by topic; `tests` is the folder of test questions, tests/knowledge."""
    path = tests.parent / ASKED if tests else None
    if path is None or not path.is_file():
        return Counter()
    return Counter(filter(None, map(_topic, path.read_text(encoding="utf-8").splitlines())))


def _topic(line: str) -> str:
    """The topic of a labelled question; "" for a line that `bot eval` will complain about."""
    try:
        question = json.loads(line)
    except ValueError:
        return ""
    return str(question.get("topic", "")) if isinstance(question, dict) else ""


def phrasing_counts(base: Base) -> Counter[str]:
    """Phrasings for citizens by topic."""
    found: Counter[str] = Counter()
    for answer in base.answers.values():
        if answer.model.visibility == "citizen":
            found[answer.model.topic] += len(answer.model.phrasings)
    return found


def thin(asked: Mapping[str, int], phrasings: Mapping[str, int]) -> list[Thin]:
    """The topics with answers whose share of the questions far exceeds that of the phrasings."""
    topics = [topic for topic in asked if phrasings.get(topic)]
    questions = sum(asked[topic] for topic in topics)
    prepared = sum(phrasings.values())
    found = []
    for topic in sorted(topics):
        one = Thin(topic, asked[topic] / questions, phrasings[topic] / prepared)
        if one.asked > THIN * one.phrasings:
            found.append(one)
    return found


def check_thin(base: Base, tests: Path | None) -> Iterator[Problem]:
    """Thin topics, as something to look at."""
    for one in thin(asked_counts(tests), phrasing_counts(base)):
        topic = base.topics.get(one.topic)
        if topic:
            yield topic.problem(
                f'the topic "{one.topic}" is thin: {one.asked:.1%} of the labelled questions, '
                f"{one.phrasings:.1%} of the phrasings; add phrasings or an answer",
                level="due",
            )
