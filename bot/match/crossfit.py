"""Accuracy on questions that the calibration was not fitted on: fit on some, measure the rest."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.match.decide import MatchSettings, outcome_of
from bot.match.evaluate import Response
from bot.match.fit import fit
from bot.match.index import Index
from bot.match.quality import Seen, see
from bot.match.thresholds import judged_row
from bot.models import Outcome


def cross_fitted(
    rows: Sequence[tuple[str, Mapping[str, Any]]],
    index: Index,
    settings: MatchSettings,
    folds: int = 5,
) -> list[Seen]:
    """What becomes of every message when the model was fitted without its part of the rows.

    Args:
        rows: (file, labelled row with `text`); variants of one base question share a part.
        index: of the shipped knowledge; its own calibration is not used.
        settings: the thresholds of config.yaml, taken as they are.
        folds: how many parts.
    """
    part = [
        zlib.crc32(str(row.get("base_id") or row.get("id")).encode()) % folds for _, row in rows
    ]
    out: list[Seen] = []
    for fold in range(folds):
        learned = [row for (_, row), at in zip(rows, part, strict=True) if at != fold]
        fitted = replace(index, model=fit(learned, index.snapshot, index))
        for (file, row), at in zip(rows, part, strict=True):
            if at != fold:
                continue
            judged = judged_row(row, fitted)
            topics = [index.profiles[one.answer_id].topic for one in judged.fitting]
            outcome = outcome_of(judged, settings)
            answered = outcome is Outcome.ANSWERED
            given = Response(
                outcome.value,
                topics[0] if answered else None,
                options=() if answered else tuple(topics[: settings.options]),
            )
            distinct = list(dict.fromkeys(topics))
            out.append(see(file, row, given, distinct, judged.probability, index.snapshot.topics))
    return out
