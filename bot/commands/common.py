"""What several commands share: settings, knowledge, the desk."""

from __future__ import annotations

from pathlib import Path

from bot.builder import Recipe
from bot.config import Settings, load_settings
from bot.dialogue import Desk
from bot.match import MatchSettings
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


def recipe(settings: Settings, knowledge: Snapshot | Path | None) -> Recipe:
    """What a desk is built from: knowledge, or the folder of it, and the settings."""
    return Recipe(
        knowledge,
        match_settings(settings),
        context_minutes=settings.conversation.context_minutes,
        handover_hours=settings.handover.hours,
        question_chars=settings.limits.question_chars,
    )


def build_desk(settings: Settings, snapshot: Snapshot) -> Desk:
    """The desk for a snapshot, with the thresholds of the settings."""
    return recipe(settings, snapshot).make()


def load_desk() -> Desk:
    """Settings and knowledge -> desk. Raises `SettingsError`, `KnowledgeError`."""
    settings = load_settings()
    return recipe(settings, knowledge_folder(settings)).make()
