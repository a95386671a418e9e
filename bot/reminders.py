"""The scheduler of reminders: sleeps until the next one is due, and lets its conversation go on.

The events of a conversation say which reminders it has; the store only says when to look (`ReminderStore`). So a
reminder outlives the process, and one that was cancelled meanwhile is not answered. A reminder is answered exactly once
in the conversation. Its messages are sent at most once: a crash between the two leaves them unsent, never sent twice.
Custom actions of a turn that a crash cut off run again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.dialogue.embedded import EmbeddedRuntime
from bot.events import LostUpdateError
from bot.messages import BotMessage

LONGEST_SLEEP = 60.0  # seconds; notices a changed clock and what other processes have set
RETRY_SECONDS = 60.0  # after a failure, or while a person has the word

log = structlog.get_logger()


class Reminders:
    """`held` gives a conversation to one caller at a time and must be the lock that the channels use. `deliver` gets
    the sender and the answer. While `may_speak` says no, a reminder waits."""

    def __init__(
        self,
        runtime: EmbeddedRuntime,
        *,
        held: Callable[[str], AbstractAsyncContextManager[Any]],
        deliver: Callable[[str, list[BotMessage]], Awaitable[None]],
        may_speak: Callable[[str], Awaitable[bool]] | None = None,
    ) -> None:
        self._runtime = runtime
        self._held = held
        self._deliver = deliver
        self._may_speak = may_speak
        self._changed = asyncio.Event()
        runtime.on_reminder = self._changed.set

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._changed.clear()
            try:
                wait = await self.answer_due()
            except (SQLAlchemyError, OSError):
                log.exception("reminders_unreadable")
                wait = RETRY_SECONDS
            try:
                await asyncio.wait_for(self._changed.wait(), min(wait, LONGEST_SLEEP))
            except TimeoutError:
                continue

    async def answer_due(self) -> float:
        """Answers all reminders that are due; returns how many seconds there are until the next."""
        store, clock = self._runtime.reminders, self._runtime.clock
        while True:
            first = await asyncio.to_thread(store.next)
            if first is None:
                return LONGEST_SLEEP
            sender_id, due = first
            if due > clock():
                return due - clock()
            if not await self._answer(sender_id):
                await asyncio.to_thread(store.add, sender_id, clock() + RETRY_SECONDS)
            await asyncio.to_thread(store.remove, sender_id, due)

    async def rebuild(self, sender_ids: Iterable[str]) -> None:
        """Sets the times of these conversations anew, from their events."""
        for sender_id in sender_ids:
            for reminder in self._runtime.tracker(sender_id).reminders:
                await asyncio.to_thread(self._runtime.reminders.add, sender_id, reminder.due)
        self._changed.set()

    async def _answer(self, sender_id: str) -> bool:
        """Answers what is due in one conversation; False where that must wait."""
        if self._may_speak is not None and not await self._may_speak(sender_id):
            return False
        try:
            while True:
                async with self._held(sender_id):
                    turn = await self._runtime.remind(sender_id)
                    if turn is None:
                        return True
                    await self._deliver(sender_id, turn.messages)
        except LostUpdateError:
            log.warning("conversation_moved_on", sender_id=sender_id)
        except Exception:  # one broken conversation must not stop the reminders of all others
            log.exception("reminder_failed", sender_id=sender_id)
        return False
