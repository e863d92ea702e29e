"""Settings: every layer, every refusal, and all problems in one message."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.accounts import default_places
from bot.config import Settings, accounts, all_keys, load_settings, variable_of, warnings
from bot.errors import SettingsError

ROOT = Path(__file__).parents[2]
ZALO = {"ZALO_APP_ID": "11", "ZALO_OA_ID": "22", "ZALO_OA_SECRET_KEY": "oa-secret-key"}
MESSENGER = {
    "MESSENGER_APP_SECRET": "app-secret",
    "MESSENGER_VERIFY_TOKEN": "verify-me",
    "MESSENGER_PAGE_ID": "33",
    "MESSENGER_PAGE_ACCESS_TOKEN": "page-token",
}


def load(tmp_path: Path, text: str = "", **env: str) -> Settings:
    file = tmp_path / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, env)


def problems(tmp_path: Path, text: str = "", **env: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text, **env)
    return str(caught.value)


def test_shipped_file_says_what_the_defaults_are() -> None:
    assert load_settings(ROOT / "config.yaml", {}) == Settings()


def test_shipped_file_explains_every_key() -> None:
    lines = (ROOT / "config.yaml").read_text(encoding="utf-8").splitlines()
    for key in all_keys():
        mine = [line for line in lines if line.strip().startswith(f"{key[-1]}:")]
        assert mine, f"{'.'.join(key)} is not in config.yaml"
        assert all("#" in line for line in mine), f"{'.'.join(key)} has no comment"


@pytest.mark.parametrize(
    "key",
    [
        "channels.zalo.api_base",
        "channels.zalo.oauth_base",
        "channels.zalo.window_hours",
        "channels.zalo.enabled",
        "channels.messenger.graph_base",
        "channels.messenger.graph_version",
        "channels.messenger.enabled",
        "simulator.enabled",
        "server.host",
        "server.port",
        "server.roles",
        "delivery.max_attempts",
        "delivery.retry_base_seconds",
        "limits.user_burst",
        "limits.user_refill_seconds",
        "conversation.takeover_minutes",
        "privacy.retention_days",
    ],
)
def test_keys_others_rely_on_exist(key: str) -> None:
    assert tuple(key.split(".")) in all_keys()


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(env={}) == Settings()


def test_layers_win_in_order(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("server: {port: 1001, host: localhost, drain_seconds: 3}\n", encoding="utf-8")
    env = {"BOT__SERVER__PORT": "1002", "BOT__SERVER__DRAIN_SECONDS": "0.5"}
    settings = load_settings(file, env, overrides={"server.port": 1003})
    assert settings.server.port == 1003
    assert settings.server.drain_seconds == 0.5
    assert settings.server.host == "localhost"


def test_every_key_has_a_variable_that_reaches_it(tmp_path: Path) -> None:
    samples = {bool: "true", int: "2", float: "2.5"}
    for key in all_keys():
        value: object = Settings()
        for name in key:
            value = getattr(value, name)
        text = samples.get(type(value), str(value))
        if key[-1] in ("roles", "accounts"):
            text = {"roles": "sender, web,worker", "accounts": "[]"}[key[-1]]
        if key[0] == "evaluation" or key[-1].endswith("threshold") or key[-1] == "close_race":
            text = "0.5"
        load(tmp_path, **{variable_of(key): text})


def test_fractions_of_a_second_are_taken(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        BOT__DELIVERY__RETRY_BASE_SECONDS="0.05",
        BOT__LIMITS__USER_REFILL_SECONDS="0.5",
        BOT__CONVERSATION__TAKEOVER_MINUTES="0.02",
        BOT__PRIVACY__RETENTION_DAYS="30",
    )
    assert settings.delivery.retry_base_seconds == 0.05
    assert settings.limits.user_refill_seconds == 0.5
    assert settings.conversation.takeover_minutes == 0.02
    assert settings.privacy.retention_days == 30


def test_addresses_lose_their_last_slash(tmp_path: Path) -> None:
    settings = load(tmp_path, BOT__CHANNELS__ZALO__API_BASE="http://127.0.0.1:9000/")
    assert settings.channels.zalo.api_base == "http://127.0.0.1:9000"


def test_all_problems_arrive_together(tmp_path: Path) -> None:
    message = problems(
        tmp_path,
        "server:\n  port: many\n  hots: 127.0.0.1\nlogg: {}\n",
        BOT__CHANNELS__ZALO__API_BSAE="https://example.vn",
        BOT__CHANNELS__ZALO__OAUTH_BASE="not an address",
        BOT__MATCHING__ASK_THRESHOLD="0.9",
        BOT__SERVER__ROLES="web",
        BOT__SERVER__DRAIN_SECONDS="",
        DATABASE_URL="mysql://root:hunter2@db/x",
    )
    assert message.startswith("8 settings are wrong")
    assert "config.yaml:2: server.port: must be a whole number, not 'many'" in message
    assert "config.yaml:3: unknown key server.hots; did you mean server.host?" in message
    assert "config.yaml:4: unknown key logg; did you mean log?" in message
    assert "did you mean BOT__CHANNELS__ZALO__API_BASE?" in message
    assert "BOT__CHANNELS__ZALO__OAUTH_BASE: must be a web address" in message
    assert "matching.ask_threshold (0.9) is above" in message
    assert "BOT__SERVER__DRAIN_SECONDS: must be a number; it is empty" in message
    assert "DATABASE_URL: cannot use 'mysql'" in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"BOT__SERVER__ROLES": "web,worker"}, "SQLite serves one process"),
        ({"BOT__SERVER__ROLES": "boss"}, "must be 'web', 'worker' or 'sender', not 'boss'"),
        ({"BOT__SERVER__ROLES": " "}, "at least one of web, worker, sender"),
        (
            {"BOT__SERVER__HOST": "0.0.0.0", "BOT__SIMULATOR__ENABLED": "true"},  # noqa: S104
            "refuses the open address 0.0.0.0",
        ),
        ({"BOT__SIMULATOR__ENABLED": "perhaps"}, "must be true or false"),
        ({"BOT__CHANNELS__MESSENGER__GRAPH_VERSION": "25"}, "must look like v25.0"),
        ({"BOT__SERVER__PUBLIC_URL": "ftp://example.vn"}, "must be a web address"),
        ({"BOT__CHANNELS__ZALO__ACCOUNTS": "[{"}, "is not a JSON list of accounts"),
        ({"BOT__CHANNELS__ZALO__ACCOUNTS": '[{"id": 5}]'}, "0 secrets_prefix: is missing"),
        ({"BOT__LIMITS__USER_REFILL_SECONDS": "nan"}, "must be an ordinary number"),
        ({"BOT__LIMITS__USER_BURST": "1.5"}, "must be a whole number"),
        ({"BOT__NONSENSE": "1"}, "BOT__NONSENSE: no such setting"),
        ({"ZALO_ACCESS_TOKEN": "123456:abcDEF"}, "token of the Zalo Bot Platform"),
    ],
)
def test_refusals_say_how_to_mend(tmp_path: Path, env: dict[str, str], sentence: str) -> None:
    assert sentence in problems(tmp_path, **env)


def test_split_roles_are_fine_on_postgresql(tmp_path: Path) -> None:
    settings = load(tmp_path, BOT__SERVER__ROLES="web", DATABASE_URL="postgres://u:p@db/x")
    assert settings.server.roles == {"web"}
    assert settings.database_url == "postgresql://u:p@db/x"
    assert not settings.uses_sqlite


def test_broken_files_are_told_with_their_line(tmp_path: Path) -> None:
    assert "config.yaml:2" in problems(tmp_path, "server:\n\tport: 1\n")
    assert "server.port stands twice" in problems(tmp_path, "server:\n  port: 1\n  port: 2\n")
    assert "server must hold keys" in problems(tmp_path, "server: 8080\n")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path / "absent.yaml", {})


def test_empty_sections_and_files_are_fine(tmp_path: Path) -> None:
    assert load(tmp_path, "server:\nlog:\n") == load(tmp_path, "") == Settings()


def test_dotenv_stands_behind_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(
        "ZALO_APP_ID=from-file\nZALO_OA_ID=hidden\nMESSENGER_PAGE_ID=from-file\n", "utf-8"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZALO_APP_ID", " from-environment\n")
    monkeypatch.setenv("ZALO_OA_ID", "")
    monkeypatch.delenv("MESSENGER_PAGE_ID", raising=False)
    secrets = load_settings().secrets
    assert secrets.get("ZALO_APP_ID") == "from-environment"
    assert secrets.get("ZALO_OA_ID") == ""
    assert secrets.get("MESSENGER_PAGE_ID") == "from-file"


def test_secrets_show_in_no_repr(tmp_path: Path) -> None:
    settings = load(tmp_path, **ZALO, DATABASE_URL="postgresql://u:hunter2@db/x")
    shown = repr(settings) + str(settings) + repr(settings.secrets) + str(settings.model_dump())
    assert "oa-secret-key" not in shown
    assert "hunter2" not in repr(settings) + str(settings)
    assert {"oa-secret-key", "hunter2"} <= set(settings.secrets.confidential())
    assert "22" not in settings.secrets.confidential()


def test_settings_are_frozen(tmp_path: Path) -> None:
    settings = load(tmp_path)
    with pytest.raises(ValueError, match="frozen"):
        settings.server.port = 1  # type: ignore[misc]


def test_channels_without_secrets_are_off_and_name_them(tmp_path: Path) -> None:
    settings = load(tmp_path, ZALO_APP_ID="11", ZALO_OA_SECRET_KEY=" ")
    assert accounts(settings, "zalo") == ([], ("ZALO_OA_ID", "ZALO_OA_SECRET_KEY"))
    found, missing = accounts(settings, "messenger")
    assert found == []
    assert missing == tuple(MESSENGER)


def test_zalo_without_tokens_is_on_but_warns(tmp_path: Path) -> None:
    settings = load(tmp_path, **ZALO)
    (account,), missing = accounts(settings, "zalo")
    assert missing == ()
    assert account.id == "22"
    assert account.secrets == {"app_id": "11", "oa_id": "22", "oa_secret_key": "oa-secret-key"}
    assert any("ZALO_APP_SECRET" in w for w in warnings(settings))
    assert any("ZALO_REFRESH_TOKEN" in w for w in warnings(settings))


def test_messenger_recommends_the_app_id(tmp_path: Path) -> None:
    settings = load(tmp_path, **MESSENGER, BOT_SECRET_KEY="long")
    assert len(accounts(settings, "messenger")[0]) == 1
    (warning,) = warnings(settings)
    assert "MESSENGER_APP_ID is missing" in warning
    assert warnings(load(tmp_path, **MESSENGER, MESSENGER_APP_ID="1", BOT_SECRET_KEY="k")) == ()


def test_a_channel_switched_off_lacks_nothing(tmp_path: Path) -> None:
    settings = load(tmp_path, **ZALO, BOT__CHANNELS__ZALO__ENABLED="false")
    assert accounts(settings, "zalo") == ([], ())


def test_further_accounts_have_a_prefix_and_a_place(tmp_path: Path) -> None:
    text = """
