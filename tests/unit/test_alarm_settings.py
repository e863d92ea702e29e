"""Settings of alarms: faulty ones are refused at the start, secrets are never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import load_settings
from bot.errors import SettingsError


def load(folder: Path, **env: str) -> object:
    path = folder / "config.yaml"
    path.write_text("", encoding="utf-8")
    return load_settings(path, env)


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"BOT__ALARMS__EMAIL_TO": "a@example.vn"}, "alarms.smtp_host"),
        ({"ALARM_WEBHOOK_URL": "chat.example.vn/secret-key"}, "ALARM_WEBHOOK_URL: must be"),
        ({"BOT__ALARMS__SILENCE_HOURS": "cả ngày"}, "SILENCE_HOURS"),
        ({"BOT__ALARMS__SPIKE_QUESTIONS": "1"}, "SPIKE_QUESTIONS"),
        ({"BOT__ALARMS__SMTP_SECURITY": "ssl"}, "SMTP_SECURITY"),
    ],
)
def test_a_faulty_setting_is_named(tmp_path: Path, env: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, **env)
    assert said in str(refused.value)
    assert "secret-key" not in str(refused.value)


def test_the_address_of_the_webhook_is_a_secret(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("", encoding="utf-8")
    url = "https://chat.example.vn/secret-key"
    settings = load_settings(path, {"ALARM_WEBHOOK_URL": url})
    assert url in settings.secrets.confidential()
    assert "secret-key" not in repr(settings)
