"""Every setting with its type, bounds and default; `bot.config` fills them in.

The defaults equal the shipped `config.yaml` (a test holds them together), so the program
also runs without that file. What each key means stands in docs/settings.md.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from bot.handover import Hours

Role = Literal["web", "worker", "sender"]
ROLES: frozenset[Role] = frozenset({"web", "worker", "sender"})
DEFAULT_DATABASE_URL = "sqlite:///var/bot.db"


def is_loopback(host: str) -> bool:
    """True when only this machine can reach `host` (a name or an address)."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        well_formed = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        well_formed = False
    if not well_formed or parts.scheme not in ("http", "https") or re.search(r"\s", value):
        raise ValueError("must be a web address such as https://example.vn")
    if parts.query or parts.fragment or parts.username:
        raise ValueError("must be a plain web address, without ?, # or a user name")
    return value.rstrip("/")


def _split_roles(value: Any) -> Any:
    return [p.strip() for p in value.split(",") if p.strip()] if isinstance(value, str) else value


def _some_roles(value: frozenset[Role]) -> frozenset[Role]:
    if not value:
        raise ValueError("must name at least one of web, worker, sender")
    return value


def _graph_version(value: str) -> str:
    if not re.fullmatch(r"v\d+\.\d+", value):
        raise ValueError("must look like v25.0")
    return value


