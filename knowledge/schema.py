"""The shape of every knowledge file, and the conversion of its scalars.

YAML is read with every scalar as a string; this schema turns strings into dates, integers,
exact fractions and enumerations, so that no float can slip in. Field descriptions are what an
editor reads in an error message. Vocabulary: design section 4 and 7.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

ID_PATTERN = r"^[a-z0-9][a-z0-9_.-]*$"
Id = Annotated[str, Field(pattern=ID_PATTERN, description="lower-case letters, digits, - _ .")]


def parse_share(text: str) -> Fraction:
    """ "4,5%" or "9/200" as an exact fraction. Raises ValueError with what to write."""
    text = text.strip()
    if re.fullmatch(r"\d+(,\d+)?\s*%", text):
        return Fraction(text.rstrip("% ").replace(",", ".")) / 100
    if re.fullmatch(r"\d+/[1-9]\d*", text):
        return Fraction(text)
    raise ValueError('write a share as "4,5%" or "9/200"')


def parse_day(text: str) -> date:
    """An ISO date. Raises ValueError with what to write."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()):
        raise ValueError("write a date as YYYY-MM-DD")
    return date.fromisoformat(text.strip())


def _day(value: object) -> object:
    return parse_day(value) if isinstance(value, str) else value


def _end(value: object) -> object:
    if value in ("open", "unknown"):
        return value
    try:
        return _day(value)
    except ValueError as error:
        raise ValueError('write a date as YYYY-MM-DD, or "open", or "unknown"') from error


Day = Annotated[date, BeforeValidator(_day)]
End = Annotated[date | Literal["open", "unknown"], BeforeValidator(_end)]


class Confidence(StrEnum):
    """How sure a figure is, strongest first."""

    DIRECTIVE = "directive"
    OFFICIAL_TEXT = "official_text"
    VERIFIED = "verified"
    SINGLE_SOURCE = "single_source"


#: Strongest first; a result carries the weakest of its inputs.
CONFIDENCE_ORDER = tuple(Confidence)


class Unit(StrEnum):
    """What a value counts. Decides how it is parsed and printed."""

    VND = "vnd"
    VND_PER_MONTH = "vnd_per_month"
    SHARE = "share"
    MONTHS = "months"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    YEARS = "years"
    COUNT = "count"
    TIMES = "times"
    DATE = "date"
    TEXT = "text"


class Strict(BaseModel):
    """Base of every schema class: frozen, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class CitationRef(Strict):
    """A directive and where in it."""

    directive: Id
    locator: str = Field(default="", description='where in it, e.g. "khoản 6 Điều 6"')


class Review(Strict):
    """Who looked at this last, and when it must be looked at again."""

    checked_on: Day
    review_by: Day


class Supersession(Strict):
    """This directive takes the place of another from a day on (all of it, or a part)."""

    directive: Id
    since: Day
    part: str = ""


class Directive(Strict):
    """A legal document: law, decree, resolution, official letter, plan."""

    id: Id
    number: str = Field(
        description='official number, e.g. "188/2025/NĐ-CP"; "" when the text has none'
    )
    kind: str = Field(description='"Luật", "Nghị định", "Nghị quyết", "Công văn", "Kế hoạch", ...')
    title: str
    short_name: str = Field(description='how a reply names it, e.g. "Nghị định 188/2025/NĐ-CP"')
    issuer: str
    signer: str = ""
    signed_on: Day | None = None
    published_on: Day | None = None
    effective_from: Day | None = None
    effective_to: End = "open"
    #: A place id, or "national".
    place: str = "national"
    supersedes: tuple[Supersession, ...] = ()
    amends: tuple[Id, ...] = ()
    based_on: tuple[Id, ...] = ()
    read_at: str = Field(description="where the text or its account was read, and when")
    defects: tuple[str, ...] = Field(default=(), description="known defects of the text itself")

    @property
    def known_from(self) -> date | None:
        """The first day on which anyone could know it (signed, else published, else in force)."""
        return self.signed_on or self.published_on or self.effective_from


class Row(Strict):
    """A dated figure: what held, for whom, from when to when, and who says so."""

    value: str = Field(default="", description='the figure; empty only with known: "no"')
    #: "no" marks an explicit hole: asked about, and no confirmed figure exists.
    known: Literal["yes", "no"] = "yes"
    audience: str = ""
    effective_from: Day
    effective_to: End
    applies_from: Day | None = Field(
        default=None, description="where a rule reaches back before its directive is in force"
    )
    standing: Literal["in_force", "announced"] = "in_force"
    confirmed_until: Day | None = Field(
        default=None,
        description='last day a source confirms it; needed with effective_to: "unknown"',
    )
    checked_on: Day
    review_by: Day | None = None
    citation: CitationRef
    confidence: Confidence
    source: str = Field(description="short name of what was read, named in the reply if single")
    note: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Row:
        if self.known == "yes" and self.value == "":
            raise ValueError('a row needs a value, or known: "no"')
        if self.effective_to == "unknown" and self.known == "yes" and self.confirmed_until is None:
            raise ValueError('effective_to "unknown" needs confirmed_until')
        if isinstance(self.effective_to, date) and self.effective_to < self.starts:
            raise ValueError("effective_to lies before effective_from")
        return self

    @property
    def starts(self) -> date:
        """The first day the row is applied to."""
        return self.applies_from or self.effective_from


class Value(Strict):
    """A named quantity with its dated rows."""

    id: Id
    name: str = Field(description="Vietnamese name, lower case, as it stands inside a sentence")
    unit: Unit
    rows: tuple[Row, ...]


class SupportRow(Row):
    """What a council adds to the national share, on top, for one audience."""

    audience: Id
    #: Whether the school's seat or the person's residence opens the right.
    basis: Literal["school", "residence", "school_and_residence", "unstated"] = "residence"
    condition: str = Field(
        default="", description="who exactly, in words, when narrower than the audience"
    )
    continues_after_merger: CitationRef | None = None


class Office(Strict):
    """A place to ask."""

    name: str
    contact: str = ""


class Place(Strict):
    """A province or city, today's or former."""

    id: Id
    name: str
    kind: Literal["tỉnh", "thành phố"] = "tỉnh"
    aliases: tuple[str, ...] = ()
    exists_from: Day | None = None
    exists_to: Day | None = None
    merged_into: Id | None = None
    #: Former units that make up this place since a merger, with the day it took effect.
    merged_from: tuple[Id, ...] = ()
    merged_on: Day | None = None
    merger_citation: CitationRef | None = None
    offices: tuple[Office, ...] = ()
    support: tuple[SupportRow, ...] = ()