channels:
  zalo:
    default_province: Bắc Giang
    accounts: [{id: 44, default_province: Bắc Ninh, secrets_prefix: ZALO2}]
"""
    more = {"ZALO2_APP_ID": "11", "ZALO2_OA_SECRET_KEY": "other-key"}
    both, missing = accounts(load(tmp_path, text, **ZALO, **more), "zalo")
    assert missing == ()
    assert [(a.id, a.default_place) for a in both] == [("22", "Bắc Giang"), ("44", "Bắc Ninh")]
    assert both[1].secrets["oa_secret_key"] == "other-key"

    only_second, missing = accounts(load(tmp_path, text, **more), "zalo")
    assert [a.id for a in only_second] == ["44"]
    assert missing == ()

    settings = load(tmp_path, text, **ZALO)
    only_first, missing = accounts(settings, "zalo")
    assert [a.id for a in only_first] == ["22"]
    assert missing == ()
    assert any("ZALO2_APP_ID, ZALO2_OA_SECRET_KEY" in w for w in warnings(settings))


def test_a_default_place_nobody_knows_is_told_with_the_nearest(tmp_path: Path) -> None:
    text = """
channels:
  zalo:
    default_province: Bắc Nin
    accounts: [{id: 44, default_province: Sao Hỏa, secrets_prefix: ZALO2}]
  messenger: {default_province: bac ninh}