def _secrets_prefix(value: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*[A-Z0-9]", value):
        raise ValueError("must be capital letters, digits and _ such as ZALO2")
    return value


def _whole_id(value: Any) -> Any:
    # An id written without quotes is an integer in YAML; a float would have lost digits.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


WebAddress = Annotated[str, AfterValidator(_web_address)]
OptionalWebAddress = Annotated[str, AfterValidator(lambda v: _web_address(v) if v else v)]
Roles = Annotated[frozenset[Role], BeforeValidator(_split_roles), AfterValidator(_some_roles)]
GraphVersion = Annotated[str, AfterValidator(_graph_version)]
SecretsPrefix = Annotated[str, AfterValidator(_secrets_prefix)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
WindowHours = Annotated[float, Field(gt=0, le=168, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]


class Section(BaseModel):
    """A group of settings: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Server(Section):
    host: str = Field("127.0.0.1", min_length=1)
    port: int = Field(8080, ge=0, le=65535)
    roles: Roles = ROLES
    public_url: OptionalWebAddress = ""
    monitor_port: int = Field(0, ge=0, le=65535)
    max_body_bytes: Count = 4 * 1024 * 1024
    drain_seconds: NotNegative = 10


class AccountEntry(Section):
    """A further OA or Page. Its secrets are `<secrets_prefix>_…` variables."""

    id: Annotated[str, BeforeValidator(_whole_id), Field(min_length=1)]
    default_province: str = ""
    secrets_prefix: SecretsPrefix


class ChannelSettings(Section):
    enabled: bool = True
    timeout_seconds: Positive = 10
    accounts: tuple[AccountEntry, ...] = ()
    default_province: str = ""


class Zalo(ChannelSettings):
    api_base: WebAddress = "https://openapi.zalo.me"
    oauth_base: WebAddress = "https://oauth.zaloapp.com"
    window_hours: WindowHours = 48
    refresh_ahead_minutes: Annotated[float, Field(ge=0, le=1440)] = 120
    buttons: bool = True
    sends_per_minute: Count = 4000


class Messenger(ChannelSettings):
    graph_base: WebAddress = "https://graph.facebook.com"
    graph_version: GraphVersion = "v25.0"
    window_hours: WindowHours = 24
    sends_per_minute: Count = 18000


class Channels(Section):
    zalo: Zalo = Zalo()
    messenger: Messenger = Messenger()


class StoreSettings(Section):
    batch_size: Count = 256
    lease_seconds: Positive = 15


class Worker(Section):
    concurrency: Count = 16
    processes: Annotated[int, Field(ge=0, le=64)] = 2
    poll_seconds: Positive = 0.2


class DeliverySettings(Section):
    concurrency: Count = 32
    max_attempts: Count = 12
    retry_base_seconds: NotNegative = 2
    retry_cap_seconds: NotNegative = 300
    crash_resend_seconds: NotNegative = 10
    account_probe_seconds: Positive = 60
    poll_seconds: Positive = 0.2
    typing_after_seconds: NotNegative = 1


class UserLimits(Section):
    user_burst: Count = 20
    user_refill_seconds: Positive = 3
    question_chars: Count = 1500


class Matching(Section):
    answer_threshold: Share = 0.83
    ask_threshold: Share = 0.2
    close_race: Share = 0.04
    options: int = Field(3, ge=1, le=3)


class Evaluation(Section):
    min_right_or_offered: Share = 0.82
    max_wrong: Share = 0.04
    max_outside_answered: Share = 0.03


class ConversationSettings(Section):
    context_minutes: Positive = 30
    takeover_minutes: Positive = 60


def _readable_hours(value: str) -> str:
    Hours.parse(value)  # its ValueError says what is not understood
    return value


class Handover(Section):
    hours: Annotated[str, AfterValidator(_readable_hours)] = "08:00-17:00 thứ Hai đến thứ Sáu"


class Privacy(Section):
    retention_days: Positive = 180


class KnowledgeSettings(Section):
    dir: str = ""
    reload_seconds: NotNegative = 2


class Console(Section):
    enabled: bool = True
    session_hours: Positive = 10
    idle_minutes: Positive = 60
    login_attempts: Count = 5
    login_window_minutes: Positive = 15


class Alarms(Section):
    check_seconds: NotNegative = 60
    spike_questions: Annotated[int, Field(ge=2)] = 8
    spike_minutes: Annotated[float, Field(gt=0, le=1440)] = 60
    expires_days: Annotated[int, Field(ge=0, le=366)] = 30
    silence_minutes: NotNegative = 240
    silence_hours: Annotated[str, AfterValidator(_readable_hours)] = "07:00-21:00"
    email_to: str = ""
    email_from: str = ""
    smtp_host: str = ""
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""


class Simulator(Section):
    enabled: bool = False


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"


@dataclass(frozen=True, slots=True)
class Secrets:
    """The variables that stand in no file of the repository. `repr` shows none of them."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    def get(self, name: str) -> str:
        """The value of a variable ("BOT_SECRET_KEY"), "" when missing or empty."""
        return self.values.get(name, "")

    def confidential(self) -> tuple[str, ...]:
        """Values that must never be logged: all but the ids, which are public."""
        public = ("_APP_ID", "_OA_ID", "_PAGE_ID")
        found = [v for n, v in self.values.items() if v and not n.endswith(public)]
        password = re.search(r"//[^/@:]*:([^/@]+)@", self.get("DATABASE_URL"))
        # Keys that replace each other stand in one variable.
        found += [key.strip() for key in self.get("BOT_TOKEN_KEY").split(",") if key.strip()]
        return (*found, password[1]) if password else tuple(found)


class Settings(Section):
    """All settings of one process."""

    server: Server = Server()
    channels: Channels = Channels()
    store: StoreSettings = StoreSettings()
    worker: Worker = Worker()
    delivery: DeliverySettings = DeliverySettings()
    limits: UserLimits = UserLimits()
    matching: Matching = Matching()
    evaluation: Evaluation = Evaluation()
    conversation: ConversationSettings = ConversationSettings()
    handover: Handover = Handover()
    privacy: Privacy = Privacy()
    knowledge: KnowledgeSettings = KnowledgeSettings()
    console: Console = Console()
    alarms: Alarms = Alarms()
    simulator: Simulator = Simulator()
    log: Log = Log()
    #: From DATABASE_URL; may hold a password, hence not in `repr`.
    database_url: str = Field(DEFAULT_DATABASE_URL, repr=False)
    secrets: Secrets = Field(default_factory=Secrets, repr=False, exclude=True)

    @property
    def uses_sqlite(self) -> bool:
        """True with the embedded store, which serves one process only."""
        return self.database_url.startswith("sqlite:")
