"""Settings: read once, checked as a whole, then frozen.

Later sources win: defaults of `bot.config_schema`, `config.yaml`, `.env`, the environment
(`BOT__SECTION__KEY`), options of the command line. Secrets come only from `.env` and the
environment. Everything wrong is reported in one message, so that nobody mends one mistake
only to meet the next. The layers are merged here by hand, not by pydantic-settings,
because that stops at the first unreadable variable, overlooks unknown ones, and cannot say
which file or variable a refused value came from.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from dotenv import dotenv_values
from pydantic import BaseModel, ValidationError
from rapidfuzz import fuzz, process

from bot.accounts import (
    CHANNEL_SECRETS,
    FIRST_PREFIX,
    account_problems,
    accounts,
    channel_settings,
    variable,
    warnings,
)
from bot.config_schema import (
    DEFAULT_DATABASE_URL,
    ROLES,
    Secrets,
    Settings,
    is_loopback,
)
from bot.errors import SettingsError
from bot.vault import key_problems

PREFIX = "BOT__"
#: The way to a setting: ("channels", "zalo", "api_base").
Key = tuple[str, ...]


def load_settings(
    path: Path | None = None,
    env: Mapping[str, str] | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """The settings of this process.

    Args:
        path: the configuration file; None takes `config.yaml` of the current directory, or
            the defaults when there is none.
        env: the variables; None takes the environment over `.env` of the current directory.
            A variable set to nothing in the environment also hides its line in `.env`.
        overrides: dotted keys from the command line, {"server.port": 9000}.

    Raises:
        SettingsError: something is wrong; the message lists every problem.
    """
    if env is None:
        dotenv = {k: v for k, v in dotenv_values(".env").items() if v is not None}
        env = {**dotenv, **os.environ}
    loader = _Loader()
    loader.read_file(path)
    loader.read_variables(env)
    for key, value in (overrides or {}).items():
        loader.put(tuple(key.split(".")), value, f"--{key.rpartition('.')[2]}")
    return loader.settings(env)


def all_keys(model: type[BaseModel] = Settings, at: Key = ()) -> list[Key]:
    """Every key of `config.yaml`, in its order."""
    sections, found = _sections(model), []
    for name in model.model_fields:
        if name in sections:
            found += all_keys(sections[name], (*at, name))
        elif at:  # the top level holds only sections, and what comes from variables
            found.append((*at, name))
    return found


def variable_of(key: Key) -> str:
    """The variable that overrides a key: ("server", "port") -> "BOT__SERVER__PORT"."""
    return PREFIX + "__".join(key).upper()


def secret_names(settings: Settings) -> list[str]:
    """Every variable that holds a secret, those of the further accounts included."""
    names = ["DATABASE_URL", "BOT_SECRET_KEY", "BOT_TOKEN_KEY"]
    names += ["ALARM_WEBHOOK_URL", "ALARM_SMTP_PASSWORD"]
    for channel, shorts in CHANNEL_SECRETS.items():
        entries = channel_settings(settings, channel).accounts
        for prefix in (FIRST_PREFIX[channel], *(e.secrets_prefix for e in entries)):
            names += [variable(prefix, short) for short in shorts]
    return names


class _Loader:
    """Collects values and where each came from, and every problem met on the way."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.origin: dict[Key, str] = {}
        self.problems: list[str] = []

    def read_file(self, path: Path | None) -> None:
        if path is None:
            path = Path("config.yaml")
            if not path.exists():
                return
        try:
            node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f"{path}: cannot be read ({error}); give the path of a text file")
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f"{path}:{mark.line + 1}" if mark else str(path)
            what = getattr(error, "problem", None) or "is not YAML"
            self.problems.append(f"{where}: is not YAML ({what}); check indentation and colons")
        else:
            if node is not None:
                self._read_node(node, (), Settings, path.name)

    def _read_node(self, node: yaml.Node, at: Key, model: type[BaseModel], file: str) -> None:
        place = f"{file}:{node.start_mark.line + 1}"
        if not isinstance(node, yaml.MappingNode):
            if node.value:
                self.problems.append(f"{place}: {_dotted(at) or 'the file'} must hold keys")
            return
        sections = _sections(model)
        for key_node, value_node in node.value:
            key = str(key_node.value)
            here, place = (*at, key), f"{file}:{key_node.start_mark.line + 1}"
            if here in self.origin:
                self.problems.append(f"{place}: {_dotted(here)} stands twice; keep one")
            elif key in sections:
                self._read_node(value_node, here, sections[key], file)
            elif at and key in model.model_fields:
                value = yaml.SafeLoader("").construct_document(value_node)
                self.put(here, value, f"{place}: {_dotted(here)}")
            else:
                hint = _nearest(_dotted(here), _known_names())
                self.problems.append(f"{place}: unknown key {_dotted(here)}; {hint}")

    def read_variables(self, env: Mapping[str, str]) -> None:
        names = {variable_of(key): key for key in all_keys()}
        for name in sorted(n for n in env if n.upper().startswith(PREFIX)):
            key = names.get(name.upper())
            if key is None:
                self.problems.append(f"{name}: no such setting; {_nearest(name, list(names))}")
                continue
            value: Any = env[name].strip()
            if key[-1] == "accounts":
                try:
                    value = yaml.safe_load(value) or ()
                except yaml.YAMLError:
                    self.problems.append(f"{name}: is not a JSON list of accounts")
                    continue
            self.put(key, value, name)

    def put(self, key: Key, value: Any, origin: str) -> None:
        """Set one value over what an earlier layer said."""
        target = self.data
        for name in key[:-1]:
            target = target.setdefault(name, {})
        target[key[-1]] = value
        self.origin[key] = origin

    def _drop(self, key: Key) -> None:
        target = self.data
        for name in key[:-1]:
            target = target[name]
        del target[key[-1]]

    def settings(self, env: Mapping[str, str]) -> Settings:
        """Check everything together. Raises `SettingsError` with all problems."""
        refused: set[Key] = set()
        try:
            settings = Settings.model_validate(self.data)
        except ValidationError as error:
            for item in error.errors(include_url=False):
                key = next(k for k in self.origin if item["loc"][: len(k)] == k)
                inner = "".join(f" {p}" for p in item["loc"][len(key) :])
                self.problems.append(f"{self.origin[key]}{inner}: {_plain(item)}")
                refused.add(key)
            # The other rules are still worth checking: go on with defaults in the gaps.
            for key in refused:
                self._drop(key)
            settings = Settings.model_validate(self.data)
        names = secret_names(settings)
        secrets = Secrets({n: env[n].strip() for n in names if env.get(n, "").strip()})
        url = secrets.get("DATABASE_URL") or DEFAULT_DATABASE_URL
        url = re.sub(r"^postgres:", "postgresql:", url)
        settings = settings.model_copy(update={"secrets": secrets, "database_url": url})
        for keys, problem in _contradictions(settings):
            if not refused & set(keys):
                self.problems.append(problem)
        if self.problems:
            count = len(self.problems)
            head = "1 setting is" if count == 1 else f"{count} settings are"
            lines = "\n".join(f"  - {p}" for p in self.problems)
            raise SettingsError(f"{head} wrong (all keys: docs/settings.md):\n{lines}")
        return settings


