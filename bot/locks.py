"""One conversation, one turn at a time: Rasa's lock store."""

from __future__ import annotations

import asyncio
import secrets
import weakref
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

LIFETIME_SECONDS = 60.0
"""A lock whose holder died is free again after this time; one who lives keeps renewing it."""


class Locks(Protocol):
    def hold(self, sender_id: str) -> AbstractAsyncContextManager[None]:
        """Waits until nobody else has the conversation, and has it until the block ends."""
        ...

    async def close(self) -> None: ...


class LocalLocks:
    """For a server of one process. First come, first served."""

    def __init__(self) -> None:
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    def hold(self, sender_id: str) -> AbstractAsyncContextManager[None]:
        lock = self._locks.get(sender_id)
        if lock is None:
            self._locks[sender_id] = lock = asyncio.Lock()
        return lock

    async def close(self) -> None:
        return None


# The holder's token is compared and the lock taken away in one step; whoever waits is woken by the list beside it.
_RELEASE = """
if redis.call('get', KEYS[1]) == ARGV[1] then
  redis.call('del', KEYS[1])
  redis.call('del', KEYS[2])
  redis.call('lpush', KEYS[2], '1')
  redis.call('pexpire', KEYS[2], ARGV[2])
  return 1
end
return 0
"""
_RENEW = """
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end
return 0
"""


class RedisLocks:
    """For several servers of the same conversations. Those of one process wait in line here first.

    `client` is a `redis.asyncio.Redis`; keys are `{prefix}lock:{sender_id}` with a list `…:free` beside each."""

    def __init__(self, client: Any, *, prefix: str = "", lifetime: float = LIFETIME_SECONDS) -> None:
        self._client = client
        self._prefix = prefix
        self._lifetime = lifetime
        self._local = LocalLocks()
        self._release = client.register_script(_RELEASE)
        self._renew = client.register_script(_RENEW)

    @asynccontextmanager
    async def hold(self, sender_id: str) -> AsyncIterator[None]:
        key, token = f"{self._prefix}lock:{sender_id}", secrets.token_hex(16)
        milliseconds = int(self._lifetime * 1000)
        async with self._local.hold(sender_id):
            while not await self._client.set(key, token, nx=True, px=milliseconds):
                left = await self._client.pttl(key)
                if left > 0:
                    await self._client.blpop(f"{key}:free", timeout=left / 1000)
            renewing = asyncio.create_task(self._keep(key, token))
            try:
                yield
            finally:
                renewing.cancel()
                await self._release(keys=[key, f"{key}:free"], args=[token, milliseconds])

    async def _keep(self, key: str, token: str) -> None:
        while True:
            await asyncio.sleep(self._lifetime / 3)
            await self._renew(keys=[key], args=[token, int(self._lifetime * 1000)])

    async def close(self) -> None:
        await self._client.aclose()
