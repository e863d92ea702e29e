"""One turn of a conversation: what was said, plus what is remembered -> a `Reply`.

The desk is pure: `respond` depends on its arguments and the snapshot only, so channels,
console and command line give the same bytes. Order of the stages:

    tap or offer choice -> small talk and edges -> normalize -> follow-up or match -> answer
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from bot import answer as answering
from bot import texts
from bot.answer import MAX_TEXT, Asked
from bot.match import Index, MatchSettings, decide
from bot.models import (
    Answer,
    Candidate,
    Conversation,
    Decision,
    EventKind,
    Option,
    Outcome,
    Question,
    Reply,
    Slots,
)
from bot.normalize import Lexicon, fold, normalize, split_questions
from bot.scope import hotline
from bot.several import MOST, join
from bot.smalltalk import Turn, only_identifiers, recognise
from knowledge.snapshot import Snapshot

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
ANSWER_PREFIX = "answer:"
#: Slots that a bare number can fill, when the last answer takes one of them.
_COUNTS = ("months", "members", "grade", "age")


@dataclass(frozen=True, slots=True)
class Said:
    """What a citizen did in this turn, channel-neutral."""

    text: str = ""
    kind: EventKind = EventKind.TEXT
    payload: str = ""
    attachment: str = ""
    #: Names of the personal identifiers already redacted from `text`.
    redacted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where and when a turn is answered."""

    now: datetime
    #: Place id assumed when none is said ("" = none): account default or `--province`.
    place: str = ""
    #: Staff see staff-only answers too.
    staff: bool = False

    @property
    def today(self) -> date:
        """The day of asking in Việt Nam."""
        return self.now.astimezone(VIETNAM).date()


