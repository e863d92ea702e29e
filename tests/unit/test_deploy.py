"""The container files fit the program: every name in them exists, every role is covered."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.config import all_keys, load_settings, secret_names, variable_of
from bot.config_schema import ROLES, Settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
#: Variables of the program; the rest of an environment belongs to somebody else.
KNOWN = {variable_of(key) for key in all_keys()} | set(secret_names(Settings()))
NODES = {n: s for n, s in COMPOSE["services"].items() if s.get("image") == "hoidap"}


def interpolated(value: str) -> str:
    """The value with `${NAME:?…}` filled in, as compose does."""
    return re.sub(r"\$\{(\w+)(?::\?[^}]*)?\}", "secret", value)


def environment(name: str) -> dict[str, str]:
    return {key: interpolated(str(value)) for key, value in NODES[name]["environment"].items()}


@pytest.mark.parametrize("name", sorted(NODES))
def test_a_node_has_settings_that_load(name: str) -> None:
    given = environment(name)
    assert set(given) <= KNOWN
    settings = load_settings(ROOT / "config.yaml", env=given)
    assert not settings.uses_sqlite
    assert len(settings.server.roles) == 1
    assert settings.server.monitor_port == settings.server.port == 8080
    grace = int(NODES[name]["stop_grace_period"].removesuffix("s"))
    assert grace > settings.server.drain_seconds
    assert NODES[name]["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_every_role_runs_twice() -> None:
    roles = [environment(name)["BOT__SERVER__ROLES"] for name in NODES]
    assert sorted(roles) == sorted([*ROLES, *ROLES])


def test_only_web_nodes_are_published_and_only_to_this_machine() -> None:
    for name, service in COMPOSE["services"].items():
        ports = service.get("ports", [])
        assert bool(ports) == name.startswith("web-")
        assert all(port.startswith("127.0.0.1:") for port in ports)


def test_what_has_to_be_filled_in_stands_in_the_example() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    for name in set(re.findall(r"\$\{(\w+)", text)):
        assert re.search(rf"^{name}=$", EXAMPLE, re.MULTILINE), name


def test_no_file_for_containers_holds_a_secret() -> None:
    for node in NODES:
        held = set(environment(node)) & (set(secret_names(Settings())) - {"DATABASE_URL"})
        assert not held


def test_the_image_copies_what_exists_and_sets_what_is_known() -> None:
    for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
    for name, value in re.findall(r"(BOT__\w+)=(\S+)", DOCKERFILE):
        assert name in KNOWN
        load_settings(ROOT / "config.yaml", env={name: value})
    assert "/healthz" in DOCKERFILE
    assert re.search(r"^USER (?!root)", DOCKERFILE, re.MULTILINE)


@pytest.mark.parametrize("package", ["bot", "knowledge", "webhooks"])
def test_the_image_holds_every_package(package: str) -> None:
    assert re.search(rf"^COPY {package} {package}$", DOCKERFILE, re.MULTILINE)
