"""How much one caller may ask: a token bucket for each conversation and each address."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.requests import HTTPConnection

_MOST_CALLERS = 50_000


class RateLimit:
    """`per_minute` in the long run, as many at once."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60
        self._burst = float(per_minute)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, caller: str) -> float:
        """0 when the caller may go on (and counts it), else the seconds until it may."""
        now = self._clock()
        tokens, last = self._buckets.get(caller, (self._burst, now))
        tokens = min(self._burst, tokens + (now - last) * self._rate)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / self._rate
        self._buckets[caller] = (tokens if wait else tokens - 1, now)
        self._buckets.move_to_end(caller)
        while len(self._buckets) > _MOST_CALLERS:
            self._buckets.popitem(last=False)
        return wait


def address(connection: HTTPConnection, trusted_proxies: tuple[str, ...]) -> str:
    """The caller's address; a forwarded one is believed only from a configured proxy."""
    peer = connection.client.host if connection.client else "unknown"
    forwarded = connection.headers.get("x-forwarded-for", "")
    return forwarded.rsplit(",", 1)[-1].strip() if peer in trusted_proxies and forwarded else peer