def _contradictions(s: Settings) -> list[tuple[tuple[Key, ...], str]]:
    """Rules over more than one value, as (keys involved, problem)."""
    found: list[tuple[tuple[Key, ...], str]] = []
    scheme = s.database_url.partition(":")[0]
    if not re.match(r"sqlite:///.|postgresql(\+psycopg)?://.", s.database_url):
        found.append(
            ((), f"DATABASE_URL: cannot use {scheme!r}; write sqlite:///path or postgresql://…")
        )
    elif s.uses_sqlite and s.server.roles != ROLES:
        found.append(
            (
                (("server", "roles"),),
                "server.roles: one role alone needs PostgreSQL, because SQLite serves one process; "
                "set DATABASE_URL to postgresql://… or roles to web,worker,sender",
            )
        )
    if s.matching.ask_threshold > s.matching.answer_threshold:
        found.append(
            (
                (("matching", "ask_threshold"), ("matching", "answer_threshold")),
                f"matching.ask_threshold ({s.matching.ask_threshold}) is above "
                f"matching.answer_threshold ({s.matching.answer_threshold}); lower the first",
            )
        )
    if s.simulator.enabled and not is_loopback(s.server.host):
        found.append(
            (
                (("server", "host"), ("simulator", "enabled")),
                f"simulator.enabled: the simulator has no log-in and refuses the open address "
                f"{s.server.host}; set server.host to 127.0.0.1 or simulator.enabled to false",
            )
        )
    if s.alarms.email_to and not s.alarms.smtp_host:
        found.append(
            (
                (("alarms", "email_to"), ("alarms", "smtp_host")),
                "alarms.smtp_host: e-mail needs a mail server; name one or empty alarms.email_to",
            )
        )
    if not re.match(r"(https?://\S+)?$", s.secrets.get("ALARM_WEBHOOK_URL")):
        found.append(((), "ALARM_WEBHOOK_URL: must be a web address such as https://example.vn/x"))
    found += [((), problem) for problem in key_problems(s.secrets.get("BOT_TOKEN_KEY"))]
    for channel in CHANNEL_SECRETS:
        key = ("channels", channel, "accounts")
        found += [((key,), problem) for problem in account_problems(s, channel)]
    return found


def _sections(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    return {
        name: info.annotation
        for name, info in model.model_fields.items()
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel)
    }


def _known_names() -> list[str]:
    """Keys and sections, dotted."""
    return list(dict.fromkeys(_dotted(k[:n]) for k in all_keys() for n in range(1, len(k) + 1)))


def _dotted(key: Key) -> str:
    return ".".join(key)


def _nearest(name: str, names: list[str]) -> str:
    match = process.extractOne(
        name, names, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=60
    )
    return f"did you mean {match[0]}?" if match else "remove it; docs/settings.md lists all"


#: pydantic's error types in plain English; the rest keep their own words.
_PLAIN: Mapping[str, str] = {
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be text; put it in quotes",
    "finite_number": "must be an ordinary number",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "string_too_short": "must not be empty",
    "missing": "is missing; add it",
    "extra_forbidden": "is not a key of an account; use id, default_province, secrets_prefix",
    "tuple_type": "must be a list of accounts [{{id, default_province, secrets_prefix}}]",
    "value_error": "{error}",
}


def _plain(item: Any) -> str:
    sentence = str(_PLAIN.get(item["type"], item["msg"])).format(**item.get("ctx", {}))
    if item["type"] in ("missing", "extra_forbidden"):
        return sentence
    given = item["input"]
    return f"{sentence}, not {given!r}" if given != "" else f"{sentence}; it is empty"


__all__ = [
    "Settings",
    "accounts",
    "all_keys",
    "load_settings",
    "secret_names",
    "variable_of",
    "warnings",
]
