"""One message in, messages out: stored first, in order, once, by the assistant or by the person who has the word."""

from __future__ import annotations

import asyncio
import re
import time
import weakref
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog
from prometheus_client import Counter, Histogram

from bot.events import LostUpdateError, slot_set
from bot.hub import Hub
from bot.locks import LocalLocks, Locks
from bot.messages import BotMessage, UserMessage
from bot.stores.conversations import Conversation, Conversations, Inbox, Said

log = structlog.get_logger()
TURNS = Counter("daogou_turns_total", "Messages answered", ["channel", "mode"])
SECONDS = Histogram(
    "daogou_turn_seconds", "From the message to its answer", buckets=(0.01, 0.02, 0.03, 0.05, 0.1, 0.3, 1, 3, 10)
)
HANDOFFS = Counter("daogou_handoffs_total", "Conversations given to a person")

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)


class TurnResult(Protocol):
    """What a runtime reports of a turn."""

    @property
    def messages(self) -> list[BotMessage]: ...
    @property
    def slots(self) -> Mapping[str, Any]: ...


class Runtime(Protocol):
    async def turn(self, message: UserMessage) -> TurnResult: ...
    async def append_events(self, sender_id: str, events: Sequence[dict[str, Any]]) -> object: ...


class RefusedError(Exception):
    """The message was not taken; the text says why and what is allowed, in both languages' plain words."""


