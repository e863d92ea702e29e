"""What several commands share: settings, knowledge, the desk."""

from __future__ import annotations

from pathlib import Path

from bot.config import Settings, load_settings
from bot.dialogue import Desk
from bot.match import MatchSettings
from knowledge.loader import load_or_raise
from knowledge.snapshot import Snapshot


def knowledge_folder(settings: Settings) -> Path | None:
    """The configured folder, None for the one shipped with the program."""
    return Path(settings.knowledge.dir) if settings.knowledge.dir else None


def match_settings(settings: Settings) -> MatchSettings:
    """The thresholds of the settings."""
    matching = settings.matching
    return MatchSettings(
        answer_threshold=matching.answer_threshold,
        ask_threshold=matching.ask_threshold,
        close_race=matching.close_race,
        options=matching.options,
    )


def build_desk(settings: Settings, snapshot: Snapshot) -> Desk:
    """The desk for a snapshot, with the thresholds of the settings."""
    return Desk(
        snapshot,
        match_settings(settings),
        context_minutes=settings.conversation.context_minutes,
        handover_hours=settings.handover.hours,
        question_chars=settings.limits.question_chars,
    )


def load_desk() -> Desk:
    """Settings and knowledge -> desk. Raises `SettingsError`, `KnowledgeError`."""
    settings = load_settings()
    return build_desk(settings, load_or_raise(knowledge_folder(settings)))
