"""What a template may use, bound to one day, place and set of slots.

Every function here leaves a trace in the `Recorder`: which rows were used, which documents
are cited, which amounts stand in the text, and how sure the weakest input is. That trace is
what makes a reply provable (design section 2, invariants 5 and 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot import calculate, figures, texts
from bot.calculate import NoFigure
from bot.models import Citation, Slots
from bot.recorder import Recorder
from knowledge.schema import CitationRef, Row, SupportRow, Unit
from knowledge.snapshot import Found, Missing, Snapshot, StoredAnswer, row_id

#: Months of a contribution when none are said.
YEAR = 12
#: Values that say whom to ask: contacts, not claims, so no source is listed for them.
CONTACTS = ("hotline", "portal_", "app_")
MONEY_UNITS = (Unit.VND, Unit.VND_PER_MONTH)


#: A learner of an ethnic minority is a group of its own with some councils.
ETHNIC, LEARNER_OF_ETHNIC = "ethnic_minority", "hssv_ethnic"


class Figure:
    """A dated figure inside a template: prints itself, and tells its dates and source."""

    def __init__(self, found: Found, names: Scope) -> None:
        self._found = found
        self._names = names
        self.raw = found.figure

    def __str__(self) -> str:
        return figures.with_unit(self.raw, self._found.value.unit)

    @property
    def number(self) -> str:
        """The figure without its unit."""
        return figures.bare(self.raw)

    @property
    def since(self) -> str:
        """First day, 01/07/2026."""
        return figures.day(self._found.row.starts)

    @property
    def until(self) -> str:
        """Last day, or "" when the row has no end."""
        end = self._found.row.effective_to
        return figures.day(end) if isinstance(end, date) else ""

    @property
    def cite(self) -> str:
        """Where it stands: khoản 2 Điều 3 Nghị định 161/2026/NĐ-CP."""
        return self._names.cite_ref(self._found.row.citation)


class Steps:
    """Numbers the steps of a how-to: 1. 2. 3."""

    def __init__(self) -> None:
        self._n = 0

    def __call__(self) -> str:
        self._n += 1
        return f"{self._n}."


class Scope:
    """The names of one rendering. `mapping()` gives them to Jinja."""

    def __init__(
        self,
        snapshot: Snapshot,
        answer: StoredAnswer,
        *,
        on: date,
        known_on: date,
        slots: Slots,
        place: str,
        groups: frozenset[str],
        recorder: Recorder,
    ) -> None:
        self.snapshot = snapshot
        self.answer = answer
        self.on = on
        self.known_on = known_on
        self.slots = slots
        self.place = place
        self.groups = groups
        self.recorder = recorder

    def mapping(self) -> Mapping[str, Any]:
        """Every name a template may use (knowledge/README.md lists them)."""
        return {
            "v": self.v,
            "known": self.known,
            "announced": self.announced,
            "product": self.product,
            "cite": self.cite,
            "f": self.fact,
            "step": Steps(),
            "lit": str,
            "hotline": self.hotline,
            "contribution": self.contribution,
            "household": self.household,
            "voluntary": self.voluntary,
            "claim": self.claim,
            "s": self.slots,
            "place": self.place_name(),
            "today": figures.day(self.known_on),
            "on": figures.day(self.on),
        }

    # -- figures ------------------------------------------------------------------------
    def v(self, value_id: str, audience: str = "", on: str = "") -> Figure:
        """The figure of the applied day (or of `on`). Raises `NoFigure` when there is none."""
        day = date.fromisoformat(on) if on else self.on
        found = self.snapshot.lookup(value_id, day, self.known_on, audience, exact=True)
        self.recorder.values[value_id] = None
        if isinstance(found, Missing):
            raise NoFigure(found)
        self._take(found)
        return Figure(found, self)

    def known(self, value_id: str, audience: str = "") -> bool:
        """True when a row may be stated for the applied day."""
        self.recorder.values[value_id] = None
        found = self.snapshot.lookup(value_id, self.on, self.known_on, audience, exact=True)
        return isinstance(found, Found)

    def announced(self, value_id: str, audience: str = "") -> Figure | str:
        """The announced row of a value, "" when nothing is announced."""
        for row in self.snapshot.values[value_id].rows:
            fits = row.standing == "announced" and row.audience == audience
            if fits and self.snapshot.known(row, self.known_on):
                found = Found(row_id(value_id, row), row, self.snapshot.values[value_id])
                self._take(found)
                return Figure(found, self)
        return ""

    def product(self, first: str, second: str, label: str) -> calculate.Product:
        """The exact product of two values as money."""
        self.recorder.values.update({first: None, second: None})
        result = calculate.product(self.snapshot, first, second, self.on, self.known_on)
        self._trace(result)
        self.recorder.labels.setdefault(result.amount, label)
        return result

    def hotline(self) -> str:
        """The help line. A contact, not a claim: it is not listed among the sources."""
        return hotline(self.snapshot, self.known_on)

    # -- calculations -------------------------------------------------------------------
    def contribution(self, audience: str, months: int | None = None) -> calculate.Contribution:
        """What one member pays; by the citizen's own group when that one has more support."""
        self._watch("base_salary", "contribution_rate", "national_support")
        self._place_matters()
        count = months or self.slots.months or YEAR
        own, *_ = audiences = self._groups_for(audience)
        result = calculate.best_contribution(
            self.snapshot, audiences, count, self.on, self.known_on, self.place or None
        )
        self._trace(result)
        name = self.snapshot.audiences[result.audience].name
        self._label(result.pays_amount, f"Người tham gia đóng {count} tháng")
        self._label(result.monthly_amount, "Người tham gia đóng mỗi tháng")
        self._label(result.full_amount, f"Mức đóng đủ {count} tháng ({name})")
        self._label(int(result.full_per_month), "Mức đóng đủ mỗi tháng trước khi hỗ trợ")
        if result.audience != own:
            self.recorder.assumptions[texts.OWN_GROUP.format(group=name)] = None
        return result

    def household(
        self, members: int | None = None, months: int | None = None
    ) -> calculate.Household:
        """What a household that joins together pays."""
        self._watch("base_salary", "contribution_rate")
        self._watch(*(f"household_step_{nth}" for nth in range(1, 6)))
        count = months or self.slots.months or YEAR
        people = members or self.slots.members or 1
        here = self.snapshot.place_on(self.place, self.on).id if self.place else ""
        self.recorder.place_used |= bool(here)
        result = calculate.household(self.snapshot, people, count, self.on, self.known_on, here)
        self._trace(result)
        self._label(result.pays_amount, f"Cả hộ {people} người đóng {count} tháng")
        for person in result.people:
            self._label(person.pays_amount, f"Người thứ {person.nth} đóng {count} tháng")
        return result

    def voluntary(
        self,
        income: int | None = None,
        months: int | None = None,
        audience: str = "",
        national_only: bool = False,
        exactly: bool = False,
    ) -> calculate.Voluntary:
        """What a voluntary BHXH member pays on a chosen income (the lowest when none is said).

        What the call leaves out is what the citizen said: income, group, months (else one).
        With `national_only` the place adds nothing: for what is said about the whole country.
        With `exactly` neither do the citizen's own words: the lowest income, one month, and
        `audience` as it stands, "" for everyone else. For lists of all groups.
        """
        self._watch("base_salary", "voluntary_rate", "voluntary_support", "rural_poverty_line")
        said = Slots() if exactly else self.slots
        place = "" if national_only or exactly else self.place
        if place:
            self._place_matters()
            acting = self.snapshot.place_on(place, self.on).id
            self._watch(*calculate.group_values(self.snapshot, acting))
        named = set() if exactly else self._named_groups("voluntary_support")
        count = months or said.months or 1
        result = calculate.voluntary(
            self.snapshot,
            income or said.income,
            count,
            audience or next(iter(sorted(named)), ""),
            self.on,
            self.known_on,
            place or None,
        )
        self._trace(result)
        self._label(result.pays_amount, f"Người tham gia đóng {count} tháng")
        self._label(result.monthly_amount, "Người tham gia đóng mỗi tháng")
        self._label(result.full_amount, "Mức đóng mỗi tháng trước khi hỗ trợ")
        self._label(result.support_amount, "Nhà nước hỗ trợ mỗi tháng")
        return result

    def claim(self, audience: str) -> calculate.Claim:
        """Compares the amount the citizen named with what the rules give."""
        self._watch("base_salary", "contribution_rate", "national_support")
        self._place_matters()
        claimed = self.slots.claimed_amount or 0
        own, *_ = audiences = self._groups_for(audience)
        place = self.place or None
        best = calculate.best_contribution(
            self.snapshot, audiences, YEAR, self.on, self.known_on, place
        )
        result = calculate.compare_claim(
            self.snapshot,
            claimed,
            best.audience,
            self.on,
            self.known_on,
            place,
            self.slots.months,
            own,
        )
        self._trace(result)
        self._label(claimed, "Số tiền anh/chị nêu")
        self._label(result.due_amount, "Số tiền theo quy định")
        return result

    def _groups_for(self, audience: str) -> list[str]:
        """The group an answer is about, as narrow as it was said, then the citizen's other ones."""
        own = self._narrowed(audience)
        named = self._named_groups("national_support") - {audience}
        if "hssv" in self.snapshot.lineage(own) and ETHNIC in self.groups:
            named |= {LEARNER_OF_ETHNIC} & self.snapshot.audiences.keys()
        return [own, *sorted(named)]

    def _narrowed(self, audience: str) -> str:
        """The narrower group the citizen named (pupil of hssv): places may treat it better."""
        inside = [g for g in sorted(self.groups) if audience in self.snapshot.lineage(g)]
        return inside[0] if len(inside) == 1 else audience

    def _named_groups(self, value_id: str) -> set[str]:
        """The groups the citizen named that have rows of their own."""
        rows = {row.audience for row in self.snapshot.values[value_id].rows}
        return {group for group in self.groups if group in rows}

    def _watch(self, *value_ids: str) -> None:
        """Values whose changes cut the applied period."""
        self.recorder.values.update(dict.fromkeys(value_ids))

    def _place_matters(self) -> None:
        """The place's own support takes part: its changes cut the period, and the reply is its."""
        self.recorder.place_used |= bool(self.place)

    def _label(self, vnd: int, label: str) -> None:
        self.recorder.labels.setdefault(vnd, label)

    # -- names --------------------------------------------------------------------------
    def cite(self, directive: str, locator: str = "") -> str:
        """Name a document inside the text, and cite it."""
        return self.cite_ref(CitationRef(directive=directive, locator=locator))

    def cite_ref(self, ref: CitationRef) -> str:
        """The same for a reference of a row."""
        self.add_citation(ref)
        name = self.snapshot.directives[ref.directive].short_name
        return f"{ref.locator} {name}".strip()

    def fact(self, name: str) -> str:
        """A fact that a record took from its document."""
        fact = self.answer.file.facts[name]
        self.add_citation(fact.citation)
        return fact.value

    def place_name(self) -> str:
        """Today's name of the place on the applied day, "" when none was said."""
        return self.snapshot.place_on(self.place, self.on).name if self.place else ""

    # -- traces -------------------------------------------------------------------------
    def _take(self, found: Found) -> None:
        self.recorder.used[found.row_id] = None
        self.recorder.weigh(found.row.confidence, found.row.source)
        if not found.value.id.startswith(CONTACTS):
            self.add_citation(found.row.citation, found.row)
        if found.value.unit in MONEY_UNITS and isinstance(found.figure, int):
            self.recorder.labels.setdefault(found.figure, found.value.name)

    def _trace(self, result: calculate.Result) -> None:
        for row_key, row in result.rows.items():
            self.recorder.used[row_key] = None
            self.recorder.weigh(row.confidence, row.source)
            self.add_citation(row.citation, row)
            value = self.snapshot.values.get(row_key.partition("/")[0])
            if value and value.unit in MONEY_UNITS and row.known == "yes":
                self._label(int(row.value), value.name)
        self.recorder.assumptions.update(dict.fromkeys(result.assumptions))
        self.recorder.ties.update(dict.fromkeys(result.ties))

    def add_citation(self, ref: CitationRef, row: Row | None = None) -> None:
        """Remember a document as a source, with the dates of the row (else its own)."""
        directive = self.snapshot.directives[ref.directive]
        starts = row.starts if row else directive.effective_from
        ends = row.effective_to if row else directive.effective_to
        province = None
        if isinstance(row, SupportRow) or directive.place != "national":
            place = self.snapshot.places.get(directive.place)
            province = place.name if place else None
        where = (ref.directive, ref.locator)
        citation = Citation(
            directive=directive.number or directive.short_name,
            locator=ref.locator,
            effective_from=starts.isoformat() if starts else "",
            effective_to=ends.isoformat() if isinstance(ends, date) else ends,
            province=province,
        )
        if row and where not in self.recorder.dated:
            self.recorder.citations[where] = citation
        if row:
            self.recorder.dated.setdefault(where, set()).add(row.starts)
        self.recorder.citations.setdefault(where, citation)


def hotline(snapshot: Snapshot, known_on: date) -> str:
    """The official help line as of a day; a plain description when none is known."""
    found = snapshot.lookup("hotline", known_on, known_on)
    return str(found.figure) if isinstance(found, Found) else "của BHXH Việt Nam"
