"""The slow, obvious twin of matching: every phrasing scored, no shortlist.

Tests hold the fast matcher against it. It shares the evidence (`score_answers`), not the search.
"""

from __future__ import annotations

from bot.match.features import read_text
from bot.match.index import NONE, Index
from bot.match.score import Scored, look, score_answers
from bot.models import Question


def rank_all(question: Question, index: Index, staff: bool = False) -> list[Scored]:
    """Every answer, best first, from all of its phrasings. Vetoes are not applied."""
    sight = look(question, read_text(question, index.synonyms), index, most=index.space.entries)
    rows = [
        at
        for at, row in enumerate(index.rows)
        if row.answer_id != NONE
        and not row.negative
        and (staff or not index.profiles[row.answer_id].staff_only)
    ]
    return score_answers(sight, rows, index)