def at_noon(day: date) -> datetime:
    """A moment on the given Vietnamese day, for `--as-of`."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=timezone(timedelta(hours=7)))


_LINES: Mapping[Turn, tuple[str, ...]] = {
    Turn.CRISIS: texts.CRISIS,
    Turn.EMERGENCY: texts.EMERGENCY,
    Turn.GREETING: texts.HELLO,
    Turn.THANKS: texts.THANKS,
    Turn.GOODBYE: texts.GOODBYE,
    Turn.WHO: texts.WHO,
    Turn.ABUSE: texts.ABUSE,
    Turn.SMALL_TALK: texts.SMALL_TALK,
    Turn.FOREIGN: texts.FOREIGN,
}


class Desk:
    """Answers turns from one snapshot. Build once per snapshot; immutable afterwards."""

    def __init__(
        self,
        snapshot: Snapshot,
        settings: MatchSettings,
        *,
        context_minutes: float = 30,
        handover_hours: str = "",
        question_chars: int = 1500,
    ) -> None:
        self.snapshot = snapshot
        self.settings = settings
        self.lexicon = Lexicon.from_snapshot(snapshot)
        self.index = Index.build(snapshot)
        self._context = timedelta(minutes=context_minutes)
        self._hours = handover_hours
        self._question_chars = question_chars
        self._words = snapshot.lexicon["smalltalk"]
        self._menu: Sequence[dict[str, str]] = snapshot.lexicon.get("menu", [])

    # -- the turn -----------------------------------------------------------------------
    def respond(
        self, said: Said, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation]:
        """The reply to one turn, and the conversation after it."""
        conversation = self._fresh(conversation, at)
        reply, after = self._turn(said, conversation, at)
        if said.redacted and reply.outcome is not Outcome.IGNORED:
            today = at.today.isoformat()
            if reply.outcome is Outcome.REFUSED_PERSONAL or after.notes.get("identifiers") != today:
                reply = replace(reply, parts=(*reply.parts, texts.IDENTIFIER_CAUTION))
                after = replace(after, notes={**after.notes, "identifiers": today})
        return reply, replace(after, updated_at=at.now, offer=reply.options)

    def _fresh(self, conversation: Conversation, at: Circumstances) -> Conversation:
        """Slots, offers and the last answer end after a silence."""
        last = conversation.updated_at
        if last is None or at.now - last <= self._context:
            return conversation
        return Conversation(notes=conversation.notes, updated_at=last)

    def _turn(
        self, said: Said, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation]:
        if said.kind is EventKind.WELCOME:
            return self._show_menu(at, conversation, *texts.WELCOME)
        if said.kind is EventKind.TAP:
            tapped = self._tap(said, conversation, at)
            if tapped:
                return tapped
        if said.attachment and not fold(said.text).strip():
            text = texts.ATTACHMENT.get(said.attachment, texts.ATTACHMENT_OTHER)
            return self._say(at, text), conversation
        question = normalize(said.text[-self._question_chars :], self.lexicon, at.today)
        if not question.folded:
            return self._say(at, *texts.EMPTY), conversation
        chosen = self._choice(question, conversation)
        if chosen:
            return self._chosen(chosen, conversation, at)
        number = _bare_number(question)
        if number is not None:
            numbered = self._number(number, conversation, at)
            if numbered:
                return numbered
        edge = self._edge(question, said, conversation, at)
        if edge:
            return edge
        return self._several(said, conversation, at) or self._question(question, conversation, at)

    def place_id(self, name: str) -> str:
        """The place of a name in any spelling, "" when it is none."""
        exact = self.lexicon.place_ids.get(fold(name).strip())
        # The day matters to no name; any will do.
        return exact or normalize(f"tỉnh {name}", self.lexicon, date(2000, 1, 1)).slots.place

    # -- taps, offers, menu ---------------------------------------------------------------
    def menu(self) -> tuple[Option, ...]:
        """The main menu, in its own order."""
        return tuple(
            self._option(entry["answer"])
            for entry in self._menu
            if entry["answer"] in self.snapshot.answers
        )

    def _option(self, answer_id: str) -> Option:
        file = self.snapshot.answers[answer_id].file
        return Option(answer_id, file.topic, file.title)

    def _tap(
        self, said: Said, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation] | None:
        """A tapped button. None when its payload is unknown and its title should be read."""
        payload = said.payload.strip().lstrip("#")
        target = payload.removeprefix(ANSWER_PREFIX)
        stored = self.snapshot.answers.get(target) if payload.startswith(ANSWER_PREFIX) else None
        if stored and stored.file.visibility == "citizen":
            if any(option.answer_id == target for option in conversation.offer):
                return self._chosen(target, conversation, at)
            return self._answered(target, Slots(), frozenset(), conversation, at)
        key = fold(payload).replace(" ", "_")
        for entry in self._menu:
            if (
                key in str(entry.get("payloads", "")).split()
                and entry["answer"] in self.snapshot.answers
            ):
                return self._answered(entry["answer"], Slots(), frozenset(), conversation, at)
        if key in ("menu", "get_started") or not said.text or said.text.startswith("#"):
            return self._show_menu(at, conversation, texts.MENU_HEAD)
        return None

    def _show_menu(
        self, at: Circumstances, conversation: Conversation, *lines: str
    ) -> tuple[Reply, Conversation]:
        """The menu opens another subject: of what was said before, only the place still holds."""
        after = replace(conversation, slots=Slots(place=conversation.slots.place))
        return self._say(at, *lines, options=self.menu()), after

    def _chosen(
        self, answer_id: str, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation]:
        """A choice from the open offer answers the question that led to the offer."""
        slots = conversation.slots
        return self._answered(answer_id, slots, self._groups(slots), conversation, at)

    def _number(
        self, number: int, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation] | None:
        """A bare number that fits no choice: a count the last answer takes, or offered again."""
        last = self.snapshot.answers.get(conversation.last_answer)
        takes = next((name for name in last.file.slots if name in _COUNTS), "") if last else ""
        if takes:
            given: dict[str, Any] = {takes: number}
            slots = replace(conversation.slots, **given)
            groups = self._groups(conversation.slots)
            return self._answered(conversation.last_answer, slots, groups, conversation, at)
        if not conversation.offer:
            return None
        reply = Reply(
            outcome=Outcome.ASKED_BACK,
            parts=(_numbered(texts.ASK_BACK, conversation.offer),),
            options=conversation.offer,
            slots=conversation.slots,
            reasons=("a number that is no choice of the offer",),
        )
        return reply, conversation

    def _choice(self, question: Question, conversation: Conversation) -> str | None:
        """The answer id chosen from the open offer, by number or by its words."""
        if not conversation.offer:
            return None
        offer = [o for o in conversation.offer if o.answer_id in self.snapshot.answers]
        number = _bare_number(question)
        if number is not None and 1 <= number <= len(conversation.offer):
            chosen = conversation.offer[number - 1]
            return chosen.answer_id if chosen in offer else None
        words = fold(question.text).strip(" .")
        for option in offer:
            if words == fold(option.title).strip(" ."):
                return option.answer_id
        return None

    # -- edges ----------------------------------------------------------------------------
    def _edge(
        self, question: Question, said: Said, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation] | None:
        plain = fold(question.text)
        turn = recognise(plain, question.accented, self._words)
        if turn is None:
            turn = recognise(question.folded, question.accented, self._words)
        if turn is Turn.PERSONAL or (said.redacted and only_identifiers(plain, self._words)):
            reply = self._say(at, *texts.REFUSED_PERSONAL)
            return replace(reply, outcome=Outcome.REFUSED_PERSONAL), conversation
        if turn is Turn.HANDOVER:
            reply = self._say(at, *(texts.HANDED_OVER_HOURS if self._hours else texts.HANDED_OVER))
            return replace(reply, outcome=Outcome.HANDED_OVER), conversation
        if turn is Turn.MENU:
            return self._show_menu(at, conversation, texts.MENU_HEAD)
        if turn is None:
            return None
        return self._say(at, *_LINES[turn]), conversation

    # -- questions --------------------------------------------------------------------------
    def _several(
        self, said: Said, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation] | None:
        """A message of several questions; None when it is one, or none of them is answered."""
        asked = split_questions(said.text[-self._question_chars :])
        if len(asked) < 2:
            return None
        replies = []
        for text in asked[:MOST]:
            question = normalize(text, self.lexicon, at.today)
            reply, conversation = self._question(question, conversation, at)
            replies.append(reply)
        joined = join(replies)
        if joined is None:
            return None
        if joined.more and joined.options:
            options = joined.options[: self.settings.options]
            listed = (*joined.parts, _numbered(texts.FOLLOW_UPS, options))
            fits = len("\n\n".join(listed)) <= MAX_TEXT
            joined = replace(
                joined, parts=listed if fits else joined.parts, options=options if fits else ()
            )
        return joined, conversation

    def _question(
        self, question: Question, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation]:
        decision = decide(question, self.index, self.settings, staff=at.staff)
        if self._is_follow_up(question, decision, conversation):
            slots = question.slots.merged_over(conversation.slots)
            groups = question.audiences or self._groups(conversation.slots)
            return self._answered(
                conversation.last_answer, slots, groups, conversation, at, decision
            )
        if decision.outcome is Outcome.ANSWERED:
            best = decision.candidates[0].answer_id
            slots = replace(question.slots, place=question.slots.place or conversation.slots.place)
            return self._answered(best, slots, question.audiences, conversation, at, decision)
        if decision.outcome is Outcome.ASKED_BACK:
            return self._asked_back(decision, question, conversation, at)
        return self._not_known(decision, question, conversation, at)

    def _groups(self, slots: Slots) -> frozenset[str]:
        return frozenset(slots.group.split()) if slots.group else frozenset()

    def _is_follow_up(
        self, question: Question, decision: Decision, conversation: Conversation
    ) -> bool:
        """An elliptical turn: few words, a new slot, and an answer it can be about."""
        if conversation.last_answer not in self.snapshot.answers:
            return False
        said_slots = question.slots != Slots() or bool(question.audiences)
        best = next(iter(decision.candidates), None)
        ruled_out = {c.answer_id for c in decision.candidates if c.vetoes}
        if conversation.last_answer in ruled_out:
            return False  # about another group, product or thing
        words = question.folded.split()
        cue = words[0] in ("con", "the", "vay", "neu", "o", "nha", "tinh") if words else False
        sure = decision.outcome is Outcome.ANSWERED
        if not said_slots or len(words) > 8:
            return False
        names_another = bool(question.audiences or question.verbs or question.products)
        if sure and names_another and best and best.answer_id != conversation.last_answer:
            return False  # "còn mất thẻ thì sao" is a question of its own
        return (cue and len(words) <= 7) or (not sure and len(words) <= 5)

    def _answered(
        self,
        answer_id: str,
        slots: Slots,
        groups: frozenset[str],
        conversation: Conversation,
        at: Circumstances,
        decision: Decision | None = None,
    ) -> tuple[Reply, Conversation]:
        place = slots.place or conversation.slots.place or at.place
        place = place if place in self.snapshot.places else at.place
        slots = replace(slots, place=place, group=" ".join(sorted(groups)))
        asked = Asked(today=at.today, slots=slots, place=place, groups=groups)
        found = answering.apply(self.snapshot, answer_id, asked)
        reply = self._reply(found, slots, decision)
        after = replace(conversation, last_answer=answer_id, slots=slots, not_known_in_a_row=0)
        return reply, after

    def _reply(self, found: Answer, slots: Slots, decision: Decision | None) -> Reply:
        options = found.follow_ups[: self.settings.options]
        parts = [found.text]
        if options:
            parts.append(_numbered(texts.FOLLOW_UPS, options))
        if len("\n\n".join(parts)) > MAX_TEXT:
            parts, options = [found.text], ()  # the caution needs its room, too
        return Reply(
            outcome=Outcome.ANSWERED,
            parts=tuple(parts),
            options=options,
            answer_id=found.answer_id,
            topic=found.topic,
            score=decision.score if decision else 1.0,
            amounts=found.amounts,
            citations=found.citations,
            applies=found.applies,
            province=found.province,
            slots=slots,
            versions={found.answer_id: found.version},
            used=found.used,
            reasons=_reasons(decision) if decision else ("chosen from an offer",),
        )

    def _asked_back(
        self,
        decision: Decision,
        question: Question,
        conversation: Conversation,
        at: Circumstances,
    ) -> tuple[Reply, Conversation]:
        options = self._best(decision)
        reply = Reply(
            outcome=Outcome.ASKED_BACK,
            parts=(_numbered(texts.ASK_BACK, options),),
            options=options,
            score=decision.score,
            slots=question.slots,
            reasons=_reasons(decision),
        )
        return reply, replace(conversation, slots=_carried(question, conversation))

    def _not_known(
        self,
        decision: Decision,
        question: Question,
        conversation: Conversation,
        at: Circumstances,
    ) -> tuple[Reply, Conversation]:
        options = self._best(decision) if decision.score > 0 else ()
        parts = [self._fill(texts.NOT_KNOWN, at)]
        if options:
            parts.append(_numbered(texts.NOT_KNOWN_NEAR, options))
        reply = Reply(
            outcome=Outcome.NOT_KNOWN,
            parts=tuple(parts),
            options=options,
            score=decision.score,
            reasons=_reasons(decision),
        )
        row = conversation.not_known_in_a_row + 1
        after = replace(conversation, not_known_in_a_row=row)
        if options:
            after = replace(after, slots=_carried(question, conversation))
        return reply, after

    def _best(self, decision: Decision) -> tuple[Option, ...]:
        seen: dict[str, Option] = {}
        for candidate in decision.candidates:
            if not candidate.vetoes and candidate.answer_id not in seen:
                seen[candidate.answer_id] = self._option(candidate.answer_id)
        return tuple(seen.values())[: self.settings.options]

    # -- words ------------------------------------------------------------------------------
    def _say(self, at: Circumstances, *lines: str, options: tuple[Option, ...] = ()) -> Reply:
        parts = [self._fill(line, at) for line in lines]
        if options:
            parts[-1] = _numbered(parts[-1], options)
        return Reply(outcome=Outcome.CHITCHAT, parts=tuple(parts), options=options)

    def _fill(self, line: str, at: Circumstances) -> str:
        return line.replace("{hotline}", hotline(self.snapshot, at.today)).replace(
            "{hours}", self._hours
        )


def _bare_number(question: Question) -> int | None:
    """The number of a message that is nothing else: "2", "2.", "2)"."""
    words = question.text.strip().rstrip(".)").strip()
    return int(words) if words.isdecimal() and len(words) <= 3 else None


def _carried(question: Question, conversation: Conversation) -> Slots:
    """What a choice from the offer will be answered with: this question's slots, the place kept."""
    groups = question.audiences or {question.slots.group}
    return replace(
        question.slots,
        place=question.slots.place or conversation.slots.place,
        group=" ".join(sorted(groups)),
    )


def _numbered(head: str, options: Sequence[Option]) -> str:
    lines = [f"{n}. {option.title}" for n, option in enumerate(options, start=1)]
    return "\n".join([head, *lines])


def _reasons(decision: Decision) -> tuple[str, ...]:
    return tuple(_reason(candidate) for candidate in decision.candidates[:5])


def _reason(candidate: Candidate) -> str:
    evidence = ", ".join(f"{name} {value:.2f}" for name, value in candidate.evidence.items())
    vetoes = f"; vetoed: {', '.join(candidate.vetoes)}" if candidate.vetoes else ""
    head = f"{candidate.answer_id}: {candidate.score:.2f} by «{candidate.phrasing}»"
    return f"{head} ({evidence}){vetoes}"
