"""Properties of matching: parity without accents, and the fast search against the slow one."""

from __future__ import annotations

import random
import unicodedata
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.match import MatchSettings, decide
from bot.match.features import read_text
from bot.match.reference import rank_all
from bot.match.score import look, score_answers, shortlist
from bot.models import Decision, Outcome
from bot.normalize import fold, normalize
from tests.unit.match.world import index

TODAY = date(2026, 11, 22)
#: What one place's document said is held back from who does not name the place.
_PHRASINGS = [
    row.phrasing
    for row in index().rows
    if row.answer_id and not row.negative and not index().profiles[row.answer_id].elsewhere
]


def ask(text: str) -> Decision:
    return decide(normalize(text, index().lexicon, TODAY), index(), MatchSettings())


def slip(text: str, seed: int) -> str:
    """A phrasing with typing slips: a letter lost or doubled, words swapped, a word added."""
    pick = random.Random(seed)  # noqa: S311 - repeatable slips, nothing secret
    letters = list(text)
    at = pick.randrange(len(letters))
    if pick.random() < 0.5:
        letters.pop(at)
    else:
        letters.insert(at, letters[at])
    words = "".join(letters).split()
    if pick.random() < 0.5 and len(words) > 2:
        i = pick.randrange(len(words) - 1)
        words[i], words[i + 1] = words[i + 1], words[i]
    if pick.random() < 0.3:
        words.append(pick.choice(["ạ", "vậy ad", "với", "nhỉ"]))
    return " ".join(words)


@pytest.mark.parametrize("phrasing", _PHRASINGS)
def test_a_phrasing_finds_its_answer_with_and_without_accents(phrasing: str) -> None:
    typed, bare = ask(phrasing), ask(fold(phrasing))
    assert typed.outcome is not Outcome.NOT_KNOWN
    assert bare.candidates[0].answer_id == typed.candidates[0].answer_id


@given(st.sampled_from(_PHRASINGS), st.integers(0, 10_000))
@settings(max_examples=150, deadline=None)
def test_without_accents_never_another_answer(phrasing: str, seed: int) -> None:
    text = slip(phrasing, seed)
    typed, bare = ask(text), ask(fold(text))
    if typed.outcome is Outcome.ANSWERED and bare.outcome is Outcome.ANSWERED:
        assert bare.candidates[0].answer_id == typed.candidates[0].answer_id


@given(st.sampled_from(_PHRASINGS), st.integers(0, 10_000))
@settings(max_examples=100, deadline=None)
def test_same_letters_same_decision(phrasing: str, seed: int) -> None:
    text = slip(phrasing, seed)
    decision = ask(text)
    assert ask(unicodedata.normalize("NFD", text)) == decision
    assert ask(text.upper()) == decision
    assert ask(text) == decision


@given(st.sampled_from(_PHRASINGS), st.integers(0, 10_000))
@settings(max_examples=150, deadline=None)
def test_the_slow_search_finds_nothing_better(phrasing: str, seed: int) -> None:
    question = normalize(slip(phrasing, seed), index().lexicon, TODAY)
    sight = look(question, read_text(question, index().synonyms), index())
    fast = score_answers(sight, shortlist(sight, index()), index())
    slow = rank_all(question, index())
    assert fast[0].answer_id == slow[0].answer_id
    assert fast[0].rank == pytest.approx(slow[0].rank)


@given(st.sampled_from(_PHRASINGS), st.integers(0, 10_000))
@settings(max_examples=50, deadline=None)
def test_scores_are_probabilities(phrasing: str, seed: int) -> None:
    assert 0.0 <= ask(slip(phrasing, seed)).score <= 1.0
