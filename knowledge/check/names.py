"""Names in a template that may be unset where they are used.

Jinja only says which names a template never sets at all. A name that is set in one branch and
used after it fails for some citizens only, so the branches are followed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jinja2 import nodes


def unset_names(tree: nodes.Template, given: Iterable[str]) -> Iterator[nodes.Name]:
    """Each use of a name that is neither given nor set on every way to it."""
    yield from _statements(tree.body, set(given))


def _statements(body: Iterable[nodes.Node], known: set[str]) -> Iterator[nodes.Name]:
    """Uses in statements, in order; `known` grows by what they set."""
    for node in body:
        if isinstance(node, nodes.If):
            yield from _branches(node, known)
        elif isinstance(node, nodes.For):
            yield from _used(node.iter, known)
            inside = known | _targets(node.target) | {"loop"}
            yield from _used(node.test, inside)
            yield from _statements(node.body, inside)
            yield from _statements(node.else_, set(known))
        elif isinstance(node, nodes.Assign):
            yield from _used(node.node, known)
            known |= _targets(node.target)
        elif isinstance(node, nodes.AssignBlock):
            yield from _statements(node.body, set(known))
            known |= _targets(node.target)
        elif isinstance(node, nodes.With):
            for value in node.values:
                yield from _used(value, known)
            inside = known.union(*(_targets(target) for target in node.targets))
            yield from _statements(node.body, inside)
        elif isinstance(node, nodes.FilterBlock):
            yield from _statements(node.body, set(known))
        else:
            yield from _used(node, known)


def _branches(node: nodes.If, known: set[str]) -> Iterator[nodes.Name]:
    ends: list[set[str]] = []
    for branch in (node, *node.elif_):
        yield from _used(branch.test, known)
        inside = set(known)
        yield from _statements(branch.body, inside)
        ends.append(inside)
    inside = set(known)
    yield from _statements(node.else_, inside)
    known |= set.intersection(*ends, inside)


def _targets(node: nodes.Node) -> set[str]:
    return {name.name for name in _names(node)}


def _used(node: nodes.Node | None, known: set[str]) -> Iterator[nodes.Name]:
    if node is not None:
        asked = {
            id(test.node)
            for test in (node, *node.find_all(nodes.Test))
            if isinstance(test, nodes.Test) and test.name in ("defined", "undefined")
        }
        for name in _names(node):
            if name.ctx == "load" and name.name not in known and id(name) not in asked:
                yield name


def _names(node: nodes.Node) -> Iterator[nodes.Name]:
    if isinstance(node, nodes.Name):
        yield node
    yield from node.find_all(nodes.Name)
