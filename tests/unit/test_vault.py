"""Sealed tokens open with their key, plain ones as they are, and nothing else opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import load_settings
from bot.errors import AccountTrouble, SettingsError
from bot.vault import MARK, Vault, key_problems

OLD, NEW = "o" * 32, "n" * 44


def test_sealed_and_opened() -> None:
    vault = Vault(OLD)
    sealed = vault.seal("token-Ấ")
    assert sealed.startswith(MARK)
    assert "token" not in sealed
    assert vault.open(sealed) == "token-Ấ"
    assert vault.seal("token-Ấ") != sealed  # nobody can tell equal tokens


def test_without_a_key_tokens_stay_as_they_are() -> None:
    assert Vault().seal("token") == "token"
    assert Vault().open("token") == "token"


def test_plain_values_are_read_with_a_key_too() -> None:
    assert Vault(OLD).open("token") == "token"


def test_nothing_is_sealed_as_nothing() -> None:
    assert Vault(OLD).seal("") == ""


@pytest.mark.parametrize("keys", ["", NEW])
def test_a_foreign_value_is_trouble_of_the_account(keys: str) -> None:
    with pytest.raises(AccountTrouble, match="BOT_TOKEN_KEY") as caught:
        Vault(keys).open(Vault(OLD).seal("token"))
    assert caught.value.code == "token key"
    assert "token-" not in str(caught.value)


@pytest.mark.parametrize("cut", [1, 20, -3])
def test_a_damaged_value_is_never_half_read(cut: int) -> None:
    with pytest.raises(AccountTrouble):
        Vault(OLD).open(Vault(OLD).seal("token")[: len(MARK) + cut if cut > 0 else cut])


def test_the_first_key_seals_and_every_key_opens() -> None:
    both = Vault(f"{NEW},{OLD}")
    assert both.open(Vault(OLD).seal("a")) == "a"
    assert Vault(NEW).open(both.seal("b")) == "b"


def test_short_keys_are_named() -> None:
    assert key_problems("") == []
    assert key_problems(f"{NEW},{OLD}") == []
    (problem,) = key_problems(f"{NEW},short")
    assert "key 2 has fewer than 32 characters" in problem


def test_a_short_key_stops_the_start_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="openssl rand -base64 32") as caught:
        load_settings(env={"BOT_TOKEN_KEY": "my password"})
    assert "my password" not in str(caught.value)


def test_keys_are_kept_out_of_logs_one_by_one() -> None:
    settings = load_settings(env={"BOT_TOKEN_KEY": f"{NEW}, {OLD}"})
    assert {NEW, OLD} <= set(settings.secrets.confidential())
