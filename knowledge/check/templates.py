"""What a reply's template may hold: parsed with Jinja's own parser, never rendered here.

Finds figures in its words, names and ids that do not exist, and numbers that come from nowhere;
notes which values it uses, for the alarms before their dates pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import jinja2
from jinja2 import nodes

from bot.models import Slots
from knowledge.check.figures import figures, unmarkable
from knowledge.check.names import unset_names
from knowledge.marked import Key, nearest
from knowledge.problems import Problem
from knowledge.schema import AnswerFile, parse_day
from knowledge.source import Base, Item

#: The functions and objects of knowledge/README.md, "What a template can use".
FUNCTIONS = frozenset(
    {"v", "known", "announced", "product", "cite", "f", "step", "lit", "hotline"}
    | {"contribution", "household", "voluntary", "claim"}
)
OBJECTS = frozenset({"s", "place", "today", "on"})
#: Functions whose arguments name things, so digits in them are not figures of the text.
_NAMING = frozenset({"lit", "cite", "v", "f", "known", "announced", "product"})
_NAMING_KEYWORDS = frozenset({"label", "on"})
_CALCULATIONS = frozenset({"contribution", "household", "voluntary"})
_CALCULATION_NUMBERS = frozenset({"months", "members", "income"})
_CONTRIBUTION = ("base_salary", "contribution_rate", "national_support")
#: The values that a function looks up by itself.
NEEDS = {
    "hotline": ("hotline",),
    "contribution": _CONTRIBUTION,
    "claim": _CONTRIBUTION,
    "household": (
        "base_salary",
        "contribution_rate",
        *(f"household_step_{nth}" for nth in range(1, 6)),
    ),
    "voluntary": ("base_salary", "voluntary_rate", "voluntary_support", "rural_poverty_line"),
}
#: Arguments by place, where they are looked at.
_PARAMETERS = {
    "v": ("first", "audience", "on"),
    "known": ("first", "audience"),
    "announced": ("first", "audience"),
    "product": ("first", "second"),
    "contribution": ("audience", "months"),
    "claim": ("audience",),
}
#: Tags that reach outside the template, or hide text from this check.
_REFUSED = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends, nodes.Macro, nodes.Block)
_TEXTS = ("full", "short", "phone")

_environment = jinja2.Environment()  # noqa: S701 - parses only, nothing is rendered


@dataclass
class Used:
    """What the templates of one answer use."""

    #: (value id, audience) pairs looked up for the applied day, with the line.
    values: dict[tuple[str, str], int] = field(default_factory=dict)
    facts: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    forms: set[str] = field(default_factory=set)  # audiences of contribution() and claim()


def check_templates(base: Base, answer: Item[AnswerFile]) -> tuple[list[Problem], Used]:
    """The faults of all texts of one answer, and what they use."""
    used = Used()
    found: dict[Problem, None] = {}
    for name in _TEXTS:
        source = getattr(answer.model.reply, name)
        if source:
            for line, text in _Template(base, answer, used, name).faults(source):
                found[Problem(answer.path, line, text)] = None
    return list(found), used


@dataclass
class _Template:
    """One template on its way through the check."""

    base: Base
    answer: Item[AnswerFile]
    used: Used
    name: str

    def faults(self, source: str) -> Iterator[tuple[int, str]]:
        try:
            tree = _environment.parse(source)
        except jinja2.TemplateSyntaxError as error:
            yield self.line(error.lineno), f"template: {error.message}"
            return
        set_somewhere = {n.name for n in tree.find_all(nodes.Name) if n.ctx == "store"}
        for node in unset_names(tree, FUNCTIONS | OBJECTS):
            if node.name in set_somewhere:
                text = f'"{node.name}" is not set on every way here; set it in each branch'
            else:
                hint = nearest(node.name, FUNCTIONS | OBJECTS)
                text = f'there is no "{node.name}"{hint}'
            yield self.line(node.lineno), f"template: {text}"
        yield from self.visit(tree)

    def line(self, within: int) -> int:
        """The line in the file of a line of this template."""
        at: tuple[Key, ...] = (*self.answer.at, "reply", self.name)
        return self.answer.doc.text_line(at, within)

    def visit(
        self, node: nodes.Node, *, digits: bool = False, number: bool = False
    ) -> Iterator[tuple[int, str]]:
        """Faults below a node; `digits`: in texts, `number`: as a number, figures are allowed."""
        if isinstance(node, nodes.TemplateData):
            yield from self.literal(node.data, node.lineno)
        elif isinstance(node, nodes.Const):
            yield from self.constant(node, digits=digits, number=number)
        elif isinstance(node, nodes.Call):
            yield from self.call(node)
        elif isinstance(node, nodes.Compare):
            for side in (node.expr, *(operand.expr for operand in node.ops)):
                yield from self.visit(side, digits=digits, number=True)
        elif isinstance(node, nodes.Neg | nodes.Pos):
            yield from self.visit(node.node, number=number)
        elif isinstance(node, nodes.Getitem):
            yield from self.visit(node.node)
            # An index chooses a person or a part; it is never printed.
            yield from self.visit(node.arg, number=True)
        else:
            yield from self.plain(node)
            for child in node.iter_child_nodes():
                yield from self.visit(child, digits=digits)

    def plain(self, node: nodes.Node) -> Iterator[tuple[int, str]]:
        """Faults of a node by itself."""
        line = self.line(node.lineno)
        if isinstance(node, _REFUSED):
            yield line, f'template: "{type(node).__name__.lower()}" is not used here'
        elif isinstance(node, nodes.Filter) and node.name not in _environment.filters:
            yield line, f'template: there is no filter "{node.name}"'
        elif isinstance(node, nodes.Test) and node.name not in _environment.tests:
            yield line, f'template: there is no test "{node.name}"'
        elif isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
            fields = Slots.__slots__
            if node.node.name == "s" and node.attr not in fields:
                hint = nearest(node.attr, fields)
                yield line, f'template: the citizen never says "s.{node.attr}"{hint}'

    def literal(self, text: str, first: int) -> Iterator[tuple[int, str]]:
        for figure in figures(text):
            yield (
                self.line(first + figure.lines_before),
                f'"{figure.text}" is a figure in the text itself; take it from v(), product(), '
                "cite(), f(), a calculation or s, or mark a name with lit()",
            )

    def constant(
        self, node: nodes.Const, *, digits: bool, number: bool
    ) -> Iterator[tuple[int, str]]:
        value, line = node.value, node.lineno
        if isinstance(value, str):
            if not digits:
                yield from self.literal(value, line)
        elif isinstance(value, float):
            yield self.line(line), f"template: {value} has a decimal point; use a value or a share"
        elif isinstance(value, int) and not isinstance(value, bool) and not number:
            yield (
                self.line(line),
                f"template: the number {value} comes from nowhere; numbers stand only in months=, "
                "members=, income= of a calculation and in comparisons",
            )

    def call(self, node: nodes.Call) -> Iterator[tuple[int, str]]:
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        if not name:
            yield from self.visit(node.node)
        naming = name in _NAMING
        for argument in (*node.args, node.dyn_args, node.dyn_kwargs):
            if argument is not None:
                yield from self.visit(argument, digits=naming)
        for keyword in node.kwargs:
            yield from self.visit(
                keyword.value,
                digits=naming or keyword.key in _NAMING_KEYWORDS,
                number=name in _CALCULATIONS and keyword.key in _CALCULATION_NUMBERS,
            )
        for text in self.arguments(name, node):
            yield self.line(node.lineno), text

    def arguments(self, name: str, node: nodes.Call) -> Iterator[str]:
        """Faults of the ids and texts that a function is given."""
        given = _given(name, node)
        first, audience = given.get("first"), given.get("audience", "")
        missing = [id_ for id_ in NEEDS.get(name, ()) if not self.base.has("values", id_)]
        if missing and name not in self.used.functions:
            yield f"{name}() needs these values: {', '.join(missing)}; add them to values/"
        self.used.functions.add(name)
        if isinstance(audience, str) and audience and not self.base.has("audiences", audience):
            hint = nearest(audience, self.base.audiences)
            yield f'{name}(): there is no audience "{audience}"{hint}'
            audience = None
        if isinstance(audience, str) and audience and name in ("contribution", "claim"):
            self.used.forms.add(audience)
        if name in ("v", "known", "announced"):
            yield from self.value(name, node, first, audience, given.get("on", ""))
        elif name == "product":
            for value_id in (first, given.get("second")):
                yield from self.value(name, node, value_id, "", "")
        elif name == "cite":
            if not isinstance(first, str):
                yield "cite(): write the id of the directive in quotes"
            elif not self.base.has("directives", first):
                hint = nearest(first, self.base.directives)
                yield f'cite(): there is no directive "{first}"{hint}'
        elif name == "f":
            yield from self.fact(first)
        elif name == "lit":
            yield from self.marked(first)

    def value(
        self, name: str, node: nodes.Call, value_id: object, audience: object, on: object
    ) -> Iterator[str]:
        if not isinstance(value_id, str):
            yield f"{name}(): write the id of the value in quotes"
            return
        item = self.base.values.get(value_id)
        if item is None:
            if not self.base.has("values", value_id):
                hint = nearest(value_id, self.base.values)
                yield f'{name}(): there is no value "{value_id}"{hint}'
            return
        if on:
            yield from self.day(name, item.id, on)
        elif name != "announced":
            group = audience if isinstance(audience, str) else ""
            self.used.values.setdefault((value_id, group), self.line(node.lineno))
            groups = {"", *lineage(self.base, group)}
            if isinstance(audience, str) and not any(
                row.audience in groups and row.standing == "in_force" for row in item.model.rows
            ):
                whom = f'"{group}"' if group else "everyone; name an audience"
                yield f'{name}(): "{value_id}" has no row for {whom}'

    def day(self, name: str, value_id: str, on: object) -> Iterator[str]:
        try:
            day: date | None = parse_day(str(on))
        except ValueError as error:
            day = None
            yield f"{name}(): on=: {error}"
        rows = self.base.values[value_id].model.rows
        if day and all(row.starts > day or row.standing == "announced" for row in rows):
            yield f'{name}(): "{value_id}" has no row for {on}'

    def fact(self, name: object) -> Iterator[str]:
        facts = self.answer.model.facts
        if self.answer.model.kind != "record":
            yield "f(): only a record has facts; use v() for a dated value"
        elif not isinstance(name, str):
            yield "f(): write the name of the fact in quotes"
        elif name not in facts:
            yield f'f(): there is no fact "{name}" in this file{nearest(name, facts)}'
        else:
            self.used.facts.add(name)

    def marked(self, text: object) -> Iterator[str]:
        if not isinstance(text, str):
            yield "lit(): write the name itself in quotes; lit() marks nothing else"
        elif unmarkable(text):
            yield (
                f'lit(): "{text}" looks like {unmarkable(text)}; lit() is for names, so take it '
                "from v(), cite() or a calculation"
            )


def _given(name: str, node: nodes.Call) -> dict[str, object]:
    """The arguments of a call by name; None for what is only known when it is rendered."""
    given = dict(zip(_PARAMETERS.get(name, ("first",)), node.args, strict=False))
    given |= {keyword.key: keyword.value for keyword in node.kwargs}
    return {
        key: value.value if isinstance(value, nodes.Const) else None for key, value in given.items()
    }


def lineage(base: Base, audience: str) -> set[str]:
    """The audience with its parents and theirs. Unlike a snapshot's, it ends in a circle too."""
    found: set[str] = set()
    queue = [audience]
    while queue:
        here = queue.pop()
        if here not in found and here in base.audiences:
            found.add(here)
            queue += base.audiences[here].model.parents
    return found