"""
    known = {"bac ninh": "bac-ninh", "bắc ninh": "bac-ninh"}

    def place_id(name: str) -> str:
        return known.get(name.lower(), "")

    settings = load(tmp_path, text, **ZALO)
    with pytest.raises(SettingsError) as caught:
        default_places(settings, place_id, ["Bắc Ninh", "Đắk Lắk"])
    assert "2 settings are wrong" in str(caught.value)
    assert "channels.zalo.default_province: no place is called 'Bắc Nin'" in str(caught.value)
    assert "did you mean Bắc Ninh?" in str(caught.value)
    assert "channels.zalo.accounts: 44: default_province" in str(caught.value)
    right = load(tmp_path, "channels: {zalo: {default_province: Bắc Ninh}}", **ZALO)
    assert default_places(right, place_id, ["Bắc Ninh"]) == {("zalo", "22"): "bac-ninh"}


def test_accounts_that_clash_are_refused(tmp_path: Path) -> None:
    text = """
channels:
  zalo:
    accounts:
      - {id: "22", secrets_prefix: ZALO2}
      - {id: "5", secrets_prefix: ZALO2}
      - {id: "6", secrets_prefix: ZALO6}
"""
    message = problems(tmp_path, text, **ZALO, ZALO6_OA_ID="7")
    assert "22: this account is listed twice" in message
    assert "5: secrets_prefix ZALO2 is taken" in message
    assert "ZALO6_OA_ID: is not the id 6" in message


def test_tokens_sent_in_the_clear_are_warned_of(tmp_path: Path) -> None:
    key = "BOT__CHANNELS__ZALO__API_BASE"
    clear = warnings(load(tmp_path, **ZALO, **{key: "http://fake.example:9000"}))
    assert any("channels.zalo.api_base sends tokens unencrypted" in w for w in clear)
    local = warnings(load(tmp_path, **ZALO, **{key: "http://127.0.0.1:9000"}))
    assert not any("unencrypted" in w for w in local)
