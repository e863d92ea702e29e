"""What people pay: exact arithmetic over dated rows, with every step shown.

    contribution, best_contribution   one member of a supported group (support rule)
    household                         a household that joins together
    voluntary                         voluntary BHXH on a chosen income
    product                           two values multiplied
    compare_claim                     an amount someone was asked for, against the rules
    segments                          a period cut where a row changes

Every function is pure. `on` is the day of payment and picks the rows; `known_on` is the day of
asking and hides rows whose document was not yet signed. Money is integer đồng, computed from
exact fractions and rounded half up once, at the end. A missing row raises `NoFigure`.
"""

from __future__ import annotations

from bot.calculate.claim import Claim, compare_claim
from bot.calculate.contribution import best_contribution, contribution
from bot.calculate.forms import group_values, household, product, voluntary
from bot.calculate.inputs import round_half_up
from bot.calculate.periods import segments
from bot.calculate.results import (
    Contribution,
    Household,
    Lines,
    NoFigure,
    OutOfRange,
    Person,
    Product,
    Result,
    Voluntary,
)
from bot.calculate.ties import Tie, tie_sentences

__all__ = [
    "Claim",
    "Contribution",
    "Household",
    "Lines",
    "NoFigure",
    "OutOfRange",
    "Person",
    "Product",
    "Result",
    "Tie",
    "Voluntary",
    "best_contribution",
    "compare_claim",
    "contribution",
    "group_values",
    "household",
    "product",
    "round_half_up",
    "segments",
    "tie_sentences",
    "voluntary",
]
