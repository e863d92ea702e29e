"""A knowledge folder, read and typed file by file, before anything is compared.

A file's folder says what it is:

    directives/*.yaml         one directive            places/*.yaml     one place
    values/*.yaml             a value, or a list       lexicon/*.yaml    free text, lists, mappings
    answers/<topic>/*.yaml    one answer               topics.yaml, audiences.yaml

`Base` keeps every object with its file and lines, so that the check can point at them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from knowledge.explain import explain
from knowledge.marked import Key, Marked, Unreadable, read
from knowledge.problems import Level, Problem
from knowledge.schema import AnswerFile, Audience, Directive, Place, Strict, Topic, Value

M = TypeVar("M", bound=Strict)

#: A text that a scaffold left to be filled in.
_TODO = re.compile(r"\bTODO\b")


@dataclass(frozen=True)
class Item(Generic[M]):
    """One object of the knowledge base, and where it stands."""

    id: str
    model: M
    #: As printed in problems: relative to the parent of the knowledge folder.
    path: str
    #: First 12 hexadecimal digits of the SHA-256 of the file.
    version: str
    doc: Marked = field(repr=False)
    #: Where in the file the object stands: () for the whole file.
    at: tuple[Key, ...] = ()

    def line(self, *keys: Key) -> int:
        """The line of a field, or of the deepest part of it that exists."""
        return self.doc.line((*self.at, *keys))

    def problem(self, text: str, *keys: Key, level: Level = "error") -> Problem:
        """A problem at a field."""
        return Problem(self.path, self.line(*keys), text, level)


@dataclass
class Base:
    """Everything in the folder that could be typed, and every fault met on the way."""

    root: str
    hash: str = ""
    directives: dict[str, Item[Directive]] = field(default_factory=dict)
    values: dict[str, Item[Value]] = field(default_factory=dict)
    places: dict[str, Item[Place]] = field(default_factory=dict)
    answers: dict[str, Item[AnswerFile]] = field(default_factory=dict)
    topics: dict[str, Item[Topic]] = field(default_factory=dict)
    audiences: dict[str, Item[Audience]] = field(default_factory=dict)
    lexicon: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    #: Ids of objects that exist but could not be typed; references to them are not faults.
    broken: set[str] = field(default_factory=set)

    def has(self, kind: str, id_: str) -> bool:
        """True when the id exists among "directives", "values", ..., even if its file is broken."""
        return id_ in getattr(self, kind) or id_ in self.broken


def read_base(folder: Path) -> Base:
    """Read a knowledge folder. Faults are collected in `Base.problems`, never raised."""
    return base_of(folder.name, read_files(folder))


def read_files(folder: Path) -> dict[str, bytes]:
    """The files of a knowledge folder by their relative path, in the order of the paths."""
    found = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
    return {relative: found[relative].read_bytes() for relative in sorted(found)}


def content_hash(files: Mapping[str, bytes]) -> str:
    """SHA-256 over the paths and bytes of the files: the hash of the snapshot they make."""
    digest = hashlib.sha256()
    for relative, content in sorted(files.items()):
        digest.update(f"{relative}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def base_of(root: str, files: Mapping[str, bytes]) -> Base:
    """Type files wherever they come from; `root` stands before their paths in problems."""
    base = Base(root, content_hash(files))
    for relative, content in sorted(files.items()):
        _take(base, relative, content)
    for name in ("topics.yaml", "audiences.yaml"):
        if name not in files:
            base.problems.append(Problem(f"{base.root}/{name}", 1, "this file is missing"))
    return base


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.suffix in (".yaml", ".yml") and not path.name.startswith(".") and path.is_file():
            yield path


def _take(base: Base, relative: str, content: bytes) -> None:
    path = f"{base.root}/{relative}"
    parts = relative.removesuffix(".yaml").split("/")
    try:
        doc = read(content)
    except Unreadable as error:
        base.problems.append(Problem(path, error.line, error.text))
        base.broken.add(parts[-1])
        return
    todo = dict(_todos(doc))
    base.problems += [Problem(path, line, text) for line, text in sorted(todo.items())]
    file = _File(base, path, hashlib.sha256(content).hexdigest()[:12], doc, todo)
    match parts:
        case _ if not relative.endswith(".yaml"):
            file.fault('end the file name in ".yaml"')
        case ["directives", id_]:
            file.named(base.directives, Directive, id_)
        case ["places", id_]:
            file.named(base.places, Place, id_)
        case ["answers", topic, id_]:
            answer = file.named(base.answers, AnswerFile, id_)
            if answer and answer.model.topic != topic:
                text = f'move this file to answers/{answer.model.topic}/, or write "topic: {topic}"'
                base.problems.append(answer.problem(text, "topic"))
        case ["values", id_] if isinstance(doc.data, list):
            for index in range(len(doc.data)):
                file.typed(base.values, Value, (index,))
        case ["values", id_]:
            file.named(base.values, Value, id_)
        case ["lexicon", id_]:
            base.lexicon[id_] = doc.data
        case ["topics"]:
            file.vocabulary(base.topics, Topic)
        case ["audiences"]:
            file.vocabulary(base.audiences, Audience)
        case _:
            file.fault("this folder holds no knowledge; see the table in README.md")


@dataclass(frozen=True)
class _File:
    """One file on its way into the base."""

    base: Base
    path: str
    version: str
    doc: Marked
    todo: dict[int, str]

    def fault(self, text: str, line: int = 1) -> None:
        self.base.problems.append(Problem(self.path, line, text))

    def typed(
        self, into: dict[str, Item[M]], model: type[M], at: tuple[Key, ...], id_: str = ""
    ) -> Item[M] | None:
        """Type the object at `at` and keep it under its id (`id_` when it has none itself)."""
        data: Any = self.doc.data
        for key in at:
            data = data[key]
        own = data.get("id") if isinstance(data, dict) else None
        name = id_ or (own if isinstance(own, str) else "")
        try:
            object_ = model.model_validate(data)
        except ValidationError as error:
            self.base.broken.add(name)
            for line, text in explain(error, model, self.doc, at):
                if line not in self.todo:
                    self.fault(text, line)
            return None
        item = Item(name, object_, self.path, self.version, self.doc, at)
        if name in into:
            other = into[name]
            place = f"{other.path}:{other.line('id')}"
            self.base.problems.append(item.problem(f'"{name}" is already taken by {place}', "id"))
            return None
        into[name] = item
        return item

    def named(self, into: dict[str, Item[M]], model: type[M], stem: str) -> Item[M] | None:
        """Type a file that holds one object and bears its name."""
        item = self.typed(into, model, ())
        if item is None:
            self.base.broken.add(stem)
        elif item.id != stem:
            text = f'write "id: {stem}", or name the file {item.id}.yaml'
            self.base.problems.append(item.problem(text, "id"))
        return item

    def vocabulary(self, into: dict[str, Item[M]], model: type[M]) -> None:
        """Type a mapping of ids to objects."""
        if not isinstance(self.doc.data, dict):
            self.fault('write "id: {name: ...}", one per line')
            return
        for id_ in self.doc.data:
            self.typed(into, model, (id_,), id_)


def _todos(doc: Marked) -> Iterator[tuple[int, str]]:
    for at, text in _texts(doc.data, ()):
        found = _TODO.search(text)
        if found:
            yield (
                doc.text_line(at, text.count("\n", 0, found.start()) + 1),
                f"fill in what stands as TODO ({'.'.join(str(key) for key in at)})",
            )


def _texts(data: Any, at: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], str]]:
    if isinstance(data, str):
        yield at, data
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _texts(item, (*at, index))
    elif isinstance(data, dict):
        for key, item in data.items():
            yield from _texts(item, (*at, key))
