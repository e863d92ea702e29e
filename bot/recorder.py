"""The trace of a rendering: rows used, documents cited, amounts told, how sure it all is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from bot.calculate import Tie
from bot.models import Citation
from knowledge.schema import CONFIDENCE_ORDER, Confidence


@dataclass
class Recorder:
    """The trace of one rendering."""

    used: dict[str, None] = field(default_factory=dict)
    values: dict[str, None] = field(default_factory=dict)
    citations: dict[tuple[str, str], Citation] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    assumptions: dict[str, None] = field(default_factory=dict)
    #: For whom the support of a place was counted.
    ties: dict[Tie, None] = field(default_factory=dict)
    single_sources: dict[str, None] = field(default_factory=dict)
    confidence: Confidence = CONFIDENCE_ORDER[0]
    place_used: bool = False
    #: First days of the figures taken from a cited place (a document's dates say less).
    dated: dict[tuple[str, str], set[date]] = field(default_factory=dict)

    def weigh(self, confidence: Confidence, source: str) -> None:
        """Carry the weakest confidence; remember sources that stand alone."""
        if CONFIDENCE_ORDER.index(confidence) > CONFIDENCE_ORDER.index(self.confidence):
            self.confidence = confidence
        if confidence is Confidence.SINGLE_SOURCE and source:
            self.single_sources[source] = None

    def add(self, later: Recorder) -> None:
        """Carry on with the trace of a later rendering, as if this one had recorded it."""
        self.used.update(later.used)
        self.values.update(later.values)
        for where, citation in later.citations.items():
            if where in later.dated and where not in self.dated:
                self.citations[where] = citation  # the dates of a row tell more than a document's
            self.citations.setdefault(where, citation)
        for vnd, label in later.labels.items():
            self.labels.setdefault(vnd, label)
        self.assumptions.update(later.assumptions)
        self.ties.update(later.ties)
        self.single_sources.update(later.single_sources)
        self.weigh(later.confidence, "")
        self.place_used |= later.place_used
        for where, days in later.dated.items():
            self.dated.setdefault(where, set()).update(days)
