"""The guides name every key, variable and metric, and nothing that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bot.config import Settings, all_keys, secret_names
from bot.telemetry import Metrics

ROOT = Path(__file__).parents[2]
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
METRICS = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
KEYS = [".".join(key) for key in all_keys()]
SECRETS = secret_names(Settings())


def rows(text: str) -> dict[str, list[str]]:
    """Table rows by the `code` in their first cell."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            found[cells[0].strip("`")] = cells
    return found


@pytest.mark.parametrize("key", KEYS)
def test_key_is_explained_with_its_default(key: str) -> None:
    assert key in rows(SETTINGS), f"add {key} to docs/settings.md"
    value = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    for name in key.split("."):
        value = value[name]
    shown = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else str(value)
    default = rows(SETTINGS)[key][1]
    assert default == (f"`{shown}`" if shown else "*(empty)*")
    assert len(rows(SETTINGS)[key][2]) > 5


@pytest.mark.parametrize("name", SECRETS)
def test_variable_is_explained_and_in_the_example(name: str) -> None:
    assert name in rows(SETTINGS), f"add {name} to docs/settings.md"
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert re.search(rf"^{name}=$", example, re.MULTILINE), f"add {name}= to .env.example"


def test_settings_guide_names_nothing_else() -> None:
    assert set(rows(SETTINGS)) == {*KEYS, *SECRETS}


@pytest.mark.parametrize("name", Metrics().names())
def test_metric_is_explained(name: str) -> None:
    assert name in rows(METRICS), f"add {name} to docs/metrics.md"


def test_metrics_guide_names_nothing_else() -> None:
    assert set(re.findall(r"hoidap_\w+", METRICS)) == set(Metrics().names())


def test_metric_labels_are_those_of_the_guide() -> None:
    metrics = Metrics()
    for attribute in vars(metrics).values():
        name = getattr(attribute, "_name", None)
        if name is None:
            continue
        full = name + ("_total" if attribute._type == "counter" else "")
        labels = re.findall(r"`(\w+)`", rows(METRICS)[full][1])
        assert tuple(labels) == attribute._labelnames, full
