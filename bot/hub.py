"""Live news inside this process: who listens to a conversation, or to all of them (the console)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

EVERYTHING = "*"
BACKLOG = 200
"""A listener that is so many messages behind is dropped; it reads the history when it comes back."""


class Hub:
    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[Mapping[str, Any] | None]]] = {}

    def publish(self, sender_id: str, news: Mapping[str, Any]) -> None:
        for topic in (sender_id, EVERYTHING):
            for queue in list(self._queues.get(topic, ())):
                if queue.qsize() >= BACKLOG:
                    self._queues[topic].discard(queue)
                    queue.put_nowait(None)
                else:
                    queue.put_nowait(news)

    @asynccontextmanager
    async def listening(self, topic: str) -> AsyncIterator[asyncio.Queue[Mapping[str, Any] | None]]:
        """A queue of news about one conversation, or EVERYTHING; None means: too slow, dropped."""
        queue: asyncio.Queue[Mapping[str, Any] | None] = asyncio.Queue()
        self._queues.setdefault(topic, set()).add(queue)
        try:
            yield queue
        finally:
            self._queues.get(topic, set()).discard(queue)
            if not self._queues.get(topic):
                self._queues.pop(topic, None)
