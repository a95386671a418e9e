"""One conversation, one turn at a time: Rasa's lock store."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol


class Locks(Protocol):
    def hold(self, sender_id: str) -> AbstractAsyncContextManager[None]:
        """Waits until nobody else has the conversation, and has it until the block ends."""
        ...

    async def close(self) -> None: ...


class LocalLocks:
    """For a server of one process. First come, first served."""

    def __init__(self) -> None:
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    @asynccontextmanager
    async def hold(self, sender_id: str) -> AsyncIterator[None]:
        lock = self._locks.get(sender_id)
        if lock is None:
            self._locks[sender_id] = lock = asyncio.Lock()
        async with lock:
            yield

    async def close(self) -> None:
        return None
