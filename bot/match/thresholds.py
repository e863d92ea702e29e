"""Choosing the thresholds of config.yaml (section `matching`) on labelled questions.

Thresholds trade right answers against wrong ones: the lowest answer threshold is taken under
which wrong answers stay within their limits, since every threshold above it only asks more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from bot.match.decide import Judged, MatchSettings, judge, outcome_of
from bot.match.evaluate import Response, verdict
from bot.match.index import Index
from bot.match.model import Model
from bot.models import Outcome
from bot.normalize import normalize

#: Most wrong answers in scope, and most policy answers outside it, as shares of the rows.
MAX_WRONG = 0.04
MAX_OUTSIDE = 0.03
_GRID = [step / 100 for step in range(20, 96)]

_HEADER = """\
# The fitted numbers of matching, written by `bot fit`; without this file the built-in ones serve.
# rank:        weight of each kind of evidence that one answer fits
# calibration: weight of each fact about the best answer, in log-odds that it is right
"""


def choose_thresholds(
    rows: Iterable[Mapping[str, Any]], index: Index, settings: MatchSettings | None = None
) -> MatchSettings:
    """Settings with the lowest answer threshold that keeps wrong answers within the limits.

    Args:
        rows: labelled rows as `bot.match.evaluate` reads them; dialogues are left out.
        index: with the fitted model.
        settings: where everything but the answer threshold comes from.
    """
    settings = settings or MatchSettings()
    seen = [(row, judged_row(row, index)) for row in rows if "text" in row]
    for threshold in _GRID:
        trial = replace(settings, answer_threshold=max(threshold, settings.ask_threshold))
        found = [
            verdict(row, _response(one, trial, index), index.snapshot.topics) for row, one in seen
        ]
        inside = [one for one in found if one.startswith("in:")]
        outside = [one for one in found if one.startswith("out:")]
        wrong = inside.count("in:wrong") <= MAX_WRONG * len(inside)
        strange = outside.count("out:wrong") <= MAX_OUTSIDE * len(outside)
        if wrong and strange:
            return trial
    return replace(settings, answer_threshold=_GRID[-1])


def write_model(model: Model, path: Path) -> None:
    """Write fitted numbers as a lexicon file of the knowledge folder."""
    lines = [_HEADER]
    for part, weights in model.to_mapping().items():
        lines.append(f"{part}:\n")
        lines += [f'  {name}: "{value}"\n' for name, value in weights.items()]
    path.write_text("".join(lines), encoding="utf-8")


def judged_row(row: Mapping[str, Any], index: Index) -> Judged:
    """What matching finds out about a labelled row's text on its day."""
    return judge(normalize(str(row["text"]), index.lexicon, day_of(row)), index)


def day_of(row: Mapping[str, Any]) -> date:
    """The day a labelled row is asked on."""
    return date.fromisoformat(str(row.get("as_of") or "2026-11-22"))


def _response(judged: Judged, settings: MatchSettings, index: Index) -> Response:
    topics = [index.profiles[one.answer_id].topic for one in judged.fitting]
    if outcome_of(judged, settings) is Outcome.ANSWERED:
        return Response("answered", topics[0])
    return Response("asked_back", options=tuple(topics[: settings.options]))
