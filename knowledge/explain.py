"""Schema errors in plain words: which field, and what to write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from knowledge.marked import Key, Marked, nearest

#: How a value error of pydantic begins.
_PREFIX = "Value error, "


def explain(
    error: ValidationError, model: type[BaseModel], doc: Marked, at: tuple[Key, ...]
) -> list[tuple[int, str]]:
    """(line, sentence) for each fault of one object that stands at `at` in the file."""
    found: dict[tuple[int, str], None] = {}
    for detail in error.errors():
        where = _known_part(doc.data, at, detail["loc"])
        text = _sentence(detail, model, where[len(at) :])
        if detail["type"] == "value_error":
            where += _named_field(text, _at(doc.data, where))
        found[doc.line(where), text] = None
    return list(found)


def _known_part(data: Any, at: tuple[Key, ...], loc: tuple[Key, ...]) -> tuple[Key, ...]:
    """`loc` without what pydantic adds for unions ("date", "literal[...]")."""
    here, where = _at(data, at), at
    for key in loc:
        if isinstance(here, Mapping) and key in here:
            here = here[str(key)]
        elif isinstance(here, list) and isinstance(key, int) and key < len(here):
            here = here[key]
        else:
            break
        where = (*where, key)
    return where


def _at(data: Any, at: tuple[Key, ...]) -> Any:
    for key in at:
        data = data[key]
    return data


def _named_field(text: str, data: Any) -> tuple[Key, ...]:
    """The field that a sentence about the whole object speaks of, when it names one."""
    for word in text.replace('"', " ").replace(":", " ").split():
        if isinstance(data, Mapping) and word in data:
            return (word,)
    return ()


def _sentence(detail: Any, model: type[BaseModel], where: tuple[Key, ...]) -> str:
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    loc = detail["loc"]
    name = ".".join(str(key) for key in where) or "this file"
    if kind == "missing":
        return f'"{loc[-1]}" is missing{_description(model, loc)}'
    if kind == "extra_forbidden":
        if given == "":
            return f'unknown field "{loc[-1]}"; put the text before it in quotes: it holds a comma'
        owner = _model_at(model, loc[:-1])
        known = owner.model_fields if owner else ()
        return f'unknown field "{loc[-1]}"{nearest(str(loc[-1]), known)}'
    if kind == "value_error":
        text = str(detail["msg"]).removeprefix(_PREFIX)
        return f'{name}: {text}, not "{given}"' if isinstance(given, str) else text
    if kind in ("literal_error", "enum"):
        hint = nearest(str(given), [w.strip("' ") for w in str(context["expected"]).split(",")])
        return f'{name}: write {context["expected"]}, not "{given}"{hint}'
    if kind == "string_pattern_mismatch":
        return f'{name}: "{given}" is not an id; use lower-case letters, digits, - _ .'
    if kind in ("tuple_type", "list_type"):
        return f'{name}: write a list: one "- text" per line, or [] for none'
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return f'{name}: write fields ("key: text"){_description(model, loc)}'
    if kind == "string_type":
        return f'{name}: write one text; put it in quotes when it holds ": "'
    return f"{name}: {detail['msg']}"


def _description(model: type[BaseModel], loc: tuple[Key, ...]) -> str:
    owner = _model_at(model, loc[:-1])
    info = owner.model_fields.get(str(loc[-1])) if owner and loc else None
    return f": {info.description}" if info and info.description else ""


def _model_at(model: type[BaseModel], loc: tuple[Key, ...]) -> type[BaseModel] | None:
    """The schema class of the object at `loc`."""
    here: type[BaseModel] | None = model
    for key in loc:
        if isinstance(key, int) or here is None:
            continue
        info = here.model_fields.get(key)
        if info is not None:
            here = _model_in(info.annotation)
        # else: a key of dict[str, Model]; the model stays.
    return here


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _model_in(part)
        if found:
            return found
    return None