class Fact(Strict):
    """A figure or name that a `record` takes from its document, with where it stands there."""

    value: str
    citation: CitationRef
    money: Literal["yes", "no"] = "no"


class ReplyText(Strict):
    """The text of an answer. `full` is Jinja; `short` and `phone` are derived when absent."""

    full: str
    short: str = ""
    phone: str = ""


class AnswerFile(Strict):
    """A stored answer."""

    id: Id
    topic: str
    audience: str = ""
    kind: Literal["rule", "record", "howto"]
    visibility: Literal["citizen", "staff"] = "citizen"
    title: str = Field(description="at most 60 characters; stands on buttons and in offers")
    phrasings: tuple[str, ...]
    negative_phrasings: tuple[str, ...] = ()
    #: Grades and ages (from, to, in years) it is about: who names another one is not meant.
    grades: tuple[int, ...] = ()
    ages: tuple[int, int] | None = None
    #: Slots that change this answer: group, place, months, members, grade, ...
    slots: tuple[str, ...] = ()
    effective_from: Day
    effective_to: End = "open"
    confirmed_until: Day | None = None
    citations: tuple[CitationRef, ...]
    #: For `record`: the answer that holds today.
    today: Id | None = None
    facts: dict[str, Fact] = Field(default_factory=dict)
    #: Place id when the answer holds in one place only.
    place: str = "national"
    confidence: Confidence = Confidence.VERIFIED
    source: str = Field(
        default="", description="named in the reply when the confidence is single_source"
    )
    reply: ReplyText
    follow_ups: tuple[Id, ...] = ()
    review: Review

    @model_validator(mode="after")
    def _consistent(self) -> AnswerFile:
        if len(self.title) > 60:
            raise ValueError("title is longer than 60 characters")
        if self.kind == "record" and self.today is None and self.visibility == "citizen":
            raise ValueError('a record needs "today": the id of the answer that holds now')
        if self.kind == "rule" and not self.citations:
            raise ValueError("a rule needs at least one citation")
        if self.confidence is Confidence.SINGLE_SOURCE and not self.source.strip():
            raise ValueError("a single-source answer needs its source named")
        return self


class Topic(Strict):
    """A closed topic id (topics.yaml)."""

    name: str
    accepts: tuple[str, ...] = ()


class Audience(Strict):
    """A closed audience id (audiences.yaml)."""

    name: str
    parents: tuple[str, ...] = ()
    needs: dict[str, Any] = Field(default_factory=dict)


def parse_figure(unit: Unit, text: str) -> int | Fraction | date | str:
    """The typed figure of a row. Raises ValueError with what to write instead.

    VND and counts become int, shares Fraction, dates `date`, text stays text.
    """
    if unit is Unit.SHARE:
        return parse_share(text)
    if unit is Unit.DATE:
        return parse_day(text)
    if unit is Unit.TEXT:
        return text
    if not re.fullmatch(r"-?\d+", text.strip()):
        raise ValueError("write a whole number with digits only")
    return int(text)