@dataclass
class _Line:
    """The queue of one conversation."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: list[UserMessage] = field(default_factory=list)


class Assistant:
    """`erase(sender_id)` removes a conversation's events when its customer asked for that; without it the dialogue is not
    the shop's, and its slots mean nothing here."""

    def __init__(
        self,
        runtime: Runtime,
        *,
        conversations: Conversations,
        inbox: Inbox,
        hub: Hub,
        erase: Callable[[str], Awaitable[None]] | None,
        longest: int = 2000,
        locks: Locks | None = None,
    ) -> None:
        self.runtime = runtime
        self.conversations = conversations
        self._inbox = inbox
        self._hub = hub
        self._erase = erase
        self._longest = longest
        self._locks = locks or LocalLocks()
        self._lines: weakref.WeakValueDictionary[str, _Line] = weakref.WeakValueDictionary()

    async def handle(
        self, message: UserMessage, *, merge: bool = False, shown_as: str | None = None
    ) -> list[BotMessage]:
        """Stores one message and answers it. Raises RefusedError for an empty or too long text."""
        await self.store(message, shown_as=shown_as)
        return await self.reply(message, merge=merge)

    async def store(self, message: UserMessage, *, shown_as: str | None = None) -> bool:
        """Writes a message down before anything is done about it; False when this delivery is a repetition.

        Raises RefusedError for an empty or too long text.
        """
        message = self._clean(message)
        fresh = await asyncio.to_thread(
            self._inbox.receive, message.channel, message.message_id, message.sender_id, message.text, message.metadata
        )
        if fresh:
            data = {"text": shown_as or message.text}
            await self._said(message.sender_id, "customer", data, channel=message.channel, ref=message.message_id)
            self._lines.setdefault(message.sender_id, _Line()).waiting.append(message)
        return fresh

    async def reply(self, message: UserMessage, *, merge: bool = False) -> list[BotMessage]:
        """Answers a stored message, in its turn. A repeated delivery (same channel and id) gets the first answer again.

        With `merge`, messages that piled up while another was worked on are answered together, by the first of them.
        """
        message = self._clean(message)
        line = self._lines.setdefault(message.sender_id, _Line())
        async with line.lock:
            stored = await asyncio.to_thread(self._inbox.replies, message.channel, message.message_id)
            if stored is not None:
                return [BotMessage.from_dict(reply) for reply in stored]
            typed = [m for m in line.waiting if not m.text.startswith("/")]
            batch = typed if merge and message in typed else [message]
            line.waiting = [m for m in line.waiting if m not in batch]
            return await self._answer(message, batch)

    async def resume(self, *, since: float) -> list[tuple[UserMessage, list[BotMessage]]]:
        """Answers what a crash left unanswered. Called once at start."""
        left = await asyncio.to_thread(self._inbox.unanswered, since=since)
        messages = [UserMessage(r["text"], r["sender_id"], r["channel"], r["message_id"], r["metadata"]) for r in left]
        return [(message, await self.reply(message)) for message in messages]

    def held(self, sender_id: str) -> AbstractAsyncContextManager[None]:
        """The conversation for one caller at a time: for whoever writes events into it beside the turns."""
        return self._locks.hold(sender_id)

    async def agent_says(self, sender_id: str, operator: str, text: str) -> Said:
        """A person answers. The conversation must be theirs."""
        row = await asyncio.to_thread(self.conversations.get, sender_id)
        if row is None or row.mode != "human" or row.operator != operator:
            raise RefusedError("Take the conversation over first; it is not yours.")
        return await self._said(sender_id, "agent", {"text": text}, channel=row.channel)

    async def change_mode(self, sender_id: str, *, operator: str, take: bool) -> bool:
        """Takes a conversation over, or hands it back to the assistant; False when it is somebody else's."""
        if take:
            done = await asyncio.to_thread(
                self.conversations.change_mode, sender_id, only_if=("bot", "waiting"), mode="human", operator=operator
            )
        else:
            row = await asyncio.to_thread(self.conversations.get, sender_id)
            if row is None or row.operator != operator:
                return False
            done = await asyncio.to_thread(self.conversations.change_mode, sender_id, only_if=("human",), mode="bot")
        if done:
            self._publish_row(await asyncio.to_thread(self.conversations.get, sender_id))
        return done

    async def say(self, sender_id: str, message: BotMessage, *, channel: str) -> Said:
        """The assistant speaks first: a restock notice, news of an order."""
        return await self._said(sender_id, "bot", message.as_dict(), channel=channel)

    async def _answer(self, message: UserMessage, batch: list[UserMessage]) -> list[BotMessage]:
        started = time.perf_counter()
        row = await asyncio.to_thread(self.conversations.touch, message.sender_id, channel=message.channel)
        replies: list[BotMessage] = []
        if row.mode != "human":
            if len(batch) > 1:
                message = UserMessage(
                    "\n".join(m.text for m in batch),
                    message.sender_id,
                    message.channel,
                    message.message_id,
                    message.metadata,
                )
            self._hub.publish(message.sender_id, {"type": "typing", "sender_id": message.sender_id, "on": True})
            replies = await self._turn(message)
            for reply in replies:
                await self._said(message.sender_id, "bot", reply.as_dict(), channel=message.channel)
            self._hub.publish(message.sender_id, {"type": "typing", "sender_id": message.sender_id, "on": False})
        for one in batch:
            await asyncio.to_thread(
                self._inbox.answer,
                one.channel,
                one.message_id,
                [r.as_dict() for r in replies] if one.message_id == message.message_id else [],
            )
        TURNS.labels(message.channel, row.mode).inc()
        SECONDS.observe(time.perf_counter() - started)
        return replies

    async def _turn(self, message: UserMessage) -> list[BotMessage]:
        async with self.held(message.sender_id):
            try:
                result = await self.runtime.turn(message)
            except LostUpdateError:
                log.warning("conversation_moved_on", sender_id=message.sender_id)
                result = await self.runtime.turn(message)
            await self._follow_up(message, result.slots if self._erase is not None else {})
        return list(result.messages)

    async def _follow_up(self, message: UserMessage, slots: Mapping[str, Any]) -> None:
        """Keeps the console's row in step, and carries out a deletion the customer confirmed."""
        before = await asyncio.to_thread(self.conversations.get, message.sender_id)
        row = await asyncio.to_thread(
            self.conversations.touch,
            message.sender_id,
            channel=message.channel,
            customer_id=slots.get("customer_id"),
            language=slots.get("language") or "",
            mood=float(slots.get("mood") or 0.0),
        )
        if before is not None and before.mode == "bot" and row.mode == "waiting":
            HANDOFFS.inc()
        self._publish_row(row)
        if self._erase is not None and slots.get("erase_requested"):
            await self._erase(message.sender_id)
            await self.runtime.append_events(message.sender_id, [slot_set("erase_requested", None)])

    async def _said(
        self, sender_id: str, author: Any, data: Mapping[str, Any], *, channel: str, ref: str | None = None
    ) -> Said:
        if author == "customer":
            await asyncio.to_thread(self.conversations.touch, sender_id, channel=channel)
        said = await asyncio.to_thread(self.conversations.say, sender_id, author, data)
        self._hub.publish(sender_id, said_news(said) | ({"ref": ref} if ref else {}))
        return said

    def _publish_row(self, row: Conversation | None) -> None:
        if row is not None:
            self._hub.publish(row.sender_id, {"type": "mode", "sender_id": row.sender_id, "mode": row.mode})

    def _clean(self, message: UserMessage) -> UserMessage:
        text = _UNSEEN.sub("", message.text).strip()
        if not text:
            raise RefusedError("消息是空的，请输入文字。 / The message is empty; please write something.")
        if len(text) > self._longest:
            raise RefusedError(
                f"这条消息有 {len(text)} 个字，最多 {self._longest} 个，请分几条发。 / "
                f"This message has {len(text)} characters; {self._longest} are allowed, please split it."
            )
        return UserMessage(
            text, message.sender_id, message.channel, message.message_id, message.metadata, message.parse
        )


def said_news(said: Said) -> dict[str, Any]:
    """A bubble as widget and console receive it."""
    return {
        "type": "said",
        "id": said.id,
        "sender_id": said.sender_id,
        "author": said.author,
        "time": said.time,
        "data": dict(said.data),
    }
