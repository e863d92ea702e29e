"""From a question to a decision: shortlist, evidence, vetoes, calibrated probability.

`Index.build(snapshot)` once per snapshot, then `decide(question, index, settings)` per question.
"""

from __future__ import annotations

from bot.match.decide import MatchSettings, decide
from bot.match.index import Index

__all__ = ["Index", "MatchSettings", "decide"]
